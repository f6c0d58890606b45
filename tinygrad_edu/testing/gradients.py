"""The proof of a gradient: backpropagation against central differences."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..sweep import history
from ..tensor import Tensor
from .mismatch import Mismatch, Tolerance, has_kink, mismatches
from .point import Point, array_of, is_floating


class GradientError(AssertionError):
    """A gradient that is not what the differences say.

    Attributes
    ----------
    op : str or None
        The op on the graph whose formula is wrong, if one is by itself.
    input : str
        For what the gradient is: ``input 0``, ``parameter weight``.
    index : tuple of ints or None
        Where it is wrong; None if no single element could be told.
    got, wanted : float
        What backpropagation gave, and what the differences say.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.testing import GradientError, check_gradients
    >>> @tg.differentiable(lambda g, y, x: 2 * g * x**2)
    ... def cube(x):
    ...     return x**3
    >>> try:
    ...     check_gradients(lambda x: cube(x).sum(), np.array([1.0, 2.0]))
    ... except GradientError as error:
    ...     print(error.op, error.input, error.index, round(error.got), round(error.wanted))
    cube input 0 (1,) 8 12
    """

    op: str | None
    input: str
    index: tuple[int, ...] | None
    got: float
    wanted: float


def check_gradients(
    f: Callable[..., Any],
    *inputs: Any,
    order: int = 1,
    parameters: Iterable[Tensor] | None = None,
    eps: float = 1e-5,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    rng: int | np.random.Generator = 0,
) -> None:
    """Check the gradients of a function by central differences; an error says where they are wrong.

    For a random cotangent c and random directions d, backpropagation must give

        <gradient of <c, f> at x, d> = <c, f(x + eps d) - f(x - eps d)> / (2 eps)

    along each input separately, then along all of them at once. For ``order=2`` it must hold for the gradient itself
    too: for each pair of inputs, and for the dependence on c. The cotangent of an array is never all ones: a softmax,
    whose sum is constant, would then pass with a gradient of zeros.

    Parameters
    ----------
    f : callable
        A function of Tensors that returns a Tensor, or a tuple of them; an op, a layer, a loss. It is called with the
        random generator in the same state each time, so that dropout drops the same.
    *inputs : array_like
        Where: floating arrays, Tensors and Python floats are checked, taken in float64 also where they are float32;
        everything else (integers, labels, None) is handed on.
    order : int
        1, or 2 for the gradient of the gradient as well.
    parameters : iterable of Tensors, optional
        Leaves to be checked that `f` reads without taking them; by default those of `f`, if it is a module. Those that
        do not require grad are left out.
    eps : float
        The step of the differences.
    rtol, atol : float
        How far the two may differ: by ``atol + rtol * |wanted|``, and by what rounding does to the differences.
    rng : int or Generator
        What the cotangent and the directions are drawn from.

    Raises
    ------
    GradientError
        If a gradient is wrong; the text names the op at fault, if it is one of those on the graph, and says if the
        op merely has a kink there.
    ValueError
        If there is nothing to check, or `f` is not finite here, or gives another value when called again.
    TypeError
        If `f` does not return a Tensor that depends on the inputs.

    References
    ----------
    Andreas Griewank and Andrea Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.testing import check_gradients
    >>> check_gradients(tg.tanh, np.array([0.5, -1.0]), order=2)
    >>> check_gradients(lambda a, b: a @ b, np.ones((2, 3)), np.ones(3))
    >>> @tg.differentiable(lambda g, y, x: 2 * g * x**2)
    ... def cube(x):
    ...     return x**3
    >>> check_gradients(cube, 2.0)
    Traceback (most recent call last):
    ...
    tinygrad_edu.testing.gradients.GradientError: check_gradients: expected the gradient for input 0, shape (), of cube
    to be 12, but got 8. The formula of the op cube for its argument x is wrong.
    """
    if not callable(f):
        raise TypeError(
            f"check_gradients: expected a function of tensors, but got {type(f).__name__}. "
            f"Write check_gradients(lambda x: ..., x)."
        )
    if order not in (1, 2):
        raise ValueError(f"check_gradients: expected order=1 or order=2, but got {order!r}. Nest it in grad for more.")
    if parameters is not None:
        named = {p.name or str(i): p for i, p in enumerate(parameters)}
    else:
        named = dict(f.named_parameters()) if hasattr(f, "named_parameters") else {}
    named = {name: p for name, p in named.items() if p.requires_grad}
    point = Point(f, inputs, [i for i, x in enumerate(inputs) if is_floating(x)], named)
    if not point.values:
        kinds = ", ".join(type(x).__name__ for x in inputs) or "none"
        raise ValueError(
            f"check_gradients: expected floating inputs to differentiate by, but got {kinds}. "
            f"Pass float arrays: np.array([1.0, 2.0])."
        )
    tolerance = Tolerance(eps, rtol, atol)
    with point.restored():
        for part in _parts(point):
            point.part = part
            _refuse_changing(point)
            found = next(mismatches(point, order, tolerance, np.random.default_rng(rng)), None)
            if found is not None:
                raise _error(point, found, order, tolerance)


def _parts(point: Point) -> list[int | None]:
    """Which of several results of the function are floating, and so have gradients; ``[None]`` for a single one."""
    y = point.run(point.values, record=True)[1]
    if not isinstance(y, (tuple, list)):
        _refuse(point, y)
        return [None]
    parts = [i for i, each in enumerate(y) if is_floating(each)]
    if not parts:
        raise TypeError(
            f"check_gradients: expected {_name(point)} to return floating Tensors, but got "
            f"{', '.join(type(each).__name__ for each in y) or 'nothing'}. Return what is to be differentiated."
        )
    for i in parts:
        _refuse(point, y[i])
    return [*parts]


def _refuse(point: Point, y: Any) -> None:
    """Raise if `y` is not something whose gradients can be checked."""
    name = _name(point)
    if not isinstance(y, Tensor):
        raise TypeError(
            f"check_gradients: expected {name} to return a Tensor, but got {type(y).__name__}. "
            f"Compute with ops of tinygrad_edu, and without .data, .numpy() or .item()."
        )
    if not y.requires_grad:
        raise TypeError(
            f"check_gradients: expected the result of {name} to depend on its inputs, but it has no history: "
            f"shape {y.shape}, dtype {y.dtype}. Look for an op without a derivative (argmax, a comparison, detach), "
            f"no_grad, .data or .item()."
        )
    if y.dtype != np.float64:
        raise TypeError(
            f"check_gradients: expected {name} to return float64 for float64 inputs, but got {y.dtype}, too coarse for "
            f"differences. Take the astype out, or convert the constants."
        )
    bad = np.argwhere(~np.isfinite(y.data))
    if len(bad):
        at = tuple(map(int, bad[0]))
        raise ValueError(
            f"check_gradients: expected finite values of {name}, but got {y.data[at]} at index {at}. "
            f"Choose inputs at which it is defined."
        )


def _refuse_changing(point: Point) -> None:
    """Raise if the function gives another value when it is called again."""
    first, again = (array_of(point.run(point.values, record)[1]) for record in (True, False))
    if not np.allclose(first, again, rtol=1e-9, atol=1e-12):
        raise ValueError(
            f"check_gradients: expected {_name(point)} to give the same value for the same inputs, but it does not. "
            f"Draw its random numbers from tinygrad_edu.random.generator(), and keep no state."
        )


def _error(point: Point, found: Mismatch, order: int, tolerance: Tolerance) -> GradientError:
    """The error for a mismatch, with the op whose formula is to blame."""
    shape, where = point.values[found.place].shape, f" at index {found.index}" if found.index else ""
    op, cure = _blame(point, order, tolerance)
    error = GradientError(
        f"check_gradients: expected the {found.what}, shape {shape}, of {_name(point)} to be {found.wanted:.8g}"
        f"{where}, but got {found.got:.8g}. {cure}"
    )
    error.op, error.input, error.index = op, point.label(found.place), found.index
    error.got, error.wanted = found.got, found.wanted
    return error


def _blame(point: Point, order: int, tolerance: Tolerance) -> tuple[str | None, str]:
    """The op on the graph whose gradient is wrong by itself, and what to say of it."""
    for node in reversed(history(point.run(point.values, record=True)[1])):
        if node.op is None:
            continue
        name, params = node.op.__name__, node.params
        tracked = [i for i, x in enumerate(node.inputs) if isinstance(x, Tensor) and x.requires_grad]
        alone = Point(functools.partial(_called, node.op, params), [array_of(x) for x in node.inputs], tracked)
        with np.errstate(all="ignore"):
            value = alone.value(alone.values)
        if not np.isfinite(value).all():
            continue  # what an op makes of numbers that a `where` leaves out is nobody's fault
        found = next(mismatches(alone, order, tolerance, np.random.default_rng(0)), None)
        if found is not None:
            argument = node.op.input_name(tracked[found.place])
            if has_kink(alone, found.place, tolerance.eps):
                return name, f"The op {name} has a kink there in its argument {argument}. Choose inputs away from it."
            return name, f"The formula of the op {name} for its argument {argument} is wrong."
    return None, (
        "Each op on the graph is right by itself: look for numbers taken out of the graph (detach, .data, .item(), "
        "no_grad)."
    )


def _called(op: Any, params: Mapping[str, Any], *arrays: Any) -> Any:
    return op.signature.call(op, arrays, params)


def _name(point: Point) -> str:
    return getattr(point.f, "__name__", type(point.f).__name__)
