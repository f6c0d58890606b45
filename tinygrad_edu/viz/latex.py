"""A step of a program as mathematics: LaTeX, together with the number that the printed text stands for.

Every rule computes what it prints, from the values of what it prints inside: a line can be checked as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..engine import is_tensor
from .trace import Step

SUM, BY_ELEMENT, PRODUCT, SIGN, POWER, ATOM = range(1, 7)  # how strongly a text binds
_FUNCTIONS = {
    "tanh": r"\tanh", "exp": r"\exp", "log": r"\log", "sigmoid": r"\sigma", "relu": r"\operatorname{ReLU}",
    "sin": r"\sin", "cos": r"\cos", "cross_entropy_of_labels": r"\operatorname{CE}", "mse_loss": r"\operatorname{MSE}",
    "one_hot": r"\operatorname{onehot}", "cross_entropy_of_probabilities": r"\operatorname{CE}",
}  # fmt: skip
_COMPARISONS = {"greater": ">", "less": "<", "greater_equal": r"\ge", "less_equal": r"\le", "equal": "="}
_ROWWISE = ("softmax", "log_softmax", "one_hot", "standardize")  # on rows, and so on columns of the transpose


class Formula(NamedTuple):
    """A text, how strongly it binds, and the numbers that it stands for."""

    text: str
    strength: int
    value: Any

    def within(self, strength: int) -> str:
        """The text, in parentheses where it binds less than that."""
        return rf"\left({self.text}\right)" if self.strength < strength else self.text

    @property
    def is_number(self) -> bool:
        """Whether it is a constant that is written out."""
        return not isinstance(self.value, np.ndarray)


class Printer:
    """Formulas for tensors.

    Parameters
    ----------
    names : mapping of int to Formula
        By the id of a tensor: how it is written where it has a name, and its value as it is written.
    flipped : set of int
        Ids of the named matrices that are written as their transposes: samples as columns.
    steps : mapping of int to Step
        By the id of its output, for those without a name.
    column : bool
        Whether samples are columns.
    """

    def __init__(
        self, names: Mapping[int, Formula], flipped: set[int], steps: Mapping[int, Step], column: bool
    ) -> None:
        self.names, self.flipped, self.steps, self.column = names, flipped, steps, column

    def of(self, x: Any, turned: bool) -> Formula:
        """A tensor, or if `turned` its transpose, as it is written."""
        known = self.names.get(id(x))
        if known is not None:
            if _ndim(x) != 2 or turned == (id(x) in self.flipped):
                return known
            return Formula(raised(known.within(ATOM), r"\top"), POWER, known.value.T)
        step = self.steps.get(id(x))
        return self.step(step, turned) if step is not None else _constant(x, turned)

    def step(self, step: Step, turned: bool) -> Formula:
        """What a step computes, or if `turned` its transpose."""
        name = step.op.__name__.lstrip("_")
        rule = getattr(self, f"_{name}", None)
        if rule is None and name in _COMPARISONS:
            rule = self._compare
        found: Formula | None = None if rule is None else rule(step, turned)
        return found if found is not None else self._function(step, name, turned)

    # ---- sums and products ----

    def _add(self, step: Step, turned: bool) -> Formula:
        a, b = (self.of(x, turned) for x in step.inputs)
        return Formula(f"{a.text} + {b.within(SUM)}", SUM, a.value + b.value)

    def _subtract(self, step: Step, turned: bool) -> Formula:
        a, b = (self.of(x, turned) for x in step.inputs)
        return Formula(f"{a.text} - {b.within(BY_ELEMENT)}", SUM, a.value - b.value)

    def _negative(self, step: Step, turned: bool) -> Formula:
        a = self.of(step.inputs[0], turned)
        return Formula(f"-{a.within(SIGN)}", SIGN, -a.value)

    def _multiply(self, step: Step, turned: bool) -> Formula:
        a, b = (self.of(x, turned) for x in step.inputs)
        if a.is_number and b.is_number:
            return number(a.value * b.value)
        for one, other in ((a, b), (b, a)):
            if one.is_number:
                if one.value == 1:
                    return other
                return Formula(rf"{one.within(PRODUCT)}\,{other.within(SIGN)}", PRODUCT, a.value * b.value)
        sign = r"\odot" if np.size(a.value) > 1 and np.size(b.value) > 1 else r"\,"
        return Formula(f"{a.within(BY_ELEMENT)} {sign} {b.within(PRODUCT)}", BY_ELEMENT, a.value * b.value)

    def _divide(self, step: Step, turned: bool) -> Formula:
        a, b = (self.of(x, turned) for x in step.inputs)
        if a.is_number and b.is_number and a.value / b.value == round(a.value / b.value):
            return number(a.value / b.value)
        return Formula(rf"\frac{{{a.text}}}{{{b.text}}}", ATOM, a.value / b.value)

    def _power(self, step: Step, turned: bool) -> Formula:
        a, b = (self.of(x, turned) for x in step.inputs)
        if b.is_number and b.value == 1:
            return a
        return Formula(rf"{a.within(ATOM)}^{{{b.text}}}", POWER, a.value**b.value)

    def _matmul(self, step: Step, turned: bool) -> Formula | None:
        a, b = step.inputs
        if _ndim(a) != 2 or _ndim(b) != 2:
            return None
        left, right = (self._whole(b, True), self._whole(a, True)) if turned else (self._whole(a), self._whole(b))
        return Formula(rf"{left.within(PRODUCT)}\, {right.within(SIGN)}", PRODUCT, left.value @ right.value)

    def _whole(self, x: Any, turned: bool = False) -> Formula:
        """A matrix, also where one number stands for all of it."""
        inner, shape = self.of(x, turned), (x.shape[::-1] if turned else x.shape)
        if not inner.is_number:
            return inner
        return Formula(
            r"\mathbf{1}" if inner.value == 1 else rf"{inner.within(PRODUCT)}\,\mathbf{{1}}",
            ATOM if inner.value == 1 else PRODUCT,
            np.full(shape, inner.value, x.dtype),
        )

    def _linear(self, step: Step, turned: bool) -> Formula | None:
        x, w, b = step.inputs
        if _ndim(x) != 2:
            return None
        left, right = (self.of(w, False), self.of(x, True)) if turned else (self.of(x, False), self.of(w, True))
        text, value = rf"{left.within(PRODUCT)}\, {right.within(SIGN)}", left.value @ right.value
        if b is None:
            return Formula(text, PRODUCT, value)
        bias = self.of(b, turned)
        return Formula(f"{text} + {bias.within(SUM)}", SUM, value + bias.value)

    # ---- shapes: what is plain from the context is not written ----

    def _matrix_transpose(self, step: Step, turned: bool) -> Formula | None:
        return self.of(step.inputs[0], not turned) if step.output.ndim == 2 else None

    def _transpose(self, step: Step, turned: bool) -> Formula | None:
        return self.of(step.inputs[0], not turned) if _ndim(step.inputs[0]) == 2 else None

    def _stretched(self, step: Step, turned: bool) -> Formula | None:
        """One number needs no sign to be repeated."""
        inner = self.of(step.inputs[0], turned)
        return inner if inner.is_number else None

    _broadcast_to = _getitem = _stretched

    def _reshape(self, step: Step, turned: bool) -> Formula | None:
        """A vector as a row or a column: the shape of the line says which.  What stays as it was is not written."""
        inner, x, y = self.of(step.inputs[0], turned), step.inputs[0], step.output
        if inner.is_number or np.shape(x) == y.shape:
            return inner
        is_vector = _ndim(x) == 1 and y.ndim == 2 and 1 in y.shape
        return Formula(inner.text, inner.strength, inner.value.reshape(y.shape)) if is_vector and not turned else None

    def _sum(self, step: Step, turned: bool) -> Formula | None:
        x, axis = step.inputs[0], step.params["axis"]
        if step.params["where"] is not True:
            return None
        inner = self.of(x, self.column if axis is None else turned)
        if axis is None and not step.params["keepdims"]:
            return Formula(rf"\sum {inner.within(PRODUCT)}", SUM, np.sum(inner.value))
        if _ndim(x) == 2 and axis in (0, (0,)) and not step.params["keepdims"]:
            text = inner.within(ATOM)
            text = raised(text, "(i)") if turned else lowered(text, "i")
            value = inner.value.sum(axis=1, keepdims=True) if turned else inner.value.sum(axis=0)
            return Formula(rf"\sum_{{i}} {text}", SUM, value)
        return None if turned else self._along_rows(step, np.sum)

    def _along_rows(self, step: Step, total: Callable[..., Any], before: str = "") -> Formula | None:
        """A sum or mean over j, the columns of a matrix."""
        x, axis = step.inputs[0], step.params["axis"]
        if _ndim(x) != 2 or axis not in (1, -1, (1,), (-1,)):
            return None
        inner = self.of(x, False)
        text = lowered(inner.within(ATOM), r"\cdot j")
        return Formula(rf"{before}\sum_{{j}} {text}", SUM, total(inner.value, axis=1, keepdims=step.params["keepdims"]))

    def _mean(self, step: Step, turned: bool) -> Formula | None:
        if step.params["where"] is not True:
            return None
        if step.params["axis"] is not None:
            n = step.inputs[0].shape[-1]
            return None if turned else self._along_rows(step, np.mean, rf"\frac{{1}}{{{n}}} ")
        inner, n = self.of(step.inputs[0], self.column), step.inputs[0].size
        return Formula(rf"\frac{{1}}{{{n}}} \sum {inner.within(PRODUCT)}", SUM, np.mean(inner.value))

    # ---- functions ----

    def _compare(self, step: Step, turned: bool) -> Formula:
        a, b = (self.of(x, turned) for x in step.inputs)
        sign = _COMPARISONS[step.op.__name__]
        compare = getattr(np, step.op.__name__)
        return Formula(rf"\mathbf{{1}}[{a.text} {sign} {b.text}]", ATOM, compare(a.value, b.value))

    def _sqrt(self, step: Step, turned: bool) -> Formula:
        a = self.of(step.inputs[0], turned)
        return Formula(rf"\sqrt{{{a.text}}}", ATOM, np.sqrt(a.value))

    def _cast(self, step: Step, turned: bool) -> Formula:
        return self.of(step.inputs[0], turned)

    def _function(self, step: Step, name: str, turned: bool) -> Formula:
        """``f(a, b)`` by name; its value is that of the step."""
        commutes = getattr(step.op, "kind", "") == "elementwise" or name in _ROWWISE or name in _COMPARISONS
        inputs = [x for x in step.inputs if is_tensor(x) or isinstance(x, (np.ndarray, float, int))]
        inner = turned and commutes if step.output.ndim else self.column
        called = _FUNCTIONS.get(name) or rf"\operatorname{{{name.replace('_', ' ')}}}"
        operands = inputs[:1] if name == "one_hot" else inputs
        text = f"{called}({', '.join(self.of(x, inner).text for x in operands)})"
        value = step.output._data
        if turned and _ndim(step.output) == 2:
            return Formula(text if commutes else rf"{text}^{{\top}}", ATOM, value.T)
        return Formula(text, ATOM, value)


def raised(text: str, exponent: str) -> str:
    """A text with an exponent, beside one that it may have."""
    return f"{text[:-1]}{exponent}}}" if _ends_in("^", text) else f"{text}^{{{exponent}}}"


def lowered(text: str, index: str) -> str:
    """A text with an index, after one that it may have."""
    return f"{text[:-1]},{index}}}" if _ends_in("_", text) else f"{text}_{{{index}}}"


def _ends_in(sign: str, text: str) -> bool:
    """Whether a text ends in an exponent (``^``) or an index (``_``) in braces."""
    return re.search(rf"\{sign}\{{[^{{}}]*\}}$", text) is not None


def _ndim(x: Any) -> int:
    return int(np.ndim(x._data if is_tensor(x) else x))


def _constant(x: Any, turned: bool) -> Formula:
    array = np.asarray(x._data if is_tensor(x) else x)
    if array.ndim == 0:
        return number(float(array))
    return Formula(r"\mathrm{const}", ATOM, array.T if turned and array.ndim == 2 else array)


def number(value: float) -> Formula:
    """A constant in six digits."""
    text = f"{value:.6g}"
    mantissa, _, exponent = text.partition("e")
    if exponent:
        text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return Formula(text, SIGN if value < 0 else PRODUCT if exponent else ATOM, float(value))
