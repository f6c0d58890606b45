"""An op as an expression of NumPy: an operator, a method, NumPy's function of that name, or a helper."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from types import EllipsisType
from typing import Any, NamedTuple

import numpy as np

from ..engine import is_tensor
from ..ops.convolution import geometry
from ..ops.sliding import Windows
from .helpers import Helpers
from .plain import LOSSES, PLAIN
from .trace import Step

COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 7)  # how strongly an expression binds
_OPERATORS = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "matmul": ("@", PRODUCT), "greater": (">", COMPARE), "greater_equal": (">=", COMPARE), "less": ("<", COMPARE),
    "less_equal": ("<=", COMPARE), "equal": ("==", COMPARE), "not_equal": ("!=", COMPARE),
}  # fmt: skip
_LARGEST = 64  # numbers of an array that is written out


class Expression(NamedTuple):
    """A text, and how strongly it binds."""

    text: str
    strength: int = ATOM

    def within(self, strength: int) -> str:
        """The text, in parentheses where it binds less than that."""
        return f"({self.text})" if self.strength < strength else self.text


class Writer:
    """Expressions for ops; `known` tells, by the id of a tensor or an array, what stands for it."""

    def __init__(self, helpers: Helpers, known: Mapping[int, Expression]) -> None:
        self.helpers, self.known = helpers, known

    def write(self, step: Step) -> Expression:
        """The expression that computes a step."""
        name, inputs = step.op.__name__.lstrip("_"), step.inputs
        if name in _OPERATORS and len(inputs) == 2:
            sign, strength = _OPERATORS[name]
            left, right = (self.value(x, step) for x in inputs)
            return Expression(f"{left.within(strength)} {sign} {right.within(strength + 1)}", strength)
        if name in LOSSES:
            return self._loss(step, LOSSES[name])
        special = getattr(self, f"_{name}", None)
        found: Expression | None = special(step) if special is not None else None
        return found if found is not None else self._call(step, name)

    def value(self, x: Any, step: Step) -> Expression:
        """An operand: a variable, an expression, or a literal."""
        found = self.known.get(id(x)) if is_tensor(x) or isinstance(x, np.ndarray) else None
        return found if found is not None else self.literal(x, step)

    def literal(self, x: Any, step: Step) -> Expression:
        """Anything that is written out: numbers, shapes, indices, dtypes, small arrays."""
        if is_tensor(x):
            x = x._data
        if isinstance(x, np.ndarray) and x.ndim == 0:
            x = x.item()
        if isinstance(x, np.ndarray):
            if x.size > _LARGEST:
                raise NotImplementedError(
                    f"to_numpy: expected ops whose arrays are inputs or come from other ops, but {step.op.__name__} "
                    f"uses an array of shape {x.shape} of its own. Compute it from other ops."
                )
            return Expression(f"np.array({x.tolist()}, np.{x.dtype})")
        if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, np.generic)):
            return Expression(f"np.{np.dtype(x).name}")
        if isinstance(x, np.generic):
            x = x.item()
        if isinstance(x, float):
            text = repr(x) if np.isfinite(x) else f"{'-' if x < 0 else ''}np.{'nan' if x != x else 'inf'}"
            return Expression(text, SIGN if text.startswith("-") else ATOM)
        if isinstance(x, bool) or x is None or isinstance(x, str):
            return Expression(repr(x))
        if isinstance(x, int):
            return Expression(repr(x), SIGN if x < 0 else ATOM)
        if isinstance(x, EllipsisType):
            return Expression("...")
        if isinstance(x, Windows):
            return Expression(f"({x.size}, {_evenly(x.starts)}, {_evenly(x.widths)}, {x.step})")
        if isinstance(x, (tuple, list)):
            parts = [self.value(each, step).text for each in x]
            if isinstance(x, list):
                return Expression(f"[{', '.join(parts)}]")
            return Expression(f"({', '.join(parts)}{',' if len(parts) == 1 else ''})")
        if isinstance(x, slice):
            return Expression(f"slice({', '.join(self.value(e, step).text for e in (x.start, x.stop, x.step))})")
        if x in (int, float):
            return Expression(x.__name__)
        raise NotImplementedError(
            f"to_numpy: expected ops that can be written in NumPy, but {step.op.__name__} was given "
            f"{type(x).__name__}. Compute it from other ops."
        )

    # ---- calls ----

    def _call(self, step: Step, name: str) -> Expression:
        """NumPy's function of that name, or a helper."""
        arguments = self._arguments(step)
        plain = PLAIN.get(name)
        if plain is not None and len(arguments) <= len(inspect.signature(plain).parameters):
            return Expression(f"{self.helpers.call(plain, plain.__name__.lstrip('_'))}({', '.join(arguments)})")
        known = hasattr(np, name) and callable(getattr(np, name))
        function = f"np.{name}" if known else self.helpers.call(step.op)
        return Expression(f"{function}({', '.join(arguments)})")

    def _loss(self, step: Step, each: Callable[..., Any]) -> Expression:
        """The losses, and their mean or sum."""
        params = {name: value for name, value in step.params.items() if name != "reduction"}
        arguments = self._arguments(step._replace(params=params, inputs=step.inputs[:2]))
        losses = f"{self.helpers.call(each, each.__name__.lstrip('_'))}({', '.join(arguments)})"
        how = step.params["reduction"]
        return Expression(losses if how == "none" else f"np.{how}({losses})")

    def _arguments(self, step: Step) -> list[str]:
        signature = step.op.signature
        params = dict(step.params)
        leading = [self.value(params.pop(name), step).text for name in signature.leading]
        values = [self.value(x, step).text for x in step.inputs]
        if signature.sequence is not None and not signature.starred:
            values = [f"[{', '.join(values)}]"]
        for name, value in sorted(params.items(), key=lambda item: item[0] in signature.defaults):
            if not _is_default(signature.defaults, name, value):
                keyword = f"{name}=" if name in signature.defaults else ""
                if name == "axis" and isinstance(value, tuple) and len(value) == 1:
                    value = value[0]
                values.append(f"{keyword}{self.value(value, step).text}")
        return leading + values

    # ---- ops with a sign or a shorter form of their own ----

    def _negative(self, step: Step) -> Expression:
        return Expression(f"-{self.value(step.inputs[0], step).within(SIGN)}", SIGN)

    def _power(self, step: Step) -> Expression:
        base, exponent = (self.value(x, step) for x in step.inputs)
        if exponent.text == "1":
            return base
        return Expression(f"{base.within(ATOM)} ** {exponent.within(SIGN)}", POWER)

    def _relu(self, step: Step) -> Expression:
        return Expression(f"np.maximum({self.value(step.inputs[0], step).text}, 0)")

    def _linear(self, step: Step) -> Expression:
        x, w = (self.value(each, step) for each in step.inputs[:2])
        product = f"{x.within(PRODUCT)} @ {w.within(ATOM)}.T"
        b = step.inputs[2]
        if b is None:
            return Expression(product, PRODUCT)
        return Expression(f"{product} + {self.value(b, step).within(PRODUCT)}", SUM)

    def _getitem(self, step: Step) -> Expression:
        index = step.params["index"] if "index" in step.params else step.inputs[1]
        parts = index if isinstance(index, tuple) else (index,)
        return Expression(
            f"{self.value(step.inputs[0], step).within(ATOM)}[{', '.join(self._index(p, step) for p in parts) or '()'}]"
        )

    def _index(self, part: Any, step: Step) -> str:
        if not isinstance(part, slice):
            return self.value(part, step).text
        ends = [("" if each is None else self.value(each, step).text) for each in (part.start, part.stop, part.step)]
        return ":".join(ends if ends[2] else ends[:2])

    def _put(self, step: Step) -> Expression:
        index = step.params["index"]
        parts = index if isinstance(index, tuple) else (index,)
        sliced = any(isinstance(part, slice) or part is Ellipsis for part in parts)
        place = f"np.s_[{', '.join(self._index(p, step) for p in parts)}]" if sliced else self.value(index, step).text
        a, shape = self.value(step.inputs[0], step).text, self.literal(step.params["shape"], step).text
        return Expression(f"{self.helpers.call(PLAIN['put'], 'added_at')}({a}, {place}, {shape})")

    def _reshape(self, step: Step) -> Expression:
        shape = self.literal(tuple(step.output.shape), step).text
        return Expression(f"{self.value(step.inputs[0], step).within(ATOM)}.reshape({shape})")

    def _matrix_transpose(self, step: Step) -> Expression:
        way = ".T" if step.inputs[0].ndim == 2 else ".swapaxes(-1, -2)"
        return Expression(self.value(step.inputs[0], step).within(ATOM) + way)

    def _transpose(self, step: Step) -> Expression | None:
        if step.params.get("axes") is not None:
            return None
        return Expression(f"{self.value(step.inputs[0], step).within(ATOM)}.T")

    def _cast(self, step: Step) -> Expression:
        return Expression(f"{self.value(step.inputs[0], step).within(ATOM)}.astype(np.{step.output.dtype})")

    _convert = _cast

    def _conv(self, step: Step) -> Expression:
        y = self._convolution(step, step.inputs[:2], step.inputs[1].shape[2:])
        if step.inputs[2] is None:
            return y
        b = self.value(step.inputs[2], step).within(ATOM)
        return Expression(f"{y.text} + {b}.reshape({(-1,) + (1,) * (step.output.ndim - 2)})", SUM)

    def _conv_image(self, step: Step) -> Expression:
        return self._convolution(step, step.inputs, step.inputs[1].shape[2:], step.output.shape[2:])

    def _conv_kernel(self, step: Step) -> Expression:
        return self._convolution(step, step.inputs, step.output.shape[2:], step.output.shape[2:])

    def _convolution(self, step: Step, inputs: Any, kernel: Any, *size: Any) -> Expression:
        """A convolution or one of its adjoints, with a stride, a padding and a dilation for each axis."""
        name = step.op.__name__
        how = {key: step.params[key] for key in ("stride", "padding", "dilation", "groups")}
        found = geometry(name, tuple(kernel), **how)
        given = [*(self.value(x, step).text for x in inputs), *map(repr, size)]
        given += [f"{key}={value!r}" for key, value in found._asdict().items() if key != "kernel" and value != 1]
        return Expression(f"{self.helpers.call(PLAIN[name], name)}({', '.join(given)})")

    def _one_hot(self, step: Step) -> Expression:
        rows = step.output.shape[-1]
        return Expression(f"np.eye({rows}, dtype=np.{step.output.dtype})[{self.value(step.inputs[0], step).text}]")


def _evenly(values: tuple[int, ...]) -> str:
    """Integers in a row, all equal or equally far apart, in short."""
    steps = {b - a for a, b in itertools.pairwise(values)}
    if len(values) > 2 and steps == {0}:
        return f"({values[0]},) * {len(values)}"
    if len(values) > 2 and len(steps) == 1 and (step := steps.pop()) > 0:
        return f"range({values[0]}, {values[-1] + step}, {step})"
    return repr(values)


def _is_default(defaults: Any, name: str, value: Any) -> bool:
    if name not in defaults or isinstance(value, np.ndarray) or is_tensor(value):
        return False
    default = defaults[name]
    return type(value) is type(default) and bool(value == default)
