"""`derive`: the backward pass of your network as mathematics, with shapes, each line checked before it is printed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine import is_tensor
from ..marks import collect
from ..text import Text
from .latex import ATOM, PRODUCT, Formula, Printer, number
from .names import Names
from .trace import Program, Step, trace

_ACTIVATIONS = ("relu", "tanh", "sigmoid", "leaky_relu", "gelu", "silu", "elu", "softplus")
_DEEPEST = 6  # steps without a name inside one formula


class _Line(NamedTuple):
    left: str
    right: Formula
    shape: tuple[int, ...]


def derive(loss: Any, *, notation: str = "row", format: str = "markdown", names: Any = None) -> str:
    r"""The forward and backward pass under a loss as formulas, with the shape of each result.

    ``dZ`` is the derivative of the loss with respect to Z. The formulas are those that the engine runs. Each line is
    evaluated as it is printed, and compared with the engine's numbers, before it is handed out.

    Parameters
    ----------
    loss : Tensor
        One number.
    notation : {"row", "column"}
        A sample is a row, as in PyTorch, or a column, as in courses: ``Z[1] = W[1] X + b[1]``. In columns ``dZ`` is for
        one sample, m times the derivative of the mean, and the factor 1/m stands before the parameters' gradients.
    format : {"markdown", "latex"}
        A list with formulas between dollar signs, or one ``align`` environment.
    names : mapping or module, optional
        Names and what they stand for, as for `graph`. Values without a name are called Z (affine maps), A
        (activations) and T, with numbers.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If `loss` is not a tensor.
    RuntimeError
        If it has no history, or a line does not give the engine's numbers.
    ValueError
        For another notation or format, a loss of several elements, or a graph that has no columns of samples.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, tanh, viz
    >>> X, W = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([[0.5], [0.25]], requires_grad=True)
    >>> A = tanh(X @ W)
    >>> L = A.mean()
    >>> viz.derive(L)
    Forward:
    <BLANKLINE>
    - $A = \tanh(X\, W)$ (2 × 1)
    - $L = \frac{1}{2} \sum A$
    <BLANKLINE>
    Backward, with $dV = \partial L / \partial V$:
    <BLANKLINE>
    - $dA = \frac{1}{2}$ (2 × 1)
    - $dW = X^{\top}\, \left(dA \odot \left(1 - A \odot A\right)\right)$ (2 × 1)
    """
    _check(loss, notation, format)
    derivation = _Derivation(trace(loss), Names(names), column=notation == "column")
    try:
        forward, backward = derivation.lines()
    except (ValueError, RuntimeError) as error:
        if notation == "row" or str(error).startswith("derive: expected matrices"):
            raise
        raise _no_columns("a sum or a product of other shapes") from error
    write = _markdown if format == "markdown" else _latex
    return Text(write(forward, backward, derivation))


def _check(loss: Any, notation: str, format: str) -> None:
    if not is_tensor(loss):
        raise TypeError(f"derive: expected loss to be a Tensor, but got {type(loss).__name__}. Pass the tensor itself.")
    if not loss.requires_grad:
        raise RuntimeError(
            f"derive: expected a tensor with a history, but this one, shape {loss.shape}, requires no grad. "
            "Create the leaves with requires_grad=True, and compute it outside no_grad()."
        )
    loss._seed(None, "derive")
    for name, value, known in (("notation", notation, ("row", "column")), ("format", format, ("markdown", "latex"))):
        if value not in known:
            raise ValueError(f"derive: expected {name} to be one of {', '.join(map(repr, known))}, but got {value!r}.")


def _no_columns(what: str) -> ValueError:
    return ValueError(
        f"derive: expected matrices, one row for each sample, and vectors as biases for the column notation, but got "
        f"{what}. Use notation='row'."
    )


class _Derivation:
    """The names and the lines."""

    def __init__(self, program: Program, users: Names, column: bool) -> None:
        self.program, self.users, self.column = program, users, column
        leaves = [t for t in program.gradients if t.op is None]
        self.forward, self.backward = program.needed([program.loss, *(program.gradients[t] for t in leaves)])
        self.samples = self._samples() if column else 1
        self.names: dict[int, Formula] = {}
        self.flipped: set[int] = set()
        self.steps: dict[int, Step] = {}
        self.printer = Printer(self.names, self.flipped, self.steps, column)
        self.layer = self.others = 0
        self.loss = ""

    def lines(self) -> tuple[list[_Line], list[_Line]]:
        """The lines of the forward and of the backward pass."""
        odd = [step.output.shape for step in self.forward if step.output.ndim not in (0, 2)] if self.column else []
        if odd:
            raise _no_columns(f"a value of shape {odd[0]}")
        self._name_leaves()
        reads = Counter(id(x) for step in (*self.forward, *self.backward) for x in _tensors(step))
        depths: dict[int, int] = {}
        forward = []
        for step in self.forward:
            name = self._forward_name(step, reads[id(step.output)])
            deep = self._depth(step, depths)
            if name is None and deep < _DEEPEST:
                self.steps[id(step.output)] = step
                depths[id(step.output)] = deep
            else:
                forward.append(self._line(name or self._other(), step, 1.0))
        self.loss = forward[-1].left
        self._engine_agrees()
        self.names[id(self.program.seed)] = number(float(self.samples))
        return forward, self._backward_lines(reads, depths)

    def _backward_lines(self, reads: Counter[int], depths: dict[int, int]) -> list[_Line]:
        wanted: dict[int, tuple[str, Any]] = {}
        for t, g in self.program.gradients.items():
            if id(t) in self.names and g is not self.program.seed:
                wanted.setdefault(id(g), (f"d{self.names[id(t)].text}", t))
        for t, g in self.program.gradients.items():  # a parameter has the last word: it is what is wanted
            if t.op is None and g is not self.program.seed:
                wanted[id(g)] = (f"d{self.names[id(t)].text}", t)
        lines = []
        for step in self.backward:
            key = id(step.output)
            deep = self._depth(step, depths)
            if key not in wanted and (reads[key] == 1 or step.output.ndim == 0) and deep < _DEEPEST:
                self.steps[key], depths[key] = step, deep
                continue
            name, t = wanted.get(key, (self._other(), None))
            scale = 1.0 / self.samples if t is not None and t.op is None else 1.0
            lines.append(self._line(name, step, scale, like=t))
        return lines

    def _line(self, left: str, step: Step, scale: float, like: Any = None) -> _Line:
        """A line, checked: the value of what is printed is that of the engine."""
        y = step.output
        turned = self.column and y.ndim == 2
        if like is not None and like.op is None:  # a gradient is written like its parameter
            turned = id(like) in self.flipped
        right = self.printer.step(step, turned or (self.column and y.ndim == 1))
        if scale != 1 and y.ndim:
            text = right.text if right.text.startswith(r"\sum") else right.within(PRODUCT)
            right = Formula(rf"\frac{{1}}{{m}} {text}", PRODUCT, right.value * scale)
        actual = y._data * (1.0 if like is None and id(y) not in self._gradient_ids() else self.samples * scale)
        shown = actual.T if turned else actual[:, None] if self.column and y.ndim == 1 else actual
        _agree(left, right.value, shown)
        if turned:
            self.flipped.add(id(y))
        self.names[id(y)] = Formula(left, ATOM, shown)
        return _Line(left, right, shown.shape)

    def _gradient_ids(self) -> set[int]:
        return {id(step.output) for step in self.backward}

    # ---- names ----

    def _samples(self) -> int:
        """How many samples there are: the rows of the first matrix of data."""
        for step in self.forward:
            for x in step.inputs:
                if is_tensor(x) and x.ndim == 2 and not x.requires_grad:
                    return int(x.shape[0])
        return 1

    def _name_leaves(self) -> None:
        made = {id(step.output) for step in self.forward}
        weights = {id(step.inputs[1]) for step in self.forward if step.op.__name__ == "linear"}
        for step in self.forward:
            for x in _tensors(step):
                if id(x) in made or id(x) in self.names or (x.ndim == 0 and not x.requires_grad):
                    continue
                name = self.users.of(self.program.arrays.get(id(x), x))
                text = self._sign(name) if name else self._other("W" if x.requires_grad else "X")
                turned = self.column and x.ndim == 2 and id(x) not in weights
                if turned:
                    self.flipped.add(id(x))
                column = self.column and x.ndim == 1 and x.dtype.kind == "f"
                self.names[id(x)] = Formula(
                    text, ATOM, x._data.T if turned else x._data[:, None] if column else x._data
                )

    def _forward_name(self, step: Step, reads: int) -> str | None:
        """What a value is called; None for one that stands inside a formula."""
        y = step.output
        name, op = self.users.of(y), step.op.__name__
        if op == "linear" or (op == "add" and any(self._is_product(x) for x in step.inputs)):
            self.layer += 1
            return self._sign(name) if name else self._sign(f"Z{self.layer}")
        if name is not None:
            return self._sign(name)
        if y is self.program.loss:
            return "L"
        if op in _ACTIVATIONS and self.layer:
            return self._sign(f"A{self.layer}")
        return self._other() if reads > 1 else None

    def _is_product(self, x: Any) -> bool:
        step = self.steps.get(id(x))
        return step is not None and step.op.__name__ == "matmul"

    def _other(self, letter: str = "T") -> str:
        self.others += 1
        return f"{letter}_{{{self.others}}}"

    def _sign(self, name: str) -> str:
        """``W1`` as W with an index; ``net.0.weight`` as W with the path as its index."""
        if path := re.fullmatch(r"(.+)\.(weight|bias)", name):
            return f"{path[2][0].upper() if path[2] == 'weight' else 'b'}_{{\\mathrm{{{_plain(path[1])}}}}}"
        if parts := re.fullmatch(r"([A-Za-z])_?(\d+)", name):
            return f"{parts[1]}^{{[{parts[2]}]}}" if self.column else f"{parts[1]}_{{{parts[2]}}}"
        return name if len(name) == 1 and name.isalpha() else rf"\mathrm{{{_plain(name)}}}"

    def _depth(self, step: Step, depths: dict[int, int]) -> int:
        return 1 + max((depths.get(id(x), 0) for x in _tensors(step)), default=0)

    def _engine_agrees(self) -> None:
        """Raise unless the gradients here are those of `backward`."""
        gradients = self.program.gradients
        leaves = {t for t in gradients if t.op is None}
        loss = self.program.loss
        for t, g in collect(loss, np.ones(loss.shape, loss.dtype), leaves):
            _agree(f"d{self.names[id(t)].text}", gradients[t]._data, g)


def _agree(left: str, got: Any, wanted: Any) -> None:
    """Raise if what a line says is not so."""
    tolerance = 1e-3 if wanted.dtype.itemsize < 8 else 1e-7
    largest = float(np.max(np.abs(wanted), initial=0.0, where=np.isfinite(wanted)))
    least = max(tolerance * largest, 1e3 * float(np.finfo(wanted.dtype).eps))
    fits = np.broadcast_shapes(np.shape(got), wanted.shape) == wanted.shape
    if not fits or not np.allclose(got, wanted, rtol=tolerance, atol=least, equal_nan=True):
        raise RuntimeError(
            f"derive: expected the line of ${left}$ to give what the engine gives, but it differs. This is a fault of "
            f"derive, not of your program; viz.to_numpy writes the same pass as code."
        )


def _plain(name: str) -> str:
    return re.sub(r"([_&%$#{}\\^~])", r"\\\1", name) if name.isascii() else name


def _tensors(step: Step) -> Iterable[Any]:
    for x in (*step.inputs, *step.params.values()):
        yield from (p for p in (x if isinstance(x, (tuple, list)) else (x,)) if is_tensor(p))


def _markdown(forward: Sequence[_Line], backward: Sequence[_Line], derivation: _Derivation) -> str:
    def listed(lines: Sequence[_Line]) -> str:
        return "\n".join(
            f"- ${line.left} = {line.right.text}$" + (f" ({' × '.join(map(str, line.shape))})" if line.shape else "")
            for line in lines
        )

    return f"Forward:\n\n{listed(forward)}\n\nBackward, with {_legend(derivation)}:\n\n{listed(backward)}"


def _latex(forward: Sequence[_Line], backward: Sequence[_Line], derivation: _Derivation) -> str:
    def listed(lines: Sequence[_Line]) -> str:
        shapes = [r" \times ".join(map(str, line.shape)) for line in lines]
        formulas = [f"  {line.left} &= {line.right.text}" for line in lines]
        return " \\\\\n".join(
            f"{text} && ({shape})" if shape else text for text, shape in zip(formulas, shapes, strict=True)
        )

    return (
        f"% {_legend(derivation)}\n\\begin{{align*}}\n{listed(forward)} \\\\[1ex]\n{listed(backward)}\n\\end{{align*}}"
    )


def _legend(derivation: _Derivation) -> str:
    loss = derivation.loss
    if not derivation.column:
        return rf"$dV = \partial {loss} / \partial V$"
    m = derivation.samples
    return (
        rf"$m = {m}$ samples as columns, $dV = m\, \partial {loss} / \partial V$ for values and "
        rf"$dW = \partial {loss} / \partial W$ for parameters"
    )
