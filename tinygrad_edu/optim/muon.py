"""Steps whose matrix has all directions alike: Muon."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from .blocks import average
from .checks import at_least_zero
from .explain import Features
from .optimizer import Optimizer, Parameters


class Muon(Optimizer):
    """Muon: momentum, made orthogonal. For the weight matrices of hidden layers; leave the rest to `AdamW`.

    With the average ``b <- momentum b + (1 - momentum) g``, and nesterov's ``u = momentum b + (1 - momentum) g`` or
    else ``u = b``::

        p <- (1 - lr weight_decay) p
        p <- p - lr c O(u),   c = sqrt(max(1, rows / columns))

    ``O(U S V^T)`` is near ``U V^T``: all singular values come to between about 0.7 and 1.2, so that the directions
    that gradients rarely take get as long a step as the others. No decomposition is needed: from ``x = u / ||u||``
    the odd polynomial ``x <- a x + (b A + c A^2) x`` with ``A = x x^T`` is applied `ns_steps` times.

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or of dict
        Matrices to optimize, or groups of them with settings of their own.
    lr : float
        The rate.
    weight_decay : float
        How fast the weights shrink: by ``lr weight_decay`` of themselves per step.
    momentum : float
        The share of the past in the average, per step.
    nesterov : bool
        Look one step ahead.
    ns_coefficients : tuple of 3 floats
        ``a, b, c`` of the polynomial.
    eps : float
        The least norm that is divided by.
    ns_steps : int
        How often the polynomial is applied; below 100.
    adjust_lr_fn : {"original", "match_rms_adamw"}, optional
        ``c`` as above, or ``0.2 sqrt(max(rows, columns))``, with which rate and decay found for AdamW serve.

    Raises
    ------
    ValueError
        If a parameter is not a matrix, or a setting is out of its range.

    Notes
    -----
    PyTorch applies the polynomial in bfloat16, which NumPy does not have; here it is applied in the dtype of the
    parameter. The paths differ by that rounding.

    References
    ----------
    Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024.
    Liu et al., Muon is scalable for LLM training, 2025 (match_rms_adamw).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.zeros((2, 2), requires_grad=True)
    >>> optimizer = tg.optim.Muon([w], lr=1.0)
    >>> (w * tg.Tensor([[100.0, 0.0], [0.0, 1.0]])).sum().backward()
    >>> optimizer.step()
    >>> bool((abs(w.data.diagonal() + 0.95) < 0.3).all())  # both steps about 1, though the gradients are 100 : 1
    True
    """

    features: ClassVar[Features] = {
        "momentum": lambda s: {"momentum": 0},
        "weight decay": lambda s: {"weight_decay": 0},
    }

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "weight_decay": weight_decay,
                "momentum": momentum,
                "nesterov": nesterov,
                "ns_coefficients": ns_coefficients,
                "eps": eps,
                "ns_steps": ns_steps,
                "adjust_lr_fn": adjust_lr_fn,
            },
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range, or a parameter is not a matrix."""
        at_least_zero(self, group, "lr", "weight_decay", "momentum", "eps", "ns_steps")
        for p in group.get("params", ()):
            if p.ndim != 2:
                raise ValueError(
                    f"Muon: expected matrices, but got a parameter of shape {p.shape}. Give it to AdamW instead."
                )
        if group["ns_steps"] >= 100 or len(group["ns_coefficients"]) != 3:
            raise ValueError(
                f"Muon: expected ns_steps < 100 and 3 ns_coefficients, but got {group['ns_steps']} and "
                f"{group['ns_coefficients']}. Leave them at their defaults if in doubt."
            )
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                f"Muon: expected adjust_lr_fn None, 'original' or 'match_rms_adamw', but got "
                f"{group['adjust_lr_fn']!r}. None is 'original'."
            )

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The state of a parameter before its first step."""
        return {"momentum_buffer": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, state: dict[str, Any], settings: Any) -> None:
        """One step of one parameter, in place."""
        s, b, (rows, columns) = settings, state["momentum_buffer"], p.shape
        average(b, g, 1 - s.momentum)
        if s.nesterov:
            ahead = np.array(g)
            average(ahead, b, s.momentum)
        else:
            ahead = b
        if s.adjust_lr_fn == "match_rms_adamw":
            factor = 0.2 * math.sqrt(max(rows, columns))
        else:
            factor = math.sqrt(max(1, rows / columns))
        p *= 1 - s.lr * s.weight_decay
        p -= s.lr * factor * orthogonal(ahead, s.ns_coefficients, s.ns_steps, s.eps)


def orthogonal(u: np.ndarray, coefficients: tuple[float, float, float], steps: int, eps: float) -> np.ndarray:
    """Nearly ``U V^T`` of ``u = U S V^T``, by an odd polynomial of `u`, applied `steps` times."""
    a, b, c = coefficients
    x = u.T if u.shape[0] > u.shape[1] else u  # the smaller of the two products x x^T and x^T x
    x = x / max(float(np.sqrt((x * x).sum())), eps)  # singular values of at most 1
    for _ in range(steps):  # x <- (a + b A + c A^2) x,  A = x x^T
        squares = x @ x.T
        polynomial = squares @ squares.T  # it is symmetric: said so, BLAS needs half the work
        polynomial *= c
        squares *= b
        polynomial += squares
        polynomial.flat[:: len(polynomial) + 1] += a
        x = polynomial @ x
    return x.T if u.shape[0] > u.shape[1] else x
