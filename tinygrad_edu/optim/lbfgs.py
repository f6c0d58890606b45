"""Steps that know the curvature from the gradients before: L-BFGS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .. import memory
from ..context import enable_grad
from .checks import at_least_zero
from .line_search import Point, strong_wolfe
from .optimizer import Loss, Optimizer, Parameters


class LBFGS(Optimizer):
    """L-BFGS: steps as Newton's method would take them, with the curvature guessed from the last gradients.

    With ``s`` how far a step went and ``y`` by how much it changed the gradient, the pairs of the last `history_size`
    steps define a matrix ``H`` near the inverse of the Hessian, with ``H y = s`` for the last pair, and::

        d <- -H g
        p <- p + t d,   t = lr, or what the line search finds

    Parameters
    ----------
    params : iterable of Tensor, of (name, Tensor), or a single group
        What to optimize.
    lr : float
        ``t`` without, and where the search begins with, a line search. The very first step is no longer than `lr`.
    max_iter : int
        How many times ``p`` is moved in one call of `step`.
    max_eval : int, optional
        How many evaluations of the loss one `step` may take; ``1.25 max_iter`` if not given.
    tolerance_grad : float
        Done when no entry of the gradient is larger.
    tolerance_change : float
        Done when neither the parameters nor the loss change by more.
    history_size : int
        How many pairs are kept.
    line_search_fn : {None, "strong_wolfe"}
        How ``t`` is found. Without a search the loss may rise.

    Raises
    ------
    ValueError
        If a setting is out of its range, or there is more than one group.

    Notes
    -----
    For whole batches, and losses without noise. `step` needs a closure, which it calls several times.

    References
    ----------
    Liu and Nocedal, On the limited memory BFGS method for large scale optimization, 1989.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> p = tg.Tensor([-1.0, 2.0], requires_grad=True)
    >>> optimizer = tg.optim.LBFGS([p], max_iter=50, line_search_fn="strong_wolfe")
    >>> def closure():  # Rosenbrock's valley, least at (1, 1)
    ...     optimizer.zero_grad()
    ...     loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> first = optimizer.step(closure)
    >>> [round(x, 3) for x in p.tolist()]
    [1.0, 1.0]
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "max_iter": max_iter,
                "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                "tolerance_grad": tolerance_grad,
                "tolerance_change": tolerance_change,
                "history_size": history_size,
                "line_search_fn": line_search_fn,
            },
        )

    def check(self, group: Mapping[str, Any]) -> None:
        """Raise if a setting of `group` is out of its range."""
        at_least_zero(self, group, "lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change", "history_size")
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                f"LBFGS: expected line_search_fn None or 'strong_wolfe', but got {group['line_search_fn']!r}. "
                f"Take 'strong_wolfe' if in doubt."
            )

    def begin(self, p: np.ndarray, group: Mapping[str, Any]) -> dict[str, Any]:
        """The state before the first move: vectors over all parameters, pairs of ``y, s`` and ``1 / (y s)``, counts."""
        flat = np.zeros(sum(each.size for each in group["params"]), p.dtype)
        return {
            "func_evals": 0,
            "n_iter": 0,
            "d": flat,
            "t": 0.0,
            "old_dirs": [],
            "old_stps": [],
            "ro": [],
            "H_diag": 1.0,
            "prev_flat_grad": flat,
            "prev_loss": 0.0,
        }

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add the parameters: there can be one group only."""
        if self.param_groups:
            raise ValueError("LBFGS: expected one group, but got another. Put all parameters into one list.")
        super().add_param_group(param_group)

    def step(self, closure: Callable[[], Loss] | None = None) -> Loss:
        """Go on for up to `max_iter` moves.

        Parameters
        ----------
        closure : callable
            Computes the loss anew, calls its backward, and returns it.

        Returns
        -------
        object
            What `closure` returned before the first move.
        """
        if closure is None:
            raise TypeError(
                "LBFGS.step: expected a closure, but got none. Define one that calls optimizer.zero_grad(), computes "
                "the loss, calls its backward() and returns it."
            )
        (group,) = self.param_groups
        owner = group["params"][0]  # the state is that of all parameters; PyTorch keeps it with the first, too
        state = self.state.setdefault(owner, self.begin(owner.data, group))
        first = self._call(closure)
        loss, g, evaluated, moves = float(first), self._gradient(), 1, 0  # type: ignore[arg-type]
        state["func_evals"] += 1
        optimal = _largest(g) <= group["tolerance_grad"]
        while moves < group["max_iter"] and not optimal:
            moves, state["n_iter"] = moves + 1, state["n_iter"] + 1
            t = float(group["lr"])
            if state["n_iter"] == 1:
                t *= min(1.0, 1.0 / float(np.abs(g).sum()))
                state["d"] = -g
            else:
                _remember(state, g, group["history_size"])
                state["d"] = _newton(state, g)
            d, before = state["d"], loss
            state.update(t=t, prev_flat_grad=g, prev_loss=loss)
            slope = float(g @ d)
            if slope > -group["tolerance_change"]:
                break
            calls = 0
            if group["line_search_fn"] is not None:
                x = [p.data.copy() for p in group["params"]]

                def evaluate(t: float, x: list[np.ndarray] = x, d: np.ndarray = d) -> Point:
                    self._move(t, d)
                    loss = float(self._call(closure))  # type: ignore[arg-type]
                    g = self._gradient()
                    self._return(x)
                    return Point(t, loss, g, float(g @ d))

                most = group["max_eval"] - evaluated
                start = Point(0.0, loss, g, slope)
                found, calls = strong_wolfe(evaluate, start, t, _largest(d), most, group["tolerance_change"])
                t, loss, g, _ = found
                state["t"] = t
                self._move(t, d)
            else:
                self._move(t, d)
                if moves != group["max_iter"]:  # the last loss would not be used
                    loss, g, calls = float(self._call(closure)), self._gradient(), 1  # type: ignore[arg-type]
            evaluated, state["func_evals"] = evaluated + calls, state["func_evals"] + calls
            optimal = _largest(g) <= group["tolerance_grad"]
            small = _largest(d * t) <= group["tolerance_change"] or abs(loss - before) < group["tolerance_change"]
            if evaluated >= group["max_eval"] or small:
                break
        return first

    def explain(self) -> list[dict[str, np.ndarray]]:
        """There are no parts of a step: it depends on losses that are yet to be computed."""
        raise NotImplementedError(
            "LBFGS.explain: expected a rule without a closure. Take another optimizer to see parts."
        )

    @staticmethod
    def _call(closure: Callable[[], Loss]) -> Loss:
        with enable_grad():
            return closure()

    def _gradient(self) -> np.ndarray:
        """The gradients of all parameters, one after the other."""
        return np.concatenate(
            [np.zeros(p.size, p.dtype) if p.grad is None else np.ravel(p.grad) for p in self._parameters()]
        )

    def _move(self, t: float, d: np.ndarray) -> None:
        """Add ``t d`` to the parameters."""
        start = 0
        for p in self._parameters():
            p._data += t * d[start : start + p.size].reshape(p.shape)
            memory.stamp(p._data)
            start += p.size

    def _return(self, x: list[np.ndarray]) -> None:
        """Set the parameters back to `x`."""
        for p, old in zip(self._parameters(), x, strict=True):
            p._data[...] = old
            memory.stamp(p._data)


def _largest(x: np.ndarray) -> float:
    return float(np.abs(x).max(initial=0))


def _remember(state: dict[str, Any], g: np.ndarray, history_size: int) -> None:
    """Keep how far the last step went and by how much it changed the gradient, if it went uphill in slope."""
    y, s = g - state["prev_flat_grad"], state["d"] * state["t"]
    curvature = float(y @ s)
    if curvature > 1e-10:
        if len(state["old_dirs"]) == history_size:
            for pairs in (state["old_dirs"], state["old_stps"], state["ro"]):
                pairs.pop(0)
        state["old_dirs"].append(y)
        state["old_stps"].append(s)
        state["ro"].append(1.0 / curvature)
        state["H_diag"] = curvature / float(y @ y)


def _newton(state: dict[str, Any], g: np.ndarray) -> np.ndarray:
    """``-H g``, by the two loops over the pairs that are kept: from the newest to the oldest, and back."""
    pairs = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
    q: np.ndarray = -g
    shares = []
    for y, s, r in reversed(pairs):
        shares.append(float(s @ q) * r)
        q = q - shares[-1] * y
    d: np.ndarray = q * state["H_diag"]
    for (y, s, r), share in zip(pairs, reversed(shares), strict=True):
        d = d + (share - float(y @ d) * r) * s
    return d
