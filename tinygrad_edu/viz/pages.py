"""The page itself, put together of the files in ``page/``: HTML, style and scripts, each readable by itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from functools import lru_cache
from html import escape
from importlib import resources

from .theme import DARK, LIGHT, Theme

SCRIPTS = (
    "data.js", "group.js", "fold.js", "layout.js", "place.js", "svg.js", "draw.js", "formula.js", "panel.js", "why.js",
    "view.js", "step.js",
)  # fmt: skip


# Unpacks the script, with the style in it, which the policy knows by their digests: a quarter of their size.
LOADER = """
const bytes = Uint8Array.from(atob(document.getElementById("packed").textContent), (c) => c.charCodeAt(0));
new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text().then((code) => {
const script = document.createElement("script");
script.textContent = code;
document.body.append(script);
});
"""


def page(title: str, data: str) -> str:
    """The page that shows `data`, JSON without any ``<``, as one HTML text."""
    html, style, script = _parts()
    parts = {
        "TITLE": escape(title),
        "POLICY": f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(LOADER)} {_digest(script)}",
        "DATA": data,
        "PACKED": base64.b64encode(zlib.compress(script.encode(), 9)).decode(),
        "LOADER": LOADER,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], html)  # one pass: a title is never filled in


@lru_cache(maxsize=1)
def _parts() -> tuple[str, str, str]:
    """HTML, style and script, put together of their files."""
    folder = resources.files(__package__) / "page"
    html, style = ((folder / name).read_text("utf-8") for name in ("page.html", "page.css"))
    script = "\n".join((folder / name).read_text("utf-8") for name in SCRIPTS)
    script = re.sub(r"^ *// .*\n", "", script, flags=re.MULTILINE)  # comments are for readers of the sources
    style = style.replace("{{PALETTE}}", _palette()).replace("{{LEVELS}}", _levels())
    dress = f'const dress = document.createElement("style");\ndress.textContent = {json.dumps(style)};'
    return html, style, f'(() => {{\n"use strict";\n{dress}\ndocument.head.append(dress);\n{script}}})();\n'


def _palette() -> str:
    """The colours of the static pictures as variables of the style sheet, for both themes."""
    return f":root{{{_variables(LIGHT)}}}\n:root[data-theme=dark]{{{_variables(DARK)}}}"


def _variables(theme: Theme) -> str:
    dark = theme is DARK
    found = {
        "paper": theme.paper, "ink": theme.ink, "faint": theme.faint, "line": theme.line, "value": theme.value,
        "gradient": theme.gradient, "local": theme.local, "box": theme.box, "box-border": theme.box_border,
        "zero": theme.zero, "grid": theme.grid, "nan": theme.nan, "gradient-line": theme.scale[4],
        "value-soft": "#2c5a38" if dark else "#a7d0b3", "gradient-soft": "#6f3338" if dark else "#e9b0b3",
        "mark": "#3a3212" if dark else "#fff8c5", "mark-line": "#d4a72c",
    }  # fmt: skip
    found |= {f"fill-{role}": color for role, color in theme.fills.items()}
    found |= {f"border-{role}": color for role, color in theme.borders.items()}
    for letter, colors in (("p", theme.positive), ("n", theme.negative), ("s", theme.scale)):
        found |= {f"{letter}{i}": color for i, color in enumerate(colors, 1)}
    return ";".join(f"--{name}:{color}" for name, color in found.items())


def _levels() -> str:
    """The rules of the cells of heat maps and matrices."""
    kinds = [*(f"{sign}{i}" for sign in "pn" for i in range(1, 8)), "zero", "nan"]
    rules = [f".map .{kind}{{fill:var(--{kind})}}td.{kind}{{background:var(--{kind})}}" for kind in kinds]
    strong = ",".join(f"td.{sign}{i}" for sign in "pn" for i in (5, 6, 7))
    return "\n".join([*rules, f"{strong}{{color:#fff}}"])


def _digest(text: str) -> str:
    """How a policy names a style or a script: by what it says, letter for letter."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
