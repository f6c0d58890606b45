"""The layers that a network runs through on an input: what goes in and out of each, and its parameters, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..engine import is_tensor
from ..observe import Event, observe
from . import numbers

Shapes = list[tuple[int, ...]]


@dataclass(eq=False)
class Layer:
    """One call of a module.

    Attributes
    ----------
    path, class_name : str
        Where the module is, and its class.
    depth : int
        How many modules are around it.
    details : str
        What the module says of itself: ``in_features=3, out_features=5``.
    parameters, frozen : int
        How many numbers it learns itself, without the modules it calls; and how many of them require no grad.  0 for
        what an earlier call has counted.
    inputs, outputs : list of tuple
        Shapes.
    """

    path: str
    class_name: str
    depth: int
    details: str
    parameters: int
    frozen: int
    inputs: Shapes
    outputs: Shapes = field(default_factory=list)


def run(net: Any, inputs: Sequence[Any]) -> tuple[list[Layer], Any]:
    """Call the network, in evaluation mode, and note every layer in the order of entry."""
    modules = list(net.modules())
    training = [(module, module.training) for module in modules]
    watch = _Watch(net)
    handles = []
    for module in modules:
        handles.append(module.register_forward_pre_hook(watch.enter))
        handles.append(module.register_forward_hook(watch.leave))
    try:
        net.eval()
        with observe(watch.note):
            output = net(*inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in training:
            module.training = mode
    watch.count_lent()
    return watch.layers, output


class _Watch:
    """What is noted while a network runs."""

    def __init__(self, net: Any) -> None:
        self.layers: list[Layer] = []
        self._paths = {id(module): path for path, module in net.named_modules()}
        self._parameters = {id(p) for p in net.parameters()}
        self._around: list[Layer] = []
        self._counted: set[int] = set()
        self._used: list[tuple[Layer, Any]] = []

    def enter(self, module: Any, args: Any) -> None:
        layer = Layer(
            path=self._paths[id(module)],
            class_name=type(module).__name__,
            depth=len(self._around),
            details=module.extra_repr(),
            parameters=0,
            frozen=0,
            inputs=shapes_of(args),
        )
        for name, parameter in module.named_parameters():
            if "." not in name:
                self._count(layer, parameter)
        self.layers.append(layer)
        self._around.append(layer)

    def leave(self, module: Any, args: Any, output: Any) -> None:  # noqa: ARG002
        self._around.pop().outputs = shapes_of(output)

    def note(self, event: Event) -> None:
        """Which layer an op used a parameter in."""
        if self._around:
            self._used += [(self._around[-1], x) for x in event.inputs if id(x) in self._parameters]

    def count_lent(self) -> None:
        """Parameters of modules that were never called themselves count where they were used."""
        for layer, parameter in self._used:
            self._count(layer, parameter)

    def _count(self, layer: Layer, parameter: Any) -> None:
        if id(parameter) not in self._counted:
            self._counted.add(id(parameter))
            layer.parameters += parameter.size
            layer.frozen += 0 if parameter.requires_grad else parameter.size


def shapes_of(x: Any) -> Shapes:
    """The shapes of all tensors in nested tuples, lists and dictionaries."""
    if hasattr(x, "shape"):
        return [tuple(x.shape)]
    parts = x.values() if isinstance(x, dict) else x if isinstance(x, (tuple, list)) else ()
    return [shape for part in parts for shape in shapes_of(part)]


def tensors_of(x: Any) -> list[Any]:
    """All tensors in nested tuples, lists and dictionaries."""
    if is_tensor(x):
        return [x]
    parts = x.values() if isinstance(x, dict) else x if isinstance(x, (tuple, list)) else ()
    return [t for part in parts for t in tensors_of(part)]


def table(layers: Sequence[Layer], net: Any) -> str:
    """The layers below each other, with the totals."""
    heads = ("Layer", "Input", "Output", "Parameters")
    rows = [
        (f"{branch}{_called(layer)}", _shown(layer.inputs), _shown(layer.outputs), _count(layer))
        for branch, layer in zip(_branches([layer.depth for layer in layers]), layers, strict=True)
    ]
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(4)]
    wide = sum(widths) + 3 * 3

    def lined(row: Sequence[str]) -> str:
        cells = [f"{cell:<{width}}" for cell, width in zip(row[:3], widths, strict=False)]
        return "   ".join([*cells, f"{row[3]:>{widths[3]}}"]).rstrip()

    parameters = {id(p): p for p in net.parameters()}.values()
    total = sum(p.size for p in parameters)
    frozen = sum(p.size for p in parameters if not p.requires_grad)
    memory = sum(p.data.nbytes for p in parameters)
    used = sum(layer.parameters for layer in layers)
    totals = [
        f"Parameters: {total:,}"
        + (f", of which {frozen:,} are not trained" if frozen else "")
        + f" ({_bytes(memory)})",
        *([f"Not used by this input: {total - used:,}"] if total > used else []),
    ]
    return "\n".join([lined(heads), "═" * wide, *map(lined, rows), "═" * wide, *totals])


def _called(layer: Layer) -> str:
    name = layer.path.rpartition(".")[2]
    return f"{name} {layer.class_name}" if name else layer.class_name


def _shown(shapes: Shapes) -> str:
    return ", ".join(numbers.shape_text(shape) or "1" for shape in shapes) or "–"


def _count(layer: Layer) -> str:
    if not layer.parameters:
        return "–"
    return f"{layer.parameters:,}" + (" (not trained)" if layer.frozen == layer.parameters else "")


def _bytes(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.3g} GB"


def _branches(depths: Sequence[int]) -> list[str]:
    """The lines that lead to each row of a tree given by depths: ``├─``, ``└─``, ``│``."""
    found = []
    open_below: set[int] = set()  # depths at which a later row continues
    for depth in reversed(depths):
        if depth:
            lead = "".join("│  " if d in open_below else "   " for d in range(1, depth))
            found.append(lead + ("├─ " if depth in open_below else "└─ "))
        else:
            found.append("")
        open_below = {d for d in open_below if d < depth} | {depth}
    return found[::-1]
