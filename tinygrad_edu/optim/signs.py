"""Steps that take only the sign of a gradient: Rprop and Lion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from .blocks import average, descent, in_blocks
from .checks import Foreign, at_least_zero, fractions, pair
from .explain import Features
from .optimizer import Optimizer, Parameters


class Rprop(Optimizer):
    """Rprop: each number has a step of its own, which grows while its gradient keeps its sign, and shrinks otherwise.

    With ``(minus, plus) = etas`` and ``(least, most) = step_sizes``, and ``d`` starting as `lr`::

        g g_before > 0:  d <- min(plus d, most)
        g g_before < 0:  d <- max(minus d, least),  g <- 0    (no step, and no change of sign next time)
        p <- p - d sign(g)

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The size of the first step.
    etas : pair of float
        By what the step shrinks and grows.
    step_sizes : pair of float
        The least and the largest step.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If `lr` is negative, or `etas` do not lie to either side of 1.

    Notes
    -----
    For whole batches: the sign of a noisy gradient changes by chance. `RMSprop` is its form for mini-batches.

    References
    ----------
    Riedmiller and Braun, A direct adaptive method for faster backpropagation learning: the RPROP algorithm, 1993;
    without its weight-backtracking, as in Igel and Huesken, Improving the Rprop learning algorithm, 2000 (iRprop-).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.Rprop([w], lr=0.1)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w[0] ** 2 / 20 + w[1] ** 2).backward()
    ...     optimizer.step()  # steps of 0.1 and 0.12, however steep
    >>> w
    Tensor([-6.78,  1.78], requires_grad=True)
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}, **foreign)

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr")
        minus, plus = pair(self, "etas", group["etas"])
        pair(self, "step_sizes", group["step_sizes"])
        if not 0 < minus < 1 < plus:
            raise ValueError(
                f"Rprop: expected etas with 0 < etas[0] < 1 < etas[1], but got {(minus, plus)}. "
                f"The step shrinks by the first and grows by the second: (0.5, 1.2)."
            )

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:
        """The state of a parameter before its first step."""
        return {"step": 0, "prev": np.zeros_like(p), "step_size": np.full_like(p, float(group["lr"]))}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        state["step"] += 1
        (minus, plus), (least, most) = settings.etas, settings.step_sizes
        upwards = settings.maximize

        def rule(p: np.ndarray, g: np.ndarray, before: np.ndarray, d: np.ndarray) -> None:
            g = -g if upwards else g
            kept = g * before
            d *= np.where(kept > 0, plus, np.where(kept < 0, minus, 1)).astype(d.dtype)
            np.clip(d, least, most, out=d)
            before[...] = np.where(kept < 0, 0, g)
            p -= np.sign(before) * d

        in_blocks(rule, p, g, before=state["prev"], d=state["step_size"])


class Lion(Optimizer):
    """Lion: the sign of a momentum, with one average only, and decoupled weight decay.

    With ``(b1, b2) = betas``::

        p <- p - lr (sign(b1 m + (1 - b1) g) + weight_decay p)
        m <- b2 m + (1 - b2) g

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The size of the step of every number; the paper takes a third to a tenth of Adam's.
    betas : pair of float
        The share of the past in the direction of a step, and in the average that is kept.
    weight_decay : float
        How fast the weights shrink: by ``lr weight_decay`` of themselves per step; 3 to 10 times Adam's.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative, or a beta is not below 1.

    Notes
    -----
    PyTorch has no Lion; arguments and defaults are those of the authors' own.

    References
    ----------
    Chen et al., Symbolic discovery of optimization algorithms, 2023, algorithm 2.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.Lion([w], lr=0.1)
    >>> (w[0] ** 2 / 20 + w[1] ** 2).backward()
    >>> optimizer.step()
    >>> w
    Tensor([-6.9,  1.9], requires_grad=True)
    """

    features: ClassVar[Features] = {
        "momentum": lambda s: {"betas": (0.0, s.betas[1])},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, {**settings, "decoupled_weight_decay": True})

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "weight_decay")
        fractions(self, "betas", *pair(self, "betas", group["betas"]))

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The state of a parameter before its first step."""
        return {"exp_avg": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        s, (b1, b2) = settings, settings.betas

        def rule(p: np.ndarray, g: np.ndarray, m: np.ndarray) -> None:
            g = descent(p, g, s)
            p -= s.lr * np.sign(b1 * m + (1 - b1) * g)
            average(m, g, 1 - b2)

        in_blocks(rule, p, g, m=state["exp_avg"])
