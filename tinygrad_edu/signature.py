"""Which arguments of an op are arrays and which are parameters, read once from its forward."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import shapes

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NUMPY_ONLY = {
    "out": "Ops make new tensors; assign the result instead.",
    "where": "Use tg.where(condition, a, b) on the result.",
    "order": "Tensors are in row-major order; use t.numpy() for another one.",
    "subok": "Convert the array with np.asarray first.",
    "casting": "Convert with t.astype(dtype) first.",
}


def public_name(forward: Callable[..., Any]) -> str:
    """What pictures and messages call an op: `_clip`, which `clip` is made of, is clip to its reader."""
    return forward.__name__.lstrip("_")


def sequence(name: str, given: Any) -> tuple[Any, ...]:
    """The arrays that the op `name` was given in a sequence; an error for a single number or None."""
    try:
        parts = iter(given)
    except TypeError:
        raise TypeError(
            f"{name}: expected a sequence of arrays, but got {given!r}. Write them as a list: {name}([a, b])."
        ) from None
    return tuple(parts)


class Signature:
    """The arguments of one op: its arrays, which become `inputs`, and its parameters, with all defaults filled in."""

    def __init__(self, forward: Callable[..., Any], arrays: int, sequence: bool) -> None:
        self.name = public_name(forward)
        parameters = list(inspect.signature(forward).parameters.values())
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        starred = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
        names = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
        self.leading: tuple[str, ...] = ()  # what stands before *arrays: the subscripts of einsum
        self.sequence = (starred or names[:1])[0] if sequence else None
        if sequence and starred:
            self.leading = tuple(p.name for p in parameters if p.kind in _POSITIONAL)
            arrays = 0
        self.starred = bool(sequence and starred)
        self.arrays = () if sequence else tuple(names[:arrays])
        self.params = tuple(n for n in names[arrays:] if n != self.sequence)
        self.positional = tuple(p.name for p in parameters if p.kind in _POSITIONAL and p.name in self.params)
        self.filled = {n: self.defaults[n] for n in self.params if n in self.defaults}
        self.names = frozenset(self.params)
        self.count = 1_000_000 if sequence else len(self.arrays)  # of a sequence there is no number to compare with
        self.plain = not sequence and not self.params and not any(n in self.defaults for n in self.arrays)

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arrays, as a tuple, and all parameters by name."""
        given = len(args) - self.count
        if given == 0:  # most calls: all arrays in their places, parameters by name ...
            params = {**self.filled, **kwargs} if kwargs else self.filled
            if params.keys() == self.names:
                return args, params
        elif given == 1 == len(self.params) == len(self.positional) and not kwargs:  # ... or its one parameter by place
            return args[:-1], {self.positional[0]: args[-1]}
        elif 0 < given <= len(self.positional) and not kwargs:
            params = {**self.filled, **dict(zip(self.positional, args[self.count :], strict=False))}
            if params.keys() == self.names:
                return args[: self.count], params
        if self.starred:
            inputs, rest = args[len(self.leading) :], args[: len(self.leading)]
        elif self.sequence is not None:
            if self.sequence in kwargs:
                args, kwargs = (
                    (kwargs[self.sequence], *args),
                    {k: v for k, v in kwargs.items() if k != self.sequence},
                )
            inputs, rest = self._sequence(args), args[1:]
        else:
            inputs, rest = args[: len(self.arrays)], args[len(self.arrays) :]
            if len(inputs) < len(self.arrays):
                inputs, kwargs = self._by_name(inputs, kwargs)
        if not rest and not kwargs and len(self.filled) == len(self.params):
            return inputs, self.filled
        if len(rest) > len(self.positional):
            most = len(self.arrays) + len(self.positional) + (self.sequence is not None)
            raise TypeError(f"{self.name}: expected at most {most} arguments, but got {len(args)}. {self._usage()}")
        params = {**self.filled, **dict(zip(self.positional, rest, strict=False)), **kwargs}
        if len(params) != len(self.params) or len(rest) + len(kwargs) > len(params):
            self._complain(rest, kwargs, params)
        return inputs, params

    def call(self, forward: Callable[..., Any], arrays: Sequence[Any], params: Mapping[str, Any]) -> Any:
        """``forward`` with its arguments where it expects them."""
        if self.starred:
            named = {k: v for k, v in params.items() if k not in self.leading}
            return forward(*[params[k] for k in self.leading], *arrays, **named)
        if self.sequence is not None:
            return forward(arrays, **params)
        return forward(*arrays, **params)

    def input_name(self, i: int) -> str:
        """What the op calls its array number `i`."""
        if self.sequence:
            return f"{self.sequence}[{i}]"
        names = (*self.arrays, *self.positional)
        return names[i] if i < len(names) else f"{i}"

    def _sequence(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        if not args:
            raise TypeError(f"{self.name}: expected a sequence of arrays, but got nothing. {self._usage()}")
        return sequence(self.name, args[0])

    def _by_name(self, inputs: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        rest = dict(kwargs)
        for name in self.arrays[len(inputs) :]:
            if name in rest:
                inputs = (*inputs, rest.pop(name))
            elif name in self.defaults:
                inputs = (*inputs, self.defaults[name])
            else:
                raise TypeError(f"{self.name}: missing the argument {name}. {self._usage()}")
        return inputs, rest

    def _complain(self, rest: Sequence[Any], kwargs: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        for name in kwargs:
            if name not in self.params:
                cure = _NUMPY_ONLY.get(name, self._usage())
                raise TypeError(f"{self.name}: got an unexpected argument {name}={kwargs[name]!r}. {cure}")
        for name in self.params:
            if name not in params:
                raise TypeError(f"{self.name}: missing the argument {name}. {self._usage()}")
        twice = [name for name in self.positional[: len(rest)] if name in kwargs]
        raise TypeError(f"{self.name}: got two values for {', '.join(twice)}. {self._usage()}")

    def _usage(self) -> str:
        shown = [f"*{self.sequence}" if self.starred else self.sequence] if self.sequence else [*self.arrays]
        params = [f"{n}={self.defaults[n]!r}" if n in self.defaults else n for n in self.params]
        lead = [n for n in params if n in self.leading]
        return f"Call it as {self.name}({', '.join([*lead, *map(str, shown), *[n for n in params if n not in lead]])})."


def explained(
    signature: Signature,
    explain: Callable[..., str | None],
    arrays: Sequence[Any],
    params: Mapping[str, Any],
    error: Exception,
) -> Exception:
    """The error of a call in the reader's own terms: expected, got, what to do."""
    text = str(error).strip()
    if ": expected" in text:
        return error  # the op itself has said what is wrong
    if "positional argument" in text or "keyword argument" in text:
        try:  # an op without a derivative is called as it comes
            signature.bind(tuple(arrays), params)
        except TypeError as misfit:
            return misfit
    named = bool(signature.arrays or signature.sequence)  # an op without a derivative does not tell its arrays
    given = [
        (signature.input_name(i), np.shape(x))
        for i, x in enumerate(arrays)
        if isinstance(x, np.ndarray) or (named and x is not None)
    ]
    names, found = [n for n, _ in given], [s for _, s in given]
    kind = next((t for t in (np.exceptions.AxisError, np.linalg.LinAlgError) if isinstance(error, t)), None) or next(
        (t for t in (IndexError, ValueError) if isinstance(error, t)), TypeError
    )
    if isinstance(error, np.exceptions.AxisError) and error.axis is not None and error.ndim is not None:
        n = error.ndim
        valid = f"an axis in {-n}..{n - 1}" if n else "no axis, as a 0-d array has none"
        return kind(
            f"{signature.name}: expected {valid}, but got axis {error.axis} for {shapes.listed(names, found)}. "
            f"Negative axes count from the last."
        )
    message = _wrong_axes(signature.name, names, found, params)
    if message is None and found and "where" in params:
        message = mask_error(signature.name, params["where"], found[0])
    if message is None and (found or not arrays) and not isinstance(error, TypeError):
        message = explain(signature.name, names, found, params)
    if message is None and (wrong := _wrong_array(signature, arrays)) is not None:
        return TypeError(wrong)
    if message is None and isinstance(error, TypeError) and "ufunc" in text and found:
        kinds = ", ".join(f"{n} of {np.asarray(x).dtype}" for n, x in zip(names, arrays, strict=False))
        message = (
            f"{signature.name}: expected numbers of a dtype that it knows, but got {kinds}. "
            f"Convert, e.g. with t.astype(int)."
        )
    if message is None and "did not converge" in text:
        message = (
            f"{signature.name}: expected finite numbers, but got NaN or infinity among {shapes.listed(names, found)}. "
            f"Look for them with np.isfinite."
        )
    if message is None:
        usual = signature.defaults
        shown = ", ".join(
            f"{k}={v!r}" for k, v in params.items() if not isinstance(v, np.ndarray) and v is not usual.get(k, ...)
        )
        integer = isinstance(error, TypeError) and "integer" in text and shown
        message = (
            f"{signature.name}: expected whole numbers, but got {shown} for {shapes.listed(names, found)}. Round them."
            if integer
            else f"{signature.name}: expected arguments that fit, but got {shapes.listed(names, found)}"
            f"{' with ' + shown if shown else ''}: {text}"
        )
    return kind(message)


def mask_error(name: str, where: Any, shape: shapes.Shape) -> str | None:
    """What to say of a mask that is not of bools, or does not broadcast to `shape`; None if that is not it."""
    mask = np.asarray(where)
    try:
        fits = mask.dtype == np.bool_ and np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if fits:
        return None
    return (
        f"{name}: expected a mask of bools as where, which broadcasts to a {shape}, but got {mask.dtype} of shape "
        f"{mask.shape}. Compare for bools: x != 0."
    )


def _wrong_array(signature: Signature, arrays: Sequence[Any]) -> str | None:
    """What to say of an argument that is no array and cannot become one; None if there is none."""
    for i, x in enumerate(arrays):
        name = signature.input_name(i)
        if name not in signature.defaults and (x is None or isinstance(x, (str, bytes, dict, set))):
            return f"{signature.name}: expected a Tensor, an array or a number as {name}, but got {x!r}."
    return None


def _wrong_axes(
    name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Mapping[str, Any]
) -> str | None:
    """What to say of axes that are no whole numbers, or named twice; None if that is not it."""
    for what in ("axis", "axes"):
        given = params.get(what)
        several: list[Any] = list(given) if isinstance(given, (tuple, list)) else [given]
        if given is None or not found or any(isinstance(k, (tuple, list)) for k in several):
            continue
        if not all(isinstance(k, (int, np.integer)) for k in several):
            return f"{name}: expected whole numbers as {what}, but got {given!r} for {shapes.listed(names, found)}."
        if len({k % max(len(found[0]), 1) for k in several}) < len(several):
            return (
                f"{name}: expected each axis once, but got {what} {given} for {shapes.listed(names, found)}. "
                f"Leave out the second."
            )
    return None
