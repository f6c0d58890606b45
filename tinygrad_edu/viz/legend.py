"""The lines under a picture: what its colours mean, what it hides, and the scale of its gradients."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from . import numbers
from .graph import ROLES
from .labels import SMALL, cell, line, table, text
from .theme import Theme

_LONGEST_LINE = 60


def legend_label(
    roles: Collection[str],
    scale: tuple[float, float] | None,
    remarks: Sequence[str],
    theme: Theme,
    *,
    gradients: bool,
    rules: bool,
    wide: bool,
    show: bool,
) -> str:
    """The label under a picture; empty if there is nothing to say.

    Parameters
    ----------
    roles : collection of str
        The roles that occur.
    scale : (float, float) or None
        The smallest and the largest gradient, as root mean squares, if arrows are coloured by them.
    remarks : sequence of str
        What the picture hides, and what is missing in it.
    gradients, rules : bool
        Whether gradients and local derivatives are shown.
    wide : bool
        One line for everything, or two.
    show : bool
        Whether colours are explained.  Remarks and the scale are always there.
    """
    rows = [text(part, theme.faint, SMALL) for remark in remarks for part in _wrapped(remark)]
    if scale is not None:
        rows.append(_scale(scale, theme))
    if show:
        chips = [_chip(role, theme) for role in ROLES if role in roles and role != "constant"]
        words = [text("forward value", theme.value, SMALL)]
        words += [text("∇ gradient of the output", theme.gradient, SMALL)] if gradients else []
        words += [text("local derivative", theme.local, SMALL)] if rules else []
        rows += [line(chips + words, gap=6)] if wide else [line(chips, gap=6), line(words, gap=6)]
    return table([[cell(row)] for row in rows], spacing=2) if rows else ""


def _chip(role: str, theme: Theme) -> str:
    """A role in its colours."""
    return (
        f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3" STYLE="ROUNDED" '
        f'COLOR="{theme.borders[role]}" BGCOLOR="{theme.fills[role]}">'
        f"<TR>{cell(text(role, theme.ink, SMALL))}</TR></TABLE>"
    )


def _scale(scale: tuple[float, float], theme: Theme) -> str:
    low, high = (numbers.number(end, 2) for end in scale)
    colors = "".join(f'<TD FIXEDSIZE="TRUE" WIDTH="16" HEIGHT="9" BGCOLOR="{color}"></TD>' for color in theme.scale)
    ramp = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{colors}</TR></TABLE>'
    ends = text(f"∇ rms {low}", theme.gradient, SMALL), text(high, theme.gradient, SMALL)
    return line([ends[0], ramp, ends[1]], gap=5)


def _wrapped(remark: str) -> list[str]:
    """A remark on lines that are not much wider than a narrow picture, broken between its parts."""
    lines = [""]
    for part in remark.split(" · "):
        if lines[-1] and len(lines[-1]) + len(part) > _LONGEST_LINE:
            lines.append(part)
        else:
            lines[-1] = f"{lines[-1]} · {part}" if lines[-1] else part
    return lines
