"""A rate for every single number, from the size of its gradients so far: Adagrad, RMSprop and Adadelta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from .blocks import average, descent, in_blocks
from .checks import Foreign, at_least_zero, fractions
from .explain import Features
from .optimizer import Optimizer, Parameters


class Adagrad(Optimizer):
    """Adagrad: each number's rate falls with the sum of its squared gradients.

    At step ``t = 1, 2, ...``::

        v <- v + g^2
        p <- p - lr / (1 + (t - 1) lr_decay)  g / (sqrt(v) + eps)

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The rate: the size of the first step of every number.
    lr_decay : float
        Lets the rate fall as ``lr / (1 + (t - 1) lr_decay)``, per step.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.
    initial_accumulator_value : float
        Where ``v`` starts.
    eps : float
        Keeps the quotient finite where all gradients were 0.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative.

    Notes
    -----
    ``eps`` stands outside the root, as in PyTorch; some texts write ``sqrt(v + eps)``, which differs by less than
    ``sqrt(eps)`` where ``v`` is 0, and by next to nothing elsewhere. ``v`` never falls, so the steps get ever smaller:
    `RMSprop` forgets instead.

    References
    ----------
    Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic optimization, 2011.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.Adagrad([w], lr=0.95)
    >>> (w[0] ** 2 / 20 + w[1] ** 2).backward()
    >>> optimizer.step()  # both move by 0.95, however steep
    >>> w
    Tensor([-6.05,  1.05], requires_grad=True)
    """

    features: ClassVar[Features] = {
        "rate decay": lambda s: {"lr_decay": 0},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "eps": eps,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "maximize": maximize,
            },
            **foreign,
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:
        """The state of a parameter before its first step."""
        return {"step": 0, "sum": np.full_like(p, group["initial_accumulator_value"])}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        s, rate = settings, settings.lr / (1 + state["step"] * settings.lr_decay)
        state["step"] += 1

        def rule(p: np.ndarray, g: np.ndarray, v: np.ndarray) -> None:
            g = descent(p, g, s)
            v += g * g
            p -= rate * g / (np.sqrt(v) + s.eps)

        in_blocks(rule, p, g, v=state["sum"])


class RMSprop(Optimizer):
    """RMSprop: each number's rate falls with the recent size of its gradients, an exponentially weighted average.

    ::

        v <- alpha v + (1 - alpha) g^2
        p <- p - lr g / (sqrt(v) + eps)

    With ``centered`` the average gradient ``m <- alpha m + (1 - alpha) g`` is taken off, so that the root holds the
    variance ``v - m^2``; with ``momentum`` a buffer gathers the steps: ``b <- momentum b + g / (...); p <- p - lr b``.

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        The rate: about the size of a step of every number.
    alpha : float
        The share of the past in the average (``gamma`` or ``beta`` elsewhere); 0.99 looks back over about 100 steps.
    eps : float
        Keeps the quotient finite where all gradients were 0.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.
    momentum : float
        The share of the buffer that is left after a step.
    centered : bool
        Divide by the standard deviation of the gradient instead of its root mean square.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative.

    Notes
    -----
    As in PyTorch ``eps`` stands outside the root (TensorFlow and some texts: inside), and the average starts at 0
    without a correction, so that the first steps are up to ``1 / sqrt(1 - alpha)`` times longer: `Adam` corrects that.
    Where rounding makes the variance negative it is taken as 0; PyTorch gives NaN there.

    References
    ----------
    Tieleman and Hinton, Lecture 6.5 - RMSProp, Coursera: Neural networks for machine learning, 2012.
    Graves, Generating sequences with recurrent neural networks, 2013 (centered).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.RMSprop([w], lr=0.01)
    >>> (w[0] ** 2 / 20 + w[1] ** 2).backward()
    >>> optimizer.step()
    >>> w
    Tensor([-6.9,  1.9], requires_grad=True)
    """

    features: ClassVar[Features] = {
        "centering": lambda s: {"centered": False},
        "momentum": lambda s: {"momentum": 0},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "alpha": alpha,
                "eps": eps,
                "centered": centered,
                "weight_decay": weight_decay,
                "maximize": maximize,
            },
            **foreign,
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "momentum", "alpha", "eps", "weight_decay")

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:
        """The state of a parameter before its first step."""
        state: dict[str, Any] = {"step": 0, "square_avg": np.zeros_like(p)}
        if group["momentum"]:
            state["momentum_buffer"] = np.zeros_like(p)
        if group["centered"]:
            state["grad_avg"] = np.zeros_like(p)
        return state

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        s = settings
        state["step"] += 1

        def rule(
            p: np.ndarray, g: np.ndarray, v: np.ndarray, m: np.ndarray | None = None, b: np.ndarray | None = None
        ) -> None:
            g = descent(p, g, s)
            v *= s.alpha
            v += (1 - s.alpha) * g * g
            if m is not None:
                average(m, g, 1 - s.alpha)
                v = np.maximum(v - m * m, 0)
            size = np.sqrt(v) + s.eps
            if b is None:
                p -= s.lr * g / size
            else:
                b *= s.momentum
                b += g / size
                p -= s.lr * b

        m = state["grad_avg"] if s.centered else None
        in_blocks(rule, p, g, v=state["square_avg"], m=m, b=state["momentum_buffer"] if s.momentum else None)


class Adadelta(Optimizer):
    """Adadelta: RMSprop whose rate is the recent size of its own steps, so that the step has the parameter's units.

    ::

        v <- rho v + (1 - rho) g^2
        d <- sqrt(u + eps) / sqrt(v + eps)  g
        u <- rho u + (1 - rho) d^2
        p <- p - lr d

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        What to optimize, or groups of it with settings of their own.
    lr : float
        A factor for the step; 1 is the paper's rule, which has no rate.
    rho : float
        The share of the past in both averages, per step.
    eps : float
        Inside both roots; the first steps are about ``sqrt(eps)`` long.
    weight_decay : float
        Adds ``weight_decay p`` to the gradient.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative, or `rho` is not below 1.

    References
    ----------
    Zeiler, ADADELTA: an adaptive learning rate method, 2012.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.Adadelta([w], lr=100)
    >>> (w[0] ** 2 / 20 + w[1] ** 2).backward()
    >>> optimizer.step()
    >>> [round(x, 2) for x in w.tolist()]
    [-6.68, 1.68]
    """

    features: ClassVar[Features] = {
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        settings = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, settings, **foreign)

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "eps", "weight_decay")
        fractions(self, "rho", group["rho"])

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The state of a parameter before its first step."""
        return {"step": 0, "square_avg": np.zeros_like(p), "acc_delta": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        state["step"] += 1
        s = settings

        def rule(p: np.ndarray, g: np.ndarray, v: np.ndarray, u: np.ndarray) -> None:
            g = descent(p, g, s)
            v *= s.rho
            v += (1 - s.rho) * g * g
            d = np.sqrt(u + s.eps) / np.sqrt(v + s.eps) * g
            u *= s.rho
            u += (1 - s.rho) * d * d
            p -= s.lr * d

        in_blocks(rule, p, g, v=state["square_avg"], u=state["acc_delta"])
