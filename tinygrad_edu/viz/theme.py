"""Colours: one palette for light paper, one for dark, and a style sheet that turns the first into the second."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

THEMES = ("light", "dark", "auto")
LEVELS = 7  # of the scale of gradients, and of each side of a heat map

Color = str


@dataclass(frozen=True)
class Theme:
    """The colours of a picture.

    Attributes
    ----------
    paper, ink, faint, line : str
        Background, text, secondary text, arrows.
    value, gradient, local : str
        Text of forward values, of gradients, and of local derivatives.
    fills, borders : mapping of str to str
        For each role of a card.
    box, box_border : str
        Module boxes.
    positive, negative, scale : tuple of str
        From weak to strong: the two sides of a heat map, and the size of gradients.
    zero, grid, nan : str
        Cells that are 0, the lines between cells, cells that are not finite.
    """

    paper: Color
    ink: Color
    faint: Color
    line: Color
    value: Color
    gradient: Color
    local: Color
    fills: Mapping[str, Color]
    borders: Mapping[str, Color]
    box: Color
    box_border: Color
    positive: tuple[Color, ...]
    negative: tuple[Color, ...]
    scale: tuple[Color, ...]
    zero: Color
    grid: Color
    nan: Color

    def colors(self) -> list[Color]:
        """Every colour of the palette, in an order that all palettes share."""
        found: list[Color] = []
        for value in vars(self).values():
            found += [value] if isinstance(value, str) else value.values() if isinstance(value, Mapping) else value
        return found

    def cell(self, t: float) -> Color:
        """The colour of a heat map for `t` from -1 to 1."""
        if not math.isfinite(t):
            return self.nan
        level = min(round(abs(t) * LEVELS), LEVELS)
        if not level:
            return self.zero if t == 0 else (self.positive if t > 0 else self.negative)[0]
        return (self.positive if t > 0 else self.negative)[level - 1]


def _between(start: Color, end: Color) -> tuple[Color, ...]:
    """Colours in equal steps from `start` to `end`."""
    a, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (start, end))
    steps = (np.rint(a + (b - a) * t) for t in np.linspace(0, 1, LEVELS))
    return tuple("#" + "".join(f"{int(part):02x}" for part in step) for step in steps)


LIGHT = Theme(
    paper="#ffffff",
    ink="#1f2328",
    faint="#6e7781",
    line="#8b949e",
    value="#1a7f37",
    gradient="#cf222e",
    local="#6639ba",
    fills={
        "input": "#ddf4ff",
        "parameter": "#fbefff",
        "value": "#f6f8fa",
        "output": "#fff1e5",
        "constant": "#fefefe",
        "fold": "#f1f3f5",
        "op": "#fdfdfd",
    },
    borders={
        "input": "#0969da",
        "parameter": "#8250df",
        "value": "#8c959f",
        "output": "#bc4c00",
        "constant": "#afb8c1",
        "fold": "#a0a8b0",
        "op": "#24292f",
    },
    box="#fafbfc",
    box_border="#d0d7de",
    positive=_between("#f3e0de", "#cb3a33"),
    negative=_between("#dfe7f5", "#2a6acb"),
    scale=_between("#f3cfd1", "#d1242f"),
    zero="#f0f2f4",
    grid="#dfe3e8",
    nan="#e010d0",
)
DARK = Theme(
    paper="#0d1117",
    ink="#f0f6fc",
    faint="#9198a1",
    line="#767e88",
    value="#3fb950",
    gradient="#ff7b72",
    local="#be8fff",
    fills={
        "input": "#0f2740",
        "parameter": "#271c3d",
        "value": "#1b2028",
        "output": "#33230f",
        "constant": "#12161d",
        "fold": "#171c24",
        "op": "#11151c",
    },
    borders={
        "input": "#4493f8",
        "parameter": "#ab7df8",
        "value": "#6e7681",
        "output": "#f0a04b",
        "constant": "#545c66",
        "fold": "#5d6570",
        "op": "#e6edf3",
    },
    box="#10151d",
    box_border="#343b45",
    positive=_between("#3d2b2f", "#ff6a5f"),
    negative=_between("#233046", "#4c98ff"),
    scale=_between("#5b2f35", "#ff6b64"),
    zero="#262c36",
    grid="#30363d",
    nan="#ff4df0",
)


def theme_of(name: str) -> Theme:
    """The palette that is drawn for a name; ``auto`` is drawn light."""
    if name not in THEMES:
        raise ValueError(f"draw: expected a theme of {', '.join(THEMES)}, but got {name!r}.")
    return DARK if name == "dark" else LIGHT


def style_of(name: str) -> str:
    """The style sheet for a name: for ``auto``, rules that make the light picture dark where the reader's system is."""
    if name != "auto":
        return ""
    twins = dict(zip(LIGHT.colors(), DARK.colors(), strict=True))
    twins["white"] = twins["#ffffff"]  # versions of Graphviz differ in how they write it
    rules = [f'[fill="{a}"]{{fill:{b}}}[stroke="{a}"]{{stroke:{b}}}' for a, b in twins.items()]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
