"""`to_numpy`: the forward and backward pass of a recorded graph, written out as a plain function of NumPy."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine import is_tensor
from ..marks import collect
from ..sweep import history
from ..text import Text
from .helpers import Helpers
from .names import Names
from .numpy_text import Expression, Writer
from .trace import Program, Step, trace

_WIDEST = 70  # characters of an expression that is put into another


def to_numpy(loss: Any, wrt: Any, *, names: Any = None, function: str = "loss_and_gradients") -> str:
    """The source of a function that computes a loss and its gradients in NumPy alone: what autograd does, written out.

    Each line is one op of the forward pass, or one formula of the backward pass, with the names of your variables and
    the shape of the result. The formulas are those of the ops themselves, and the text is run and compared with the
    engine before it is handed out. It is written for the shapes of this graph.

    Parameters
    ----------
    loss : Tensor
        One number, computed from tensors that require grad.
    wrt : Tensor or sequence of Tensors
        What the gradients are for.
    names : mapping or module, optional
        Names and what they stand for, as for `graph`.
    function : str, default "loss_and_gradients"
        The name of the function. It takes all arrays that the loss was computed from, data first, and returns the loss
        and the gradients in the order of `wrt`.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If `loss` or `wrt` is not a tensor.
    RuntimeError
        If `loss` has no history, or `wrt` is not in it, or the text does not give what the engine gives.
    NotImplementedError
        If an op cannot be written in NumPy; the message names it.
    ValueError
        If `loss` has several elements, or `function` is no name.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, tanh, viz
    >>> x, w = Tensor([[1.0, 2.0]]), Tensor([[0.5], [0.25]], requires_grad=True)
    >>> h = tanh(x @ w)
    >>> loss = (h * h).mean()
    >>> viz.to_numpy(loss, w)
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def loss_and_gradients(x, w):
        # forward
        h = np.tanh(x @ w)  # (1, 1)
        loss = np.mean(h * h)
    <BLANKLINE>
        # backward
        d_loss = np.ones_like(loss)
        t1 = np.broadcast_to((d_loss / 1.0).reshape((1, 1)), (1, 1))  # (1, 1)
        d_h = t1 * h + t1 * h  # (1, 1)
        d_w = x.T @ (d_h * (1 - h * h))  # (2, 1)
        return loss, d_w
    """
    targets = [wrt] if is_tensor(wrt) else list(wrt)
    _check(loss, targets, function)
    source, arguments = written(loss, targets, Names(names), function)
    _compare(source, function, arguments, loss, targets)
    return Text(source)


def written(loss: Any, targets: Sequence[Any], names: Names, function: str) -> tuple[str, dict[str, np.ndarray]]:
    """The source of the function, and the arrays that it takes by their names."""
    text = _Text(trace(loss), targets, names, function)
    return text.source(), text.arguments


def _check(loss: Any, targets: Sequence[Any], function: str) -> None:
    for name, x in (("loss", loss), *(("wrt", t) for t in targets)):
        if not is_tensor(x):
            raise TypeError(
                f"to_numpy: expected {name} to be a Tensor, but got {type(x).__name__}. Pass the tensor itself."
            )
    if not loss.requires_grad:
        raise RuntimeError(
            f"to_numpy: expected a tensor with a history, but this one, shape {loss.shape}, requires no grad. "
            "Create the leaves with requires_grad=True, and compute it outside no_grad()."
        )
    loss._seed(None, "to_numpy")
    if not function.isidentifier() or keyword.iskeyword(function):
        raise ValueError(f"to_numpy: expected function to be a name, but got {function!r}.")
    nodes = set(history(loss))
    for t in targets:
        if t not in nodes:
            raise RuntimeError(
                f"to_numpy: expected wrt to be tensors that loss was computed from, but no path leads from one of "
                f"shape {t.shape}. tinygrad_edu.why(wrt, loss) looks for the reason."
            )


class _Text:
    """The function in the making."""

    def __init__(self, program: Program, targets: Sequence[Any], names: Names, function: str) -> None:
        self.program, self.targets, self.users, self.function = program, targets, names, function
        self.results = [program.gradients.get(t) for t in targets]
        self.forward, self.backward = program.needed([program.loss, *(r for r in self.results if r is not None)])
        self.taken = {"np", "math", function, *keyword.kwlist}
        self.helpers = Helpers(self.taken)
        self.known: dict[int, Expression] = {}
        self.writer = Writer(self.helpers, self.known)
        self.arguments: dict[str, np.ndarray] = {}
        self.count = 0
        self.reads = Counter(id(x) for step in self.forward + self.backward for x in _operands(step))
        for array in program.arrays.values():
            self.reads[id(array)] += 0

    def source(self) -> str:
        """The whole text."""
        lines = ["# forward", *self._pass(self._named_arguments(), self.forward, self._forward_names())]
        loss = self.known[id(self.program.loss)].text
        lines += ["", "# backward", f"{self._start(loss)} = np.ones_like({loss})"]
        lines += self._pass([], self.backward, self._gradient_names())
        returned = [loss]
        for target, result in zip(self.targets, self.results, strict=True):
            returned.append(
                f"np.zeros({target.shape}, np.{target.dtype})" if result is None else self.known[id(result)].text
            )
        lines.append(f"return {', '.join(returned)}")
        body = "\n".join(f"    {line}" if line else "" for line in lines)
        imports = "".join(f"import {name}\n" for name in sorted(self.helpers.imports))
        return (
            f"{imports}import numpy as np\n\n\n{self.helpers.text}"
            f"def {self.function}({', '.join(self.arguments)}):\n{body}\n"
        )

    # ---- names ----

    def _variable(self, wanted: str | None, x: Any) -> Expression:
        """A new variable for `x`."""
        name = re.sub(r"\W", "_", wanted or "").strip("_")
        if not name or not name.isascii() or name[0].isdigit():
            name = f"v_{name}" if name and name.isascii() else ""
        if not name:
            self.count += 1
            name = f"t{self.count}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        self.known[id(x)] = Expression(name)
        return self.known[id(x)]

    def _named_arguments(self) -> list[str]:
        """Every array that is not computed becomes an argument: data first, then what requires grad."""
        made = {id(step.output) for step in self.forward}
        found: dict[int, Any] = {}
        for step in self.forward:
            for x in _operands(step):
                whole = x.ndim > 0 or (is_tensor(x) and x.requires_grad)  # a constant of one number is written out
                if whole and id(x) not in made:
                    found.setdefault(id(x), x)
        data = [x for x in found.values() if not (is_tensor(x) and x.requires_grad)]
        learned = [x for x in found.values() if is_tensor(x) and x.requires_grad]
        for prefix, group in (("x", data), ("w", learned)):
            for i, x in enumerate(group):
                name = self.users.of(self.program.arrays.get(id(x), x)) or f"{prefix}{i + 1}"
                variable = self._variable(name, x)
                array = x._data if is_tensor(x) else x
                self.known.setdefault(id(array), variable)
                self.arguments[variable.text] = array
        return []

    def _forward_names(self) -> dict[int, str]:
        found = {id(s.output): name for s in self.forward if (name := self.users.of(s.output)) is not None}
        return {**found, id(self.program.loss): found.get(id(self.program.loss), "loss")}

    def _gradient_names(self) -> dict[int, str]:
        """``d_h`` for the gradient of h; where several share one, it has the name of the newest."""
        found: dict[int, str] = {}
        for t, g in self.program.gradients.items():
            if id(t) in self.known and self.known[id(t)].text.isidentifier():
                found.setdefault(id(g), f"d_{self.known[id(t)].text}")
        for t in self.targets:
            if t in self.program.gradients:
                found[id(self.program.gradients[t])] = f"d_{self.known[id(t)].text}"
        return found

    def _start(self, loss: str) -> str:
        return self._variable(f"d_{loss}", self.program.seed).text

    # ---- lines ----

    def _pass(self, lines: list[str], steps: Sequence[Step], wanted: dict[int, str]) -> list[str]:
        """A line for each step that has a name or is read twice; others become a part of the line that reads them."""
        for step in steps:
            expression, key = self.writer.write(step), id(step.output)
            if key not in wanted and self.reads[key] == 1 and len(expression.text) <= _WIDEST:
                self.known[key] = expression
                continue
            variable = self._variable(wanted.get(key), step.output)
            shape = f"  # {tuple(step.output.shape)}" if step.output.ndim else ""
            lines.append(f"{variable.text} = {expression.text}{shape}")
        return lines


def _operands(step: Step) -> list[Any]:
    """The tensors and arrays that a step reads, also in an index or a sequence."""
    found: list[Any] = []
    for x in (*step.inputs, *step.params.values()):
        found += [p for p in (x if isinstance(x, (tuple, list)) else (x,)) if is_tensor(p) or isinstance(p, np.ndarray)]
    return found


def _compare(source: str, function: str, arguments: dict[str, Any], loss: Any, targets: Sequence[Any]) -> None:
    """Run the text, and raise unless it gives what the engine gives."""
    space: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        exec(compile(source, "<to_numpy>", "exec"), space)
        value, *gradients = space[function](**arguments)
        expected = dict(collect(loss, np.ones(loss.shape, loss.dtype), set(targets)))
    tolerance = 1e-3 if loss.dtype.itemsize < 8 else 1e-7
    pairs = [(value, loss.data), *((g, expected.get(t, 0.0)) for g, t in zip(gradients, targets, strict=True))]
    largest = max(float(np.max(np.abs(w), initial=0.0, where=np.isfinite(w))) for _, w in pairs)
    # Below 1,000 roundings of 1, a number may be nothing but rounding.
    least = max(tolerance * largest, 1000 * float(np.finfo(loss.dtype).eps))
    for got, wanted in pairs:
        if not np.allclose(got, wanted, rtol=tolerance, atol=least, equal_nan=True):
            raise RuntimeError(
                "to_numpy: expected the text to give what the engine gives, but it differs. This is a fault of "
                "to_numpy, not of your program; viz.explain and viz.graph show the same graph."
            )
