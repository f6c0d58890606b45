"""The inside of a card, as an HTML-like label of Graphviz.

One run of text per cell: text is measured with the renderer's font and shown with the reader's, and two runs in one
cell would overlap under a wider one.  An empty tag is an error to Graphviz, so nothing here makes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from . import numbers
from .escape import html
from .theme import Theme

Align = Literal["CENTER", "LEFT", "RIGHT"]
CELL = 9  # points of a cell in a heat map
SMALL = 10
NORMAL = 12
LARGE = 14


def text(content: str, color: str, size: int = NORMAL, bold: bool = False) -> str:
    """One run of text."""
    inside = html(content) or " "
    return f'<FONT COLOR="{color}" POINT-SIZE="{size}">{f"<B>{inside}</B>" if bold else inside}</FONT>'


def cell(content: str, align: Align = "CENTER", span: int = 1) -> str:
    """One cell of a table."""
    across = f' COLSPAN="{span}"' if span > 1 else ""
    return f'<TD ALIGN="{align}"{across}>{content}</TD>'


def gap(height: int) -> str:
    """An empty cell of that height."""
    return f'<TD HEIGHT="{height}"></TD>'


def table(rows: Sequence[Sequence[str]], spacing: int = 0, padding: int = 1, **attributes: object) -> str:
    """A table without lines; every row is a sequence of cells."""
    more = "".join(f' {name.upper()}="{value}"' for name, value in attributes.items())
    body = "".join(f"<TR>{''.join(row)}</TR>" for row in rows if row)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="{spacing}" CELLPADDING="{padding}"{more}>{body}</TABLE>'


def line(runs: Sequence[str], gap: int = 3) -> str:
    """Several runs of text beside each other, each in a cell of its own.

    A table is stretched to the room there is; two runs stay together in its middle, because one leans right, one left.
    """
    if len(runs) == 1:
        return runs[0]
    sides: list[Align] = ["RIGHT", *["CENTER"] * (len(runs) - 2), "LEFT"]  # type: ignore[list-item]
    return table([[cell(run, side) for run, side in zip(runs, sides, strict=True)]], spacing=gap, padding=0)


def heat_map(array: np.ndarray, theme: Theme) -> str:
    """The numbers of an array as coloured cells: red above zero, blue below."""
    shown = numbers.cells(array).astype(np.float64)
    largest = numbers.peak(array) or 1.0
    return painted([[theme.cell(value) for value in row] for row in shown / largest], CELL, CELL, theme.grid)


def painted(colors: Sequence[Sequence[str]], width: int, height: int, grid: str) -> str:
    """A table of coloured cells with thin lines of `grid` between them, of a fixed size."""
    rows = [
        [f'<TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}" BGCOLOR="{color}"></TD>' for color in row]
        for row in colors
    ]
    size = {"width": len(rows[0]) * (width + 1) + 1, "height": len(rows) * (height + 1) + 1}
    return table(rows, spacing=1, padding=0, bgcolor=grid, fixedsize="TRUE", **size)


def value_label(
    title: Sequence[str],
    value: np.ndarray,
    gradient: np.ndarray | None,
    theme: Theme,
    *,
    tracked: bool,
    sums: str = "",
    flags: Sequence[str] = (),
    source: str = "",
    flat: bool = False,
    back: Theme | None = None,
) -> str:
    """The label of a value: what it is called, its numbers, its gradient.

    Parameters
    ----------
    title : sequence of str
        Runs of text; may be empty.
    value, gradient : ndarray
        The numbers.  A gradient of None is shown as ``∇ –`` where one could be, never as 0.
    tracked : bool
        Whether there could be a gradient.
    sums : str
        How the gradient is summed up, for a value with several uses.
    flags : sequence of str
        Warnings, at the bottom.
    source : str
        The expression of the program that made it.
    flat : bool
        Value and gradient of one number beside each other.
    back : Theme, optional
        The colours of the gradient, where they are others.
    """
    back = theme if back is None else back
    rows = [[cell(line(title), span=2)]] if title else []
    if value.size == 1:
        rows += _single(value, gradient, theme, back, tracked, flat)
    else:
        rows += _pair(value, gradient, theme, back, tracked)
    if sums:
        rows.append([cell(text(sums, back.gradient, SMALL), span=2)])
    if source:
        rows.append([cell(text(source, theme.faint, SMALL), span=2)])
    rows += [[cell(text(f"⚠ {flag}", theme.nan if "starts" in flag else theme.faint, SMALL), span=2)] for flag in flags]
    return table(rows)


def gradient_text(gradient: np.ndarray | None, theme: Theme, size: int = NORMAL) -> str:
    """The gradient in a few characters after its sign."""
    if gradient is None:
        shown = "–"
    elif gradient.size == 1:
        shown = numbers.number(float(gradient.reshape(())))
    else:
        shown = numbers.spread(gradient)
    return text(f"∇ {shown}", theme.gradient, size)


def _single(
    value: np.ndarray, gradient: np.ndarray | None, theme: Theme, back: Theme, tracked: bool, flat: bool
) -> list[list[str]]:
    number = text(_one(value), theme.value)
    if not tracked:
        return [[cell(number, span=2)]]
    if flat:
        return [[cell(line([number, gradient_text(gradient, back)], gap=4), span=2)]]
    return [[cell(number, span=2)], [cell(gradient_text(gradient, back), span=2)]]


def _pair(value: np.ndarray, gradient: np.ndarray | None, theme: Theme, back: Theme, tracked: bool) -> list[list[str]]:
    if value.dtype.kind in "iub" and value.size <= 6 and value.ndim == 1:
        return [[cell(text(_listed(value), theme.value), span=2)]]
    if not value.size:
        return [[cell(text("empty", theme.faint), span=2)]]
    legend = text(f"\u00a0{numbers.spread(value)}\u00a0", theme.value, SMALL)
    if not tracked:
        return [[cell(heat_map(value, theme), span=2)], [cell(legend, span=2)]]
    if gradient is None:
        return [[cell(heat_map(value, theme), span=2)], [cell(legend), cell(gradient_text(None, back, SMALL))]]
    return [
        [cell(heat_map(value, theme)), cell(heat_map(gradient, back))],
        [cell(legend), cell(gradient_text(gradient, back, SMALL))],
    ]


def _one(value: np.ndarray) -> str:
    item = value.reshape(()).item()
    return str(item) if isinstance(item, bool) else numbers.number(float(item))


def _listed(value: np.ndarray) -> str:
    return numbers.sign(f"[{', '.join(map(str, value.tolist()))}]")


def module_label(
    name: str,
    class_name: str,
    shape: str,
    symbols: Sequence[str],
    parameters: int,
    gradient: float | None,
    share: float,
    theme: Theme,
    back: Theme | None = None,
) -> str:
    """The label of a closed module: what it is, what it does, and how large the gradients of its parameters are.

    `gradient` is their root mean square, and `share` the length of its bar, from 0 to 1.
    """
    done, back = " ".join(symbols), theme if back is None else back
    count = f"{parameters:,} parameter{'s' * (parameters != 1)}" if parameters else ""
    rows = [
        [cell(text(name or class_name, theme.ink, LARGE, bold=True), "LEFT"), _right(f"→ {shape}", theme.faint)],
        [cell(text(class_name if name else "", theme.faint), "LEFT"), _right(count, theme.faint)],
        [cell(text(done if len(done) <= 32 else f"{done[:31]}…", theme.ink), "LEFT", span=2)],
    ]
    if parameters:
        size = "–" if gradient is None else numbers.number(gradient, 2)
        rows.append([cell(_bar(share, back), "LEFT"), _right(f"∇ {size}", back.gradient)])
    return table(rows, spacing=1)


def _right(content: str, color: str) -> str:
    return cell(text(content, color), "RIGHT")


def _bar(share: float, theme: Theme, width: int = 110, height: int = 8) -> str:
    """A bar of which `share` is filled."""
    full = min(max(round(width * share), 2), width - 1)
    level = min(int(share * len(theme.scale)), len(theme.scale) - 1)
    parts = [
        f'<TD FIXEDSIZE="TRUE" WIDTH="{w}" HEIGHT="{height}" BGCOLOR="{color}"></TD>'
        for w, color in ((full, theme.scale[level]), (width - full, theme.grid))
    ]
    return table([parts], padding=0, fixedsize="TRUE", width=width, height=height)
