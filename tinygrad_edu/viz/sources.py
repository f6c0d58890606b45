"""Where in the user's program an op was called, and what the result was assigned to there."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from types import CodeType
from typing import NamedTuple

from ..observe import Event

MOST_ORIGINS = 16  # of one value without a history
AROUND = 2  # lines of the program that are shown before and after


class Place(NamedTuple):
    """An expression in a file; columns count bytes, lines from 1."""

    file: str
    line: int
    end_line: int
    start: int
    end: int


class Sources:
    """For each tensor, by its serial number, the place in the program that it came from.

    Only numbers and code objects are kept: what was watched may die.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._calls: dict[int, tuple[CodeType, int]] = {}
        self.places: dict[int, Place] = {}
        self.ends: dict[int, list[str]] = {}  # by serial: the ops that took a tensor and let no gradient back
        self.origins: dict[int, tuple[tuple[int, str], ...]] = {}  # of an untracked value: whose gradient ended where
        for event in events:
            self.note(event)

    def note(self, event: Event) -> None:
        """Remember where an op was called."""
        serial = getattr(event.output, "serial", None)
        if serial is not None and event.code is not None:
            self._calls[serial] = event.code, event.instruction
        if event.is_ghost:
            for x in event.inputs:
                if getattr(x, "_requires_grad", False):
                    self.ends.setdefault(x.serial, []).append(event.op.__name__)
        if serial is not None and not event.output.requires_grad:
            self._note_origins(event, serial)

    def _note_origins(self, event: Event, serial: int) -> None:
        found: list[tuple[int, str]] = []
        for x in event.inputs:
            if getattr(x, "_requires_grad", False):
                found.append((x.serial, event.op.__name__.strip("_")))
            else:
                found += self.origins.get(getattr(x, "serial", -1), ())
        if found:
            self.origins[serial] = tuple(dict.fromkeys(found))[-MOST_ORIGINS:]

    def place(self, serial: int) -> Place | None:
        """Where the tensor with this serial number was made; None if nobody watched."""
        if serial not in self.places and serial in self._calls:
            place = _place(*self._calls[serial])
            if place is not None:
                self.places[serial] = place
        return self.places.get(serial)

    def name(self, serial: int) -> str | None:
        """The variable that the tensor was assigned to, where the line says ``name = <exactly this expression>``."""
        place = self.place(serial)
        return None if place is None else _targets(place.file).get(place[1:])


def _place(code: CodeType, instruction: int) -> Place | None:
    positions = next(islice(code.co_positions(), instruction // 2, None), (None,) * 4)
    line, end_line, start, end = positions
    if line is None or end_line is None or start is None or end is None:
        return None
    return Place(code.co_filename, line, end_line, start, end)


@lru_cache(maxsize=64)
def _targets(file: str) -> Mapping[tuple[int, ...], str]:
    """For each assigned expression of a file, by its position, the variable."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, RecursionError, ValueError):
        return {}
    found: dict[tuple[int, ...], str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            span = (value.lineno, value.end_lineno or 0, value.col_offset, value.end_col_offset or 0)
            found[span] = node.targets[0].id
    return found


def excerpt(place: Place) -> dict[str, object] | None:
    """The lines around a place as JSON, with the columns to mark, in characters; None without a source."""
    lines = linecache.getlines(place.file)
    if not 0 < place.line <= place.end_line <= len(lines):
        return None
    first = max(1, place.line - AROUND)
    shown = [line.rstrip("\r\n") for line in lines[first - 1 : place.end_line + AROUND]]
    mark = [_column(lines[place.line - 1], place.start), _column(lines[place.end_line - 1], place.end)]
    return {
        "file": place.file.replace("\\", "/").rpartition("/")[2],
        "first": first,
        "lines": shown,
        "from": [place.line, mark[0]],
        "to": [place.end_line, mark[1]],
    }


def _column(line: str, byte: int) -> int:
    return len(line.encode("utf-8", "replace")[:byte].decode("utf-8", "replace"))
