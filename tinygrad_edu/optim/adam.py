"""Momentum and a rate for every single number, both from averages corrected for their start: Adam and AdamW."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from .blocks import average, descent, in_blocks
from .checks import Foreign, at_least_zero, fractions, pair
from .explain import ALWAYS, Features
from .optimizer import Optimizer, Parameters


class Adam(Optimizer):
    """Adam: momentum, with each number's rate from the recent size of its gradients.

    At step ``t = 1, 2, ...``, with ``(b1, b2) = betas``::

        m <- b1 m + (1 - b1) g          the average gradient, from 0
        v <- b2 v + (1 - b2) g^2        its average square, from 0
        p <- p - lr m^ / (sqrt(v^) + eps),   m^ = m / (1 - b1^t),  v^ = v / (1 - b2^t)

    ``m^`` and ``v^`` are the averages corrected for their start at 0: of a constant gradient they are that gradient
    and its square from the first step on.

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
        Adds ``weight_decay p`` to the gradient, and so to both averages: a penalty, but not the same as shrinking the
        weights, which is `AdamW`.
    amsgrad : bool
        Divide by the largest ``v`` so far, so that no rate grows again.
    maximize : bool
        Climb instead of descending.
    decoupled_weight_decay : bool
        Shrink the weights by ``lr weight_decay`` each step instead, as `AdamW` does.

    Raises
    ------
    ValueError
        If a setting is negative, or a beta is not below 1.

    Notes
    -----
    ``eps`` stands outside the root, as in the paper and in PyTorch; some texts write ``sqrt(v^ + eps)``. TensorFlow's
    ``eps`` is added before the correction of ``v`` (the "eps hat" of the paper). With ``amsgrad`` PyTorch, and so this
    class, takes the largest ``v`` and corrects it afterwards; the paper has no correction.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization, 2015, algorithm 1.
    Reddi, Kale and Kumar, On the convergence of Adam and beyond, 2018 (amsgrad).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([-7.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.Adam([w], lr=0.3)
    >>> (w[0] ** 2 / 20 + w[1] ** 2).backward()
    >>> optimizer.step()  # both move by 0.3, however steep
    >>> w
    Tensor([-6.7,  1.7], requires_grad=True)
    """

    features: ClassVar[Features] = {
        "amsgrad": lambda s: {"amsgrad": False},
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
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
            **foreign,
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "eps", "weight_decay")
        fractions(self, "betas", *pair(self, "betas", group["betas"]))

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:
        """The state of a parameter before its first step."""
        state = {"step": 0, "exp_avg": np.zeros_like(p), "exp_avg_sq": np.zeros_like(p)}
        return {**state, "max_exp_avg_sq": np.zeros_like(p)} if group["amsgrad"] else state

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        state["step"] += 1
        s, t, (b1, b2) = settings, state["step"], settings.betas
        rate, correction = s.lr / (1 - b1**t), (1 - b2**t) ** 0.5

        def rule(p: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray, largest: np.ndarray | None = None) -> None:
            g = descent(p, g, s)
            term = np.empty_like(p)  # for all operations: a new array for each took a fifth longer
            average(m, g, 1 - b1, term)
            np.multiply(g, 1 - b2, out=term)
            term *= g
            v *= b2
            v += term
            if largest is not None:
                v = np.maximum(largest, v, out=largest)
            np.sqrt(v, out=term)
            term /= correction
            term += s.eps
            p -= np.divide(rate * m, term, out=term)  # PyTorch's order of operations, to the last digit

        largest = state["max_exp_avg_sq"] if s.amsgrad else None
        in_blocks(rule, p, g, m=state["exp_avg"], v=state["exp_avg_sq"], largest=largest)


class AdamW(Adam):
    """Adam with decoupled weight decay: the weights shrink by themselves, past the averages.

    ::

        p <- (1 - lr weight_decay) p,   then the step of `Adam` with the bare gradient

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
        How fast the weights shrink: by ``lr weight_decay`` of themselves per step.
    amsgrad : bool
        Divide by the largest ``v`` so far, so that no rate grows again.
    maximize : bool
        Climb instead of descending.

    Raises
    ------
    ValueError
        If a setting is negative, or a beta is not below 1.

    Notes
    -----
    In `SGD` a penalty on the weights and shrinking them are the same; in Adam they are not, as the penalty's gradient
    is divided by the size of the whole gradient. The paper has no `lr` in the shrinkage, PyTorch and this class do.

    References
    ----------
    Loshchilov and Hutter, Decoupled weight decay regularization, 2019.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([4.0, -4.0], requires_grad=True)
    >>> optimizer = tg.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (0 * w).sum().backward()
    >>> optimizer.step()  # no gradient: the weights shrink by 5 %
    >>> w
    Tensor([ 3.8, -3.8], requires_grad=True)
    """

    fixed: ClassVar[Mapping[str, Any]] = {"decoupled_weight_decay": True}

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **foreign: Unpack[Foreign],
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True, **foreign
        )
