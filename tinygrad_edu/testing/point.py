"""A function at one point: what a gradient check evaluates, again and again, moved a little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import engine, random
from ..context import enable_grad, no_grad
from ..marks import collect
from ..tensor import Tensor

Arrays = list[np.ndarray]


class Point:
    """A function, the float64 arrays that it is differentiated by, and whatever else it takes.

    Parameters
    ----------
    f : callable
        A function of Tensors.
    inputs : sequence
        Its arguments.
    places : sequence of ints
        Which of them to differentiate by; all others are handed on as they are.
    parameters : mapping of names to Tensors
        Leaves that `f` reads without taking them as arguments; they are moved where they are.
    """

    def __init__(
        self, f: Callable[..., Any], inputs: Sequence[Any], places: Sequence[int], parameters: Mapping[str, Tensor] = {}
    ) -> None:
        self.f, self.inputs, self.places = f, list(inputs), list(places)
        self.names, self.parameters = list(parameters), list(parameters.values())
        self.part: int | None = None  # which result to look at, where there are several
        found = [array_of(self.inputs[i]) for i in self.places] + [p.data for p in self.parameters]
        self.values = [np.array(x, np.float64) for x in found]

    def label(self, i: int) -> str:
        """What to call the array number `i`."""
        if i < len(self.places):
            return f"input {self.places[i]}"
        return f"parameter {self.names[i - len(self.places)]}"

    def run(self, values: Sequence[np.ndarray], record: bool) -> tuple[list[Tensor], Any]:
        """The leaves that hold `values`, and what `f` makes of them: always under the same random numbers."""
        args = list(self.inputs)
        leaves = []
        for place, value in zip(self.places, values, strict=False):
            args[place] = Tensor(value, requires_grad=record)
            leaves.append(args[place])
        for parameter, value in zip(self.parameters, values[len(self.places) :], strict=True):
            parameter.data = value
            leaves.append(parameter)
        with enable_grad() if record else no_grad(), random.seeded(0):
            y = self.f(*args)
        return leaves, y if self.part is None else y[self.part]

    def value(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """The value of `f`."""
        y = self.run(values, record=False)[1]
        return np.asarray(array_of(y))

    def slopes(self, values: Sequence[np.ndarray], cotangent: np.ndarray) -> Arrays:
        """The gradient of ``<cotangent, f>`` for every array, by backpropagation over arrays."""
        leaves, y = self.run(values, record=True)
        return gradients(y, cotangent, leaves)

    def moved(self, directions: Sequence[np.ndarray | None], step: float) -> Arrays:
        """The arrays, `step` along `directions`; those without a direction stay."""
        return [v if d is None else v + step * d for v, d in zip(self.values, directions, strict=True)]

    @contextmanager
    def restored(self) -> Iterator[None]:
        """A block after which parameters, and the buffers of a module, hold their own arrays again."""
        buffers = self.f.buffers() if hasattr(self.f, "buffers") else ()
        before = [(t, t.data, t.data.copy()) for t in [*self.parameters, *buffers]]
        try:
            yield
        finally:
            for t, data, numbers in before:
                np.copyto(data, numbers)
                t.data = data


def gradients(y: Tensor, g: Any, leaves: Sequence[Tensor]) -> Arrays:
    """The gradient of ``<g, y>`` for each of `leaves`; zeros where there is no path."""
    found = dict(collect(y, g, set(leaves))) if y.requires_grad else {}
    return [found[x] if x in found else np.zeros(x.shape) for x in leaves]


def recorded_gradients(y: Tensor, g: Tensor, leaves: Sequence[Tensor]) -> list[Tensor]:
    """Likewise as Tensors that have a history of their own."""
    with enable_grad():
        found = dict(collect(y, g, set(leaves), record=True))
    return [found[x] if x in found else Tensor(np.zeros(x.shape)) for x in leaves]


def array_of(x: Any) -> Any:
    """The array inside a Tensor; anything else as it is."""
    return x._data if engine.is_tensor(x) else x


def is_floating(x: Any) -> bool:
    """Whether `x` is something to differentiate by: a floating array, Tensor or Python float."""
    x = array_of(x)
    return isinstance(x, float) or (isinstance(x, np.ndarray) and x.dtype.kind == "f")
