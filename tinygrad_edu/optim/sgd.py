"""Gradient descent, with and without momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from .blocks import LONG, descent, in_blocks
from .checks import Foreign, at_least_zero
from .explain import Features
from .optimizer import Optimizer, Parameters


class SGD(Optimizer):
    """Gradient descent, optionally with momentum: ``p <- p - lr g``.

    With momentum ``mu`` a buffer ``b``, which starts as the first gradient, gathers the gradients, and the step is::

        b <- mu b + (1 - dampening) g
        p <- p - lr b                       (nesterov: p <- p - lr (g + mu b))

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The rate: parameter units per gradient unit, for one step.
    momentum : float
        The share of the buffer that is left after a step; 0.9 averages over about 10 steps.
    dampening : float
        How much of each gradient after the first is held back. ``dampening=momentum`` is the exponentially weighted
        form ``b <- mu b + (1 - mu) g`` of many courses.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient: that of the penalty ``weight_decay / 2 ||p||^2``. The ``lambda / 2m``
        of a course is ``weight_decay = lambda / m``.
    nesterov : bool
        Take the step with the gradient as it will be after the momentum.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative, or nesterov comes without momentum or with dampening.

    Notes
    -----
    As in PyTorch, `lr` multiplies the buffer. Sutskever's form and TensorFlow's put it inside, ``b <- mu b - lr g;
    p <- p + b``, which is the same path as long as `lr` stays. The exponentially weighted form is the classic one
    with a rate smaller by ``1 - mu``, but for the first step: there the buffer is the whole gradient.

    References
    ----------
    Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
    Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep learning, 2013.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(0.0, requires_grad=True)
    >>> optimizer = tg.optim.SGD([w], lr=0.1, momentum=0.5)
    >>> for _ in range(40):
    ...     optimizer.zero_grad()
    ...     ((w - 5) ** 2).backward()
    ...     optimizer.step()
    >>> round(w.item(), 3)
    5.0
    """

    features: ClassVar[Features] = {
        "momentum": lambda s: {"momentum": 0, "dampening": 0, "nesterov": False},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
            **foreign,
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "momentum", "weight_decay")
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ValueError(
                f"SGD: expected momentum > 0 and dampening = 0 with nesterov, but got momentum={group['momentum']} and "
                f"dampening={group['dampening']}. Write momentum=0.9, for example."
            )

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        s, kept, taken = settings, settings.momentum, 1 - settings.dampening
        if s.momentum and "momentum_buffer" not in state:
            state["momentum_buffer"] = np.zeros_like(p)
            kept, taken = 0, 1  # the first gradient is taken whole

        def rule(p: np.ndarray, g: np.ndarray, b: np.ndarray | None = None) -> None:
            g = descent(p, g, s)
            if b is not None:
                b *= kept
                b += taken * g
                g = g + s.momentum * b if s.nesterov else b
            p -= s.lr * g

        plain = not (s.momentum or s.weight_decay)
        in_blocks(rule, p, g, LONG if plain else 1, b=state["momentum_buffer"] if s.momentum else None)
