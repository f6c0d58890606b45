"""Variants of Adam: another norm (Adamax), a look ahead (NAdam), a warm start (RAdam)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from .blocks import average, descent, in_blocks
from .checks import Foreign, at_least_zero, fractions, pair
from .explain import ALWAYS, Features
from .optimizer import Optimizer, Parameters


class Adamax(Optimizer):
    """Adamax: Adam whose rate comes from the largest recent gradient instead of the average square.

    At step ``t = 1, 2, ...``, with ``(b1, b2) = betas``::

        m <- b1 m + (1 - b1) g
        u <- max(b2 u, |g| + eps)
        p <- p - lr / (1 - b1^t)  m / u

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The rate: about the size of a step of every number.
    betas : pair of float
        The share of the past in the average gradient, and what is left of the largest one, per step.
    eps : float
        Keeps the quotient finite where all gradients were 0.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative, or a beta is not below 1.

    Notes
    -----
    The paper has no ``eps``; it stands where PyTorch has it.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization, 2015, algorithm 2.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.Adamax([w], lr=0.3)
    >>> (w[0] ** 2 / 20 + w[1] ** 2).backward()
    >>> optimizer.step()
    >>> w
    Tensor([-6.7,  1.7], requires_grad=True)
    """

    features: ClassVar[Features] = {
        "momentum": lambda s: {"betas": (0.0, s.betas[1])},
        "bias correction": lambda s: {"step": ALWAYS},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, settings, **foreign)

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "eps", "weight_decay")
        fractions(self, "betas", *pair(self, "betas", group["betas"]))

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The state of a parameter before its first step."""
        return {"step": 0, "exp_avg": np.zeros_like(p), "exp_inf": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        state["step"] += 1
        s, (b1, b2) = settings, settings.betas
        rate = s.lr / (1 - b1 ** state["step"])

        def rule(p: np.ndarray, g: np.ndarray, m: np.ndarray, u: np.ndarray) -> None:
            g = descent(p, g, s)
            average(m, g, 1 - b1)
            np.maximum(b2 * u, np.abs(g) + s.eps, out=u)
            p -= rate * m / u

        in_blocks(rule, p, g, m=state["exp_avg"], u=state["exp_inf"])


class NAdam(Optimizer):
    """NAdam: Adam with Nesterov's momentum, a look one step ahead, which warms up.

    At step ``t = 1, 2, ...``, with ``(b1, b2) = betas``, ``mu_t = b1 (1 - 0.96^(t momentum_decay) / 2)`` and the
    product ``M_t = mu_1 mu_2 ... mu_t``::

        m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2,   v^ = v / (1 - b2^t)
        p <- p - lr ((1 - mu_t) / (1 - M_t) g + mu_(t+1) / (1 - M_(t+1)) m) / (sqrt(v^) + eps)

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The rate: about the size of a step of every number.
    betas : pair of float
        The shares of the past in the two averages, per step.
    eps : float
        Keeps the quotient finite where all gradients were 0.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.
    momentum_decay : float
        How fast ``mu_t`` rises from ``b1 / 2`` to ``b1``, per step.
    decoupled_weight_decay : bool
        Shrink the weights by ``lr weight_decay`` each step instead, as `AdamW` does.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative, or a beta is not below 1.

    References
    ----------
    Dozat, Incorporating Nesterov momentum into Adam, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(5.0, requires_grad=True)
    >>> optimizer = tg.optim.NAdam([w], lr=0.3)
    >>> for _ in range(100):
    ...     optimizer.zero_grad()
    ...     (w * w).backward()
    ...     optimizer.step()
    >>> abs(w.item()) < 0.1
    True
    """

    features: ClassVar[Features] = {
        "momentum": lambda s: {"betas": (0.0, s.betas[1])},
        "bias correction": lambda s: {"step": ALWAYS, "mu_product": 0.0},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum_decay": momentum_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
            },
            **foreign,
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "eps", "weight_decay", "momentum_decay")
        fractions(self, "betas", *pair(self, "betas", group["betas"]))

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The state of a parameter before its first step."""
        return {"step": 0, "mu_product": 1.0, "exp_avg": np.zeros_like(p), "exp_avg_sq": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        state["step"] += 1
        s, t, (b1, b2) = settings, state["step"], settings.betas
        now, ahead = (b1 * (1 - 0.5 * 0.96 ** (k * s.momentum_decay)) for k in (t, t + 1))
        state["mu_product"] *= now
        for_gradient = s.lr * (1 - now) / (1 - state["mu_product"])
        for_average = s.lr * ahead / (1 - state["mu_product"] * ahead)

        def rule(p: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray) -> None:
            g = descent(p, g, s)
            average(m, g, 1 - b1)
            v *= b2
            v += (1 - b2) * g * g
            size = np.sqrt(v / (1 - b2**t)) + s.eps
            p -= for_gradient * g / size
            p -= for_average * m / size

        in_blocks(rule, p, g, m=state["exp_avg"], v=state["exp_avg_sq"])


class RAdam(Optimizer):
    """RAdam: Adam that waits with its rates per number until their variance is known well enough.

    At step ``t = 1, 2, ...``, with ``(b1, b2) = betas``, ``R = 2 / (1 - b2) - 1`` and
    ``r = R - 2 t b2^t / (1 - b2^t)``, about how many gradients the average square has seen::

        m <- b1 m + (1 - b1) g,   m^ = m / (1 - b1^t),   v <- b2 v + (1 - b2) g^2
        r > 5:      p <- p - lr c m^ sqrt(1 - b2^t) / (sqrt(v) + eps)
        otherwise:  p <- p - lr m^
        where       c^2 = (r - 4) (r - 2) R / ((R - 4) (R - 2) r)

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The rate: about the size of a step of every number, once it is adaptive.
    betas : pair of float
        The shares of the past in the two averages, per step.
    eps : float
        Keeps the quotient finite where all gradients were 0.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.
    decoupled_weight_decay : bool
        Shrink the weights by ``lr weight_decay`` each step instead, as `AdamW` does.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative, or a beta is not below 1.

    Notes
    -----
    The paper waits while ``r <= 4``, its authors' code and PyTorch while ``r <= 5``. With ``b2 <= 2/3`` it is never
    more than 5, and all steps are those of momentum.

    References
    ----------
    Liu, Jiang, He, Chen, Liu, Gao and Han, On the variance of the adaptive learning rate and beyond, 2020.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.RAdam([w], lr=0.1)
    >>> (w[0] ** 2 / 20 + w[1] ** 2).backward()
    >>> optimizer.step()  # the first step is that of gradient descent
    >>> w
    Tensor([-6.93,  1.6 ], requires_grad=True)
    """

    features: ClassVar[Features] = {
        "momentum": lambda s: {"betas": (0.0, s.betas[1])},
        "bias correction": lambda s: {"step": ALWAYS},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
            **foreign,
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "eps", "weight_decay")
        fractions(self, "betas", *pair(self, "betas", group["betas"]))

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The state of a parameter before its first step."""
        return {"step": 0, "exp_avg": np.zeros_like(p), "exp_avg_sq": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        state["step"] += 1
        s, t, (b1, b2) = settings, state["step"], settings.betas
        correction = 1 - b2**t
        most = 2 / (1 - b2) - 1
        seen = most - 2 * t * b2**t / correction
        adaptive = seen > 5
        if adaptive:
            known = ((seen - 4) * (seen - 2) * most / ((most - 4) * (most - 2) * seen)) ** 0.5

        def rule(p: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray) -> None:
            g = descent(p, g, s)
            average(m, g, 1 - b1)
            v *= b2
            v += (1 - b2) * g * g
            step = m / (1 - b1**t) * s.lr
            p -= step * (correction**0.5 / (np.sqrt(v) + s.eps)) * known if adaptive else step

        in_blocks(rule, p, g, m=state["exp_avg"], v=state["exp_avg_sq"])
