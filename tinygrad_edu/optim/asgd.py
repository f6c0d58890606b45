"""Gradient descent that also keeps the average of its path: ASGD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from .blocks import descent, in_blocks
from .checks import Foreign, at_least_zero
from .explain import Features
from .optimizer import Optimizer, Parameters


class ASGD(Optimizer):
    """Averaged gradient descent: the average of the path is closer to the minimum than its noisy end.

    At step ``t = 1, 2, ...``, with ``eta`` starting as `lr`::

        p <- (1 - lambd eta) p - eta g
        a <- a + mu (p - a),               mu = 1 / max(1, t - 1 - t0)
        eta <- lr / (1 + lambd lr t)^alpha

    The average ``a`` of a parameter ``p`` is ``optimizer.state[p]["ax"]``; until step `t0` it is ``p`` itself.

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The first rate.
    lambd : float
        How fast weights and rate decay, per step.
    alpha : float
        The power of the decay of the rate.
    t0 : float
        The step at which averaging starts.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If `lr` or `weight_decay` is negative.

    References
    ----------
    Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992.
    Bottou, Large-scale machine learning with stochastic gradient descent, 2010 (the rates).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(4.0, requires_grad=True)
    >>> optimizer = tg.optim.ASGD([w], lr=0.5, t0=0, lambd=0)
    >>> for g in (1.0, -1.0, 1.0, -1.0):
    ...     (g * w).backward()
    ...     optimizer.step()
    ...     optimizer.zero_grad()
    >>> w.item(), round(float(optimizer.state[w]["ax"]), 2)
    (4.0, 3.83)
    """

    features: ClassVar[Features] = {
        "shrinking": lambda s: {"lambd": 0},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "lambd": lambd,
                "alpha": alpha,
                "t0": t0,
                "weight_decay": weight_decay,
                "maximize": maximize,
            },
            **foreign,
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "weight_decay")

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:
        """The state of a parameter before its first step."""
        return {"step": 0, "eta": float(group["lr"]), "mu": 1.0, "ax": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        state["step"] += 1
        s, t, eta, mu = settings, state["step"], state["eta"], state["mu"]

        def rule(p: np.ndarray, g: np.ndarray, a: np.ndarray) -> None:
            g = descent(p, g, s)
            p *= 1 - s.lambd * eta
            p -= eta * g
            a[...] = p if mu == 1 else a + mu * (p - a)

        in_blocks(rule, p, g, a=state["ax"])
        state["eta"] = s.lr / (1 + s.lambd * s.lr * t) ** s.alpha
        state["mu"] = 1 / max(1, t - s.t0)
