"""The lines under a picture, or over it with a title: what colours mean, what it hides, the scale of gradients."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from . import numbers
from .escape import short
from .graph import ROLES
from .labels import LARGE, SMALL, cell, line, painted, table, text
from .scale import Scale
from .theme import Theme

_LONGEST_LINE = 60


def legend_label(
    roles: Collection[str],
    scale: Scale | None,
    remarks: Sequence[str],
    theme: Theme,
    *,
    gradients: bool,
    rules: bool,
    lines: Sequence[str],
    wide: bool,
    show: bool,
    title: str | None,
) -> str:
    """The label of a picture; empty if there is nothing to say.

    Parameters
    ----------
    roles : collection of str
        The roles that occur.
    scale : Scale or None
        That of the gradients, if arrows are coloured by them.
    remarks : sequence of str
        What the picture hides, and what is missing in it.
    gradients, rules : bool
        Whether gradients and local derivatives are shown.
    lines : sequence of str
        What dotted and dashed arrows mean.
    wide : bool
        One line for everything, or two.
    show : bool
        Whether colours are explained.  Remarks and the scale are always there.
    """
    rows = [] if title is None else [text(short(title, _LONGEST_LINE), theme.ink, LARGE, bold=True)]
    rows += [text(part, theme.faint, SMALL) for remark in remarks for part in _wrapped(remark)]
    chips = [_chip(role, theme) for role in ROLES if role in roles and role != "constant"] if show else []
    words = [text("forward value", theme.value, SMALL)] if show else []
    words += [text("∇ gradient of the output", theme.gradient, SMALL)] if show and gradients else []
    words += [text("local derivative", theme.local, SMALL)] if show and rules else []
    drawn = [text(meaning, theme.faint, SMALL) for meaning in lines] if show else []
    ramp = [] if scale is None or scale.ends is None else _ramp(scale.ends, scale.is_cut, theme)
    rows += [
        line(runs, gap=6) for runs in ([chips + words + drawn + ramp] if wide else [ramp, chips, words, drawn]) if runs
    ]
    return table([[cell(row)] for row in rows], spacing=2) if rows else ""


def _chip(role: str, theme: Theme) -> str:
    """A role in its colours."""
    return (
        f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3" STYLE="ROUNDED" '
        f'COLOR="{theme.borders[role]}" BGCOLOR="{theme.fills[role]}">'
        f"<TR>{cell(text(role, theme.ink, SMALL))}</TR></TABLE>"
    )


def _ramp(ends: tuple[float, float], is_cut: bool, theme: Theme) -> list[str]:
    """The colours of gradients between the smallest, or what is at least as small, and the largest."""
    low, high = (numbers.number(end, 2) for end in ends)
    low = f"≤ {low}" if is_cut else low
    ramp = painted([theme.scale], 16, 9, theme.paper)
    return [text(f"∇ rms {low}", theme.gradient, SMALL), ramp, text(high, theme.gradient, SMALL)]


def _wrapped(remark: str) -> list[str]:
    """A remark on lines that are not much wider than a narrow picture, broken between its parts."""
    lines = [""]
    for part in remark.split(" · "):
        if lines[-1] and len(lines[-1]) + len(part) > _LONGEST_LINE:
            lines.append(part)
        else:
            lines[-1] = f"{lines[-1]} · {part}" if lines[-1] else part
    return lines
