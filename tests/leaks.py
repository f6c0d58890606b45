"""Which objects of the package lie in a reference cycle, among the garbage that the collector found."""

import gc
from collections.abc import Iterable
from types import TracebackType


def in_cycles(garbage: Iterable[object]) -> list[object]:
    """Objects of the package that lie on a cycle of references among ``garbage`` (or on a path between two).

    What a cycle merely holds on to is not meant, nor a cycle through a traceback: every caught error makes one.
    Peels off, again and again, what nothing points at and what points at nothing.
    """
    garbage = list(garbage)
    if not any(map(_is_ours, set(map(type, garbage)))):  # what Hypothesis leaves is much, and no concern of ours
        return []
    nodes = {id(each): each for each in garbage if not isinstance(each, type | TracebackType)}
    users: dict[int, list[int]] = {key: [] for key in nodes}
    used: dict[int, list[int]] = {}
    for key, each in nodes.items():
        used[key] = [id(other) for other in gc.get_referents(each) if id(other) in nodes]
        for other in used[key]:
            users[other].append(key)
    alive = _peel(_peel(set(nodes), users, used), used, users)
    return [nodes[key] for key in alive if _is_ours(type(nodes[key]))]


def _peel(alive: set[int], into: dict[int, list[int]], out: dict[int, list[int]]) -> set[int]:
    """Without the nodes that no chain from a cycle reaches, following ``out``."""
    alive = set(alive)
    count = {key: sum(other in alive for other in into[key]) for key in alive}
    ready = [key for key in alive if not count[key]]
    while ready:
        key = ready.pop()
        alive.discard(key)
        for other in out[key]:
            if other in alive:
                count[other] -= 1
                if not count[other]:
                    ready.append(other)
    return alive


def _is_ours(kind: type) -> bool:
    return any(base.__module__.partition(".")[0] == "tinygrad_edu" for base in kind.__mro__)
