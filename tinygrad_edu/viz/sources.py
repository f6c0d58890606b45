"""Where values come from: the expressions of the program that made them, and what they were assigned to there."""

from __future__ import annotations

import ast
import linecache
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from ..engine import is_tensor
from ..observe import Call, Event

MOST_ORIGINS = 16  # of one value without a history
AROUND = 2  # lines of the program that are shown before and after
RETURNED = ""  # what a returned expression is assigned to: that is for the caller to say


class Place(NamedTuple):
    """An expression in a file; columns count bytes, lines from 1."""

    file: str
    line: int
    end_line: int
    start: int
    end: int

    def __str__(self) -> str:
        """``train.py:12: x @ w``."""
        text = linecache.getline(self.file, self.line)
        if self.line == self.end_line:
            text = text.encode("utf-8", "replace")[self.start : self.end].decode("utf-8", "replace")
        return f"{_base(self.file)}:{self.line}: {text.strip()}"


class End(NamedTuple):
    """Where a gradient ends: the tensor, by its serial number, the op, and where that was called."""

    serial: int
    op: str
    call: Call | None

    @property
    def place(self) -> Place | None:
        """The expression."""
        return None if self.call is None else _place(*self.call)


class Sources:
    """For each tensor, by its serial number, the place in the program that it came from.

    Only numbers and code objects are kept: what was watched may die.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._calls: dict[int, tuple[Call, ...]] = {}  # the innermost first
        self.places: dict[int, Place] = {}
        self.ends: dict[int, list[End]] = {}  # by serial: where a tensor was taken and no gradient let back
        self.origins: dict[int, tuple[End, ...]] = {}  # of an untracked value: whose gradient ended where
        for event in events:
            self.note(event)

    def note(self, event: Event) -> None:
        """Remember where an op was called, and what of it is a gradient's end."""
        call = None if event.code is None else (event.code, event.instruction)
        made = event.output if isinstance(event.output, tuple) else (event.output,)
        serials = [y.serial for y in made if is_tensor(y)]
        if call is not None:
            self._calls.update(dict.fromkeys(serials, (call, *event.callers)))
        ends = [End(x.serial, event.op.__name__.strip("_"), call) for x in event.inputs if _tracked(x)]
        if event.is_ghost:
            for end in ends:
                self.ends.setdefault(end.serial, []).append(end)
        for y in made:
            if is_tensor(y) and not _tracked(y):
                for x in event.inputs:
                    ends += self.origins.get(getattr(x, "serial", -1), ()) if not _tracked(x) else ()
                if ends:
                    self.origins[y.serial] = tuple(dict.fromkeys(ends))[-MOST_ORIGINS:]

    def place(self, serial: int) -> Place | None:
        """Where the tensor with this serial number was made; None if nobody watched."""
        if serial not in self.places and serial in self._calls:
            place = _place(*self._calls[serial][0])
            if place is not None:
                self.places[serial] = place
        return self.places.get(serial)

    def name(self, serial: int) -> str | None:
        """The variable that the tensor was assigned to, where a line says ``name = <exactly this expression>``.

        Where it says ``return <exactly this expression>``, the line of the caller decides.
        """
        for call in self._calls.get(serial, ()):
            place = _place(*call)
            target = None if place is None else _targets(place.file).get(place[1:])
            if target != RETURNED:
                return target
        return None

    def names(self, order: Sequence[Any]) -> Iterator[tuple[Any, str | None]]:
        """Each tensor with its name; of those that ``h = net(x)`` makes on its way, the result alone has one."""
        inner = _inner(order, self)
        yield from ((v, self.name(v.serial)) for v in order if is_tensor(v) and v.serial not in inner)


def sources_of(events: Any) -> Sources:
    """The sources of a recording, of events that were noted, or of nothing."""
    found = getattr(events, "sources", events)
    return found if isinstance(found, Sources) else Sources(found or ())


def _tracked(x: Any) -> bool:
    return bool(getattr(x, "_requires_grad", False))


def _inner(order: Sequence[Any], sources: Sources) -> set[int]:
    """The serials of values on the way through a module, whose result alone has the name in ``h = net(x)``."""
    found = set()
    calls = {note for value in order for note in getattr(value, "_calls", ())}
    outermost, reached = [], -1
    for _, _, entry, leave in sorted(calls, key=lambda note: (note[2], -note[3])):
        if leave > reached:
            outermost.append((entry, leave))
            reached = leave
    for value in order:
        for x in getattr(value, "inputs", ()) if is_tensor(value) else ():
            if is_tensor(x) and sources.place(x.serial) == sources.place(value.serial) is not None:
                at = bisect_left(outermost, (x.serial, 0)) - 1
                if at >= 0 and value.serial <= outermost[at][1]:
                    found.add(x.serial)
    return found


def _place(code: Any, instruction: int) -> Place | None:
    positions = next(islice(code.co_positions(), instruction // 2, None), (None,) * 4)
    line, end_line, start, end = positions
    if line is None or end_line is None or start is None or end is None:
        return None
    return Place(code.co_filename, line, end_line, start, end)


@lru_cache(maxsize=64)
def _targets(file: str) -> Mapping[tuple[int, ...], str]:
    """For each assigned expression of a file, by its position, the variable; `RETURNED` for a returned one."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, RecursionError, ValueError):
        return {}
    found: dict[tuple[int, ...], str] = {}
    for node in ast.walk(tree):
        value, target = _assignment(node)
        if value is not None and target is not None:
            found[value.lineno, value.end_lineno or 0, value.col_offset, value.end_col_offset or 0] = target
    return found


def _assignment(node: ast.AST) -> tuple[ast.expr | ast.stmt | None, str | None]:
    """What is assigned by a piece of a program, and to which name."""
    if isinstance(node, (ast.Return, ast.Lambda)):
        return (node.value if isinstance(node, ast.Return) else node.body), RETURNED
    if isinstance(node, ast.AugAssign):  # h += x is an expression of its own, as wide as the statement
        return node, _name(node.target)
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        return node.value, _name(node.target)
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return node.value, _name(node.targets[0])
    return None, None


def _name(target: ast.expr) -> str | None:
    return ast.unparse(target) if isinstance(target, (ast.Name, ast.Attribute)) else None


def excerpt(place: Place) -> dict[str, object] | None:
    """The lines around a place as JSON, with the columns to mark, in characters; None without a source."""
    lines = linecache.getlines(place.file)
    if not 0 < place.line <= place.end_line <= len(lines):
        return None
    first = max(1, place.line - AROUND)
    shown = [line.rstrip("\r\n") for line in lines[first - 1 : place.end_line + AROUND]]
    mark = [_column(lines[place.line - 1], place.start), _column(lines[place.end_line - 1], place.end)]
    return {
        "file": _base(place.file),
        "first": first,
        "lines": shown,
        "from": [place.line, mark[0]],
        "to": [place.end_line, mark[1]],
    }


def _base(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2]


def _column(line: str, byte: int) -> int:
    return len(line.encode("utf-8", "replace")[:byte].decode("utf-8", "replace"))
