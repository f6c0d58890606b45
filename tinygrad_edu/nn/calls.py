"""Which module made which tensors: what a call notes on its outputs, for pictures and messages.

A call of a module draws one serial on entry and one on exit, so an op whose serial lies between belongs to it.
Only numbers and strings are noted: an output keeps no module alive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..engine import is_tensor

if TYPE_CHECKING:
    from .module import Module

Call = tuple[str, str, int, int]  # the module's class name, its path, the serials on entry and on exit

_structure = 0  # grows with every change of who contains whom: what was worked out before is then out of date


def structure_changed() -> None:
    """Forget all paths: some module has got or lost a child."""
    global _structure
    _structure += 1


def path_of(module: Module, active: tuple[tuple[Module, str], ...]) -> str:
    """The dotted path of `module` while the modules in `active` are being called, outermost first.

    It is the path below the innermost of them that contains it. A module that none of them contains (made while they
    run, say) is called by its class name, in angle brackets.
    """
    for caller, path in reversed(active):
        below = _paths_below(caller).get(id(module))
        if below is not None:
            return _joined(path, below)
        if caller is module:  # it calls itself
            return path
    return _joined(active[-1][1], f"<{type(module).__name__}>") if active else ""


def _joined(path: str, below: str) -> str:
    return f"{path}.{below}" if path else below


def _paths_below(module: Module) -> dict[int, str]:
    """The path, from `module`, of every module below it: worked out once, kept until a structure changes."""
    known = module._paths
    if known is None or known[0] != _structure:
        known = (_structure, {id(m): path for path, m in module.named_modules() if path})
        vars(module)["_paths"] = known
    return known[1]


def note(output: Any, call: Call) -> None:
    """Note `call` on every Tensor in `output` that was made during it."""
    if is_tensor(output):
        if output.serial > call[2]:
            output._calls = (*getattr(output, "_calls", ()), call)
    elif isinstance(output, (tuple, list)):
        for part in output:
            note(part, call)
    elif isinstance(output, dict):
        for part in output.values():
            note(part, call)
