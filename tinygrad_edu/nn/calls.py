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
    """The dotted path of `module` while the modules in `active`, at least one, are being called, outermost first.

    It is the path below the innermost of them that contains it. A module that none of them contains (made while they
    run, say) is called by its class name, in angle brackets.
    """
    for caller, path in reversed(active):
        structure, below = caller._paths
        if structure != _structure:
            below = _find_paths(caller)
        if id(module) in below:
            found = below[id(module)]
            return f"{path}.{found}" if path and found else path or found
    innermost, own = active[-1][1], f"<{type(module).__name__}>"
    return f"{innermost}.{own}" if innermost else own


def _find_paths(module: Module) -> dict[int, str]:
    """The path, from `module`, of itself and of every module below it: worked out once for a structure."""
    found = {id(m): path for path, m in module.named_modules()}
    vars(module)["_paths"] = (_structure, found)
    return found


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
