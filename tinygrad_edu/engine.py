"""The engine: what an op is, and the history that it leaves.

An op is one function on arrays plus one formula per input. A Tensor *is* the node of the graph: ``y.op``, ``y.inputs``
and ``y.params`` say how it was made, and nothing points forwards, so a graph dies with its output. An input exists
before its output, so serial numbers, newest first, are a topological order.

The engine knows no arithmetic and no Tensor methods. It is told the Tensor class once (`tell`), by tensor.py.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, ParamSpec

import numpy as np

from . import dtypes, memory, shapes
from .context import NORMAL, get_mode, next_serial
from .signature import Signature, explained

if TYPE_CHECKING:
    from .tensor import Tensor as TensorType

P = ParamSpec("P")
Formula = Callable[..., Any]
Kind = Literal["mixing", "elementwise", "rearrangement", "selection"]

Tensor: Any = ()  # isinstance(x, ()) is False: until `tell`, everything is an array
_new, ndarray = object.__new__, np.ndarray
_ERRORS = (ValueError, IndexError, TypeError, AttributeError)  # of calls with what does not fit
_NUMBERS = (float, int)  # NumPy lets these follow the dtype of an array


def is_tensor(x: Any) -> bool:
    """Whether `x` is a node of a graph."""
    return isinstance(x, Tensor)


def tell(cls: type[Any]) -> None:
    """Name the class whose instances are nodes."""
    global Tensor
    Tensor = cls


def differentiable(
    *vjps: Formula | None,
    each: Formula | None = None,
    joint: Formula | None = None,
    saving: Formula | None = None,
    into: Formula | None = None,
    gathered: Formula | None = None,
    symbol: str | None = None,
    kind: Kind = "mixing",
    explain: Callable[..., str | None] = shapes.broadcast_error,
) -> Callable[[Callable[P, Any]], Callable[P, TensorType]]:
    """Make a function of arrays an op: give, for each array it takes, the formula of its gradient.

    The first arguments of the function, one per formula, are its arrays; all others are parameters. A formula
    ``vjp(g, y, *arrays, **parameters)`` returns the gradient for its array, where ``g`` is the gradient that arrives at
    the output ``y``. It uses operators and ops only, so that it can be differentiated again, and it need not undo
    broadcasting: the engine sums over what was stretched.

    Parameters
    ----------
    *vjps : callable or None
        One formula per array, in order; None for an array without a gradient (indices, masks). What it returns is
        added to in place: never an array that is kept elsewhere, but ``g`` itself and views will do.
    each : callable, optional
        For an op over a sequence of arrays, instead of `vjps`: ``each(g, y, i, arrays, **parameters)`` is the gradient
        of ``arrays[i]``. The sequence is the function's ``*args``, or else its first argument.
    joint : callable, optional
        All gradients at once, on bare arrays: ``joint(g, y, saved, *arrays, **parameters)``. A faster second way;
        the formulas stay the definition, and serve whatever needs a history. If it takes an argument ``needed``, it
        is told there which of the arrays want a gradient, a bool for each, and may leave out the others: None.
    saving : callable, optional
        The forward that returns ``(y, saved)``, called instead when `joint` will want ``saved``.
    into : callable, optional
        ``into(buffer, g, *arrays, **parameters)`` adds the gradient of the first array into `buffer`, for ops that
        read a part of an array: many parts of one array then share one buffer.
    gathered : callable, optional
        The same where a history is wanted: ``gathered(gs, array, parameters)``, of several reads of one array.
    symbol : str, optional
        How pictures write the op: ``+``, ``@``.
    kind : {"mixing", "elementwise", "rearrangement", "selection"}
        What becomes of an element: it is mixed with others; each result comes of one element of each input, by place;
        it moves to other places; or it may be left out. See marks.py: no gradient flows into what was left out.
    explain : callable, optional
        ``explain(name, argument_names, shapes, parameters)`` says what does not fit, or None.

    Returns
    -------
    callable
        A decorator. The op takes Tensors and returns a Tensor, or takes arrays and returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> @tg.differentiable(lambda g, y, x: 3 * g * x**2)
    ... def cube(x):
    ...     return x**3
    >>> x = tg.Tensor(2.0, requires_grad=True)
    >>> cube(x).backward()
    >>> float(x.grad)
    12.0
    >>> cube(np.array([1.0, 3.0]))
    array([ 1., 27.])
    """

    def decorate(forward: Callable[P, Any]) -> Callable[P, TensorType]:
        signature = Signature(forward, len(vjps), sequence=each is not None)
        rule = _Rule(_bare(forward) if signature.plain else forward, signature, vjps, saving, explain)
        plain = saving is None and each is None
        two = plain and len(vjps) == 2 and signature.plain
        apply: Any = (_one if plain and len(vjps) == 1 else _two if two else _many)(rule)
        _describe(apply, forward, signature, symbol, vjps, each)
        apply.joint, apply.into, apply.gathered, apply.kind, apply.differentiable = joint, into, gathered, kind, True
        apply.told = joint is not None and "needed" in inspect.signature(joint).parameters
        simple = len(vjps) in (1, 2) and vjps[0] is not None and signature.plain and joint is None and into is None
        apply.formulas, apply.saves = vjps if simple else (), saving is not None  # the first: all a sweep must know
        return apply  # type: ignore[no-any-return]

    return decorate


_CALLS = (lambda x: np.exp(x)).__code__.co_code, (lambda a, b: np.add(a, b)).__code__.co_code


def _bare(forward: Formula) -> Formula:
    """The NumPy function itself where `forward` only hands it its arrays: that saves a tenth of a small op."""
    code = forward.__code__
    return getattr(np, code.co_names[1]) if code.co_code in _CALLS and code.co_names[0] == "np" else forward


class _Rule(NamedTuple):
    """What calling an op needs to know."""

    forward: Formula
    signature: Signature
    vjps: tuple[Formula | None, ...]
    saving: Formula | None
    explain: Callable[..., str | None]

    def error(self, arrays: Sequence[Any], params: Mapping[str, Any], error: Exception) -> Exception:
        return explained(self.signature, self.explain, arrays, params, error)


def _describe(
    apply: Any,
    forward: Formula,
    signature: Signature,
    symbol: str | None,
    vjps: tuple[Formula | None, ...] = (),
    each: Formula | None = None,
) -> None:
    """What an op tells of itself: to the sweep, to pictures, to whoever reads its help."""
    functools.update_wrapper(apply, forward)
    apply.__name__ = signature.name
    code = apply.__code__
    if code.co_argcount:  # then it is called by the names that the forward gives its arrays
        code = code.replace(co_varnames=(*signature.arrays, *code.co_varnames[code.co_argcount :]))
    apply.__code__ = code.replace(co_name=signature.name, co_qualname=signature.name)  # tracebacks name the op
    apply.forward, apply.vjps, apply.each, apply.symbol = forward, vjps, each, symbol
    apply.signature, apply.input_name = signature, signature.input_name


def nondifferentiable(
    symbol: str | None = None, explain: Callable[..., str | None] = shapes.broadcast_error
) -> Callable[[Callable[P, Any]], Callable[P, TensorType]]:
    """Make a function of arrays an op without a derivative: Tensors in, an untracked Tensor out.

    Observers are told of it, so that a picture can show where a gradient ends.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> @tg.nondifferentiable()
    ... def parity(n):
    ...     return np.mod(n, 2)
    >>> parity(tg.Tensor([3.0], requires_grad=True)).requires_grad
    False
    """

    def decorate(forward: Callable[P, Any]) -> Callable[P, TensorType]:
        signature = Signature(forward, 0, sequence=False)

        def apply(*args: Any, **kwargs: Any) -> Any:
            plain = [x._data if isinstance(x, Tensor) else x for x in args]
            named = {k: x._data if isinstance(x, Tensor) else x for k, x in kwargs.items()}
            try:
                plain = dtypes.follow(plain, [isinstance(x, Tensor) for x in args])
                y = forward(*plain, **named)
            except _ERRORS as error:
                raise explained(signature, explain, plain, named, error) from None
            if not any(isinstance(x, Tensor) for x in (*args, *kwargs.values())):
                return y
            parts: Sequence[Any] = y if isinstance(y, tuple) else (y,)
            if "dtype" not in signature.params:
                parts = [dtypes.settle(np.asarray(part), [*plain, *named.values()]) for part in parts]
            out = tuple(map(untracked, parts)) if isinstance(y, tuple) else untracked(parts[0])
            recorder = get_mode().recorder
            if recorder is not None:
                recorder(apply, args, kwargs, out)
            return out

        _describe(apply, forward, signature, symbol)
        apply.joint, apply.into, apply.gathered, apply.kind, apply.differentiable = None, None, None, "mixing", False  # type: ignore[attr-defined]
        return apply

    return decorate


def untracked(y: Any) -> TensorType:
    """A Tensor without a history around an array, which it shares."""
    out: Any = _new(Tensor)
    out._data = y if type(y) is np.ndarray else np.asarray(y)
    out.grad, out._requires_grad = None, False
    out.op, out.inputs, out.params, out.serial = None, (), {}, next_serial()
    return out  # type: ignore[no-any-return]


def _tracked(apply: Any, y: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
    """A Tensor that remembers how it was computed."""
    out: Any = _new(Tensor)
    out._data = y if type(y) is np.ndarray else np.asarray(y)
    out.grad, out._requires_grad = None, True
    out.op, out.inputs, out.params, out.serial = apply, inputs, params, next_serial()
    return out


# The slots that say how a tensor was made.
NODE = ("_data", "_requires_grad", "op", "inputs", "params", "serial", "_saved", "_checksums", "_calls")


def earlier_version(x: TensorType) -> TensorType:
    """Another tensor that stands for `x` as it is now, before an assignment gives `x` a new history."""
    old: Any = _new(Tensor)
    for slot in (*NODE, "grad", "_name"):
        if hasattr(x, slot):
            setattr(old, slot, getattr(x, slot))
    return old  # type: ignore[no-any-return]


def _observed(mode: Any, apply: Any, inputs: tuple[Any, ...], params: Mapping[str, Any], out: Any) -> Any:
    """Hand `out` on, after telling whoever watches."""
    if mode.checksums and out.op is not None:
        out._checksums = memory.checksums(out)
    if mode.recorder is not None:
        mode.recorder(apply, inputs, params, out)
    return out


def _without_lists(inputs: Sequence[Any], arrays: Sequence[Any]) -> tuple[Any, ...]:
    """`inputs` with the arrays that lists became: formulas need arrays, and a list may change under them."""
    return tuple(a if isinstance(x, (list, tuple)) else x for x, a in zip(inputs, arrays, strict=True))


def _alike(inputs: Sequence[Any], chosen: Iterable[int]) -> bool:
    """Whether these inputs are all Tensors of one dtype, or None: then there is nothing to agree on."""
    dtype = None
    for i in chosen:
        x = inputs[i]
        if isinstance(x, Tensor):
            if dtype is None:
                dtype = x._data.dtype
            elif x._data.dtype is not dtype:
                return False
        elif x is not None:
            return False
    return True


def _one(rule: _Rule) -> Formula:
    """An op of one array."""
    forward, bind, plain = rule.forward, rule.signature.bind, rule.signature.plain
    none: dict[str, Any] = {}
    explicit = "dtype" in rule.signature.params  # then the caller may have said what dtype the result shall have

    def apply(*args: Any, **kwargs: Any) -> Any:
        inputs, params = (args, none) if plain and len(args) == 1 and not kwargs else bind(args, kwargs)
        (x,) = inputs
        wrapped = isinstance(x, Tensor)
        array = x._data if wrapped else x
        try:
            y = forward(array, **params) if params else forward(array)
        except _ERRORS as error:
            raise rule.error((array,), params, error) from None
        if not wrapped:
            if array is None:  # NumPy makes an array of it, with None for a number
                raise rule.error((array,), params, TypeError())
            return y
        if y.dtype is not array.dtype and not (explicit and params["dtype"] is not None):
            y = dtypes.settle(y, (array,))
        mode = get_mode()
        if mode is NORMAL and x._requires_grad:  # `_tracked` written out: a call less
            out: Any = _new(Tensor)
            out._data = y if type(y) is ndarray else np.asarray(y)
            out.grad, out._requires_grad = None, True
            out.op, out.inputs, out.params, out.serial = apply, inputs, params, next_serial()
            return out
        out = _tracked(apply, y, inputs, params) if x._requires_grad and mode.recording else untracked(y)
        return out if mode.unobserved else _observed(mode, apply, inputs, params, out)

    return apply


def _two(rule: _Rule) -> Formula:
    """An op of two arrays, without parameters."""
    forward = rule.forward
    none: dict[str, Any] = {}

    def apply(a: Any, b: Any) -> Any:
        tracked = False
        x, z = a, b
        try:
            if isinstance(a, Tensor):
                tracked, x = a._requires_grad, a._data
                dtype = x.dtype
                if isinstance(b, Tensor):
                    tracked, z = tracked or b._requires_grad, b._data
                    agreed = z.dtype is dtype
                else:
                    agreed = type(b) in _NUMBERS and dtype.kind == "f"
            elif isinstance(b, Tensor):
                tracked, z = b._requires_grad, b._data
                dtype = z.dtype
                agreed = type(a) in _NUMBERS and dtype.kind == "f"
            else:
                return forward(a, b)
            if not agreed:
                x, z = dtypes.agree((x, z), (isinstance(a, Tensor), isinstance(b, Tensor)))
                a, b = _without_lists((a, b), (x, z))
            y = forward(x, z)
        except _ERRORS as error:
            raise rule.error((x, z), none, error) from None
        if y.dtype is not dtype:
            y = dtypes.settle(y, (x, z))
        mode = get_mode()
        if tracked and mode is NORMAL and type(y) is ndarray:  # `_tracked` written out: a call less
            out: Any = _new(Tensor)
            out._data = y
            out.grad = None
            out._requires_grad = True
            out.op = apply
            out.inputs = (a, b)
            out.params = none
            out.serial = next_serial()
            return out
        out = _tracked(apply, y, (a, b), none) if tracked and mode.recording else untracked(y)
        return out if mode.unobserved else _observed(mode, apply, (a, b), none, out)

    return apply


def _many(rule: _Rule) -> Formula:
    """An op of any number of arrays, with parameters."""
    forward, signature, vjps, saving, _ = rule
    bind, call = signature.bind, signature.call
    # Arrays without a formula (indices, masks) have no say in the dtype; in a sequence all have one.
    deciding = [i for i, vjp in enumerate(vjps) if vjp is not None] if vjps else None

    def apply(*args: Any, **kwargs: Any) -> Any:
        inputs, params = bind(args, kwargs)
        tensors = [isinstance(x, Tensor) for x in inputs]
        arrays = [x._data if isinstance(x, Tensor) else x for x in inputs]
        if True not in tensors:
            try:
                return call(forward, arrays, params)
            except _ERRORS as error:
                raise rule.error(arrays, params, error) from None
        mode = get_mode()
        tracked = mode.recording and True in [x._requires_grad for x in inputs if isinstance(x, Tensor)]
        chosen = range(len(arrays)) if deciding is None else deciding
        saved = None
        try:
            if len(chosen) > 1 and not _alike(inputs, chosen):
                agreed = dtypes.agree([arrays[i] for i in chosen], [tensors[i] for i in chosen])
                for i, x in zip(chosen, agreed, strict=True):
                    arrays[i] = x
                inputs = _without_lists(inputs, arrays)
            if tracked and saving is not None:
                y, saved = call(saving, arrays, params)
            else:
                y = call(forward, arrays, params)
        except _ERRORS as error:
            raise rule.error(arrays, params, error) from None
        if y.dtype is not dtypes.get_default_dtype() and y.dtype.kind == "f" and params.get("dtype") is None:
            y = dtypes.settle(y, [arrays[i] for i in chosen])
        if not tracked:
            out: Any = untracked(y)
        else:
            out = _tracked(apply, y, inputs, params)
            if saved is not None:
                out._saved = saved
        return out if mode.unobserved else _observed(mode, apply, inputs, params, out)

    return apply
