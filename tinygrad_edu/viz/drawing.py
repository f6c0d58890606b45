"""`Drawing`: a picture that renders itself when asked, shows itself in a notebook and saves itself whole."""

from __future__ import annotations

import contextlib
import math
import os
import re
import secrets
import warnings
from collections.abc import Callable
from pathlib import Path

from . import render

MAX_PIXELS = 64_000_000  # of a PNG; the libraries would shrink a larger one without a word
MAX_SIDE = 32_000
_SIZE = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"')


class Drawing:
    """A picture of a graph: SVG, PNG, PDF or DOT source, in a notebook or in a file.

    Nothing is drawn before it is asked for, and the DOT source needs no engine at all.

    Attributes
    ----------
    dot : str
        The DOT source.
    hidden : str
        What the picture leaves out, in words; empty when it shows all.

    Examples
    --------
    >>> drawing = Drawing("digraph { a -> b }")
    >>> drawing.dot
    'digraph { a -> b }'
    >>> drawing
    Drawing(18 characters of DOT)
    """

    def __init__(
        self, dot: str, *, hidden: str = "", engine: str = "auto", timeout: float = 20, style: str = ""
    ) -> None:
        render.check_engine(engine, timeout)
        self.dot = dot
        self.hidden = hidden
        self._engine = engine
        self._timeout = timeout
        self._style = style
        self._drawn_by: str | None = None
        self._source = dot  # what is drawn: a simpler layout after a time-out
        self._svg: str | None = None

    @property
    def engine(self) -> str | None:
        """Who drew the picture; None as long as nobody has."""
        return self._drawn_by

    @property
    def svg(self) -> str:
        """The picture as one SVG element, without a prologue, fit to be put into a page."""
        if self._svg is None:
            text = self._render("svg", self._source).decode("utf-8")
            self._svg = _tidy_svg(text, self._style)
        return self._svg

    def png(self, dpi: float = 144) -> bytes:
        """The picture as PNG.

        Parameters
        ----------
        dpi : float, default 144
            Pixels per inch (72 points).  Lowered, with a warning, where the picture would have more than 64
            million pixels or a side of more than 32,000.

        Raises
        ------
        ValueError
            If `dpi` is not positive.
        """
        if not dpi > 0:
            raise ValueError(f"png: expected dpi above 0, but got {dpi!r}.")
        fitting = _fitting_dpi(self.svg, dpi)
        if fitting < dpi:
            warnings.warn(
                f"png: drawn with {fitting:.4g} instead of {dpi:g} dpi, because it would be larger than "
                f"{MAX_PIXELS // 1_000_000} million pixels or {MAX_SIDE:,} a side.",
                stacklevel=2,
            )
        return self._render("png", render.with_attributes(self._source, dpi=f"{fitting:.6g}"))

    def pdf(self) -> bytes:
        """The picture as PDF."""
        return self._render("pdf", self._source)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, in the format of its suffix: .svg, .png, .pdf, .dot or .gv.

        The file appears whole or not at all, and keeps its old content when anything fails.

        Parameters
        ----------
        path : str or path
            Where to.  The folder must exist.

        Returns
        -------
        Path
            The path that was written.

        Raises
        ------
        ValueError
            For a suffix that is none of these.
        OSError
            If the folder is not there or cannot be written.
        """
        path = Path(path)
        content = self._formats().get(path.suffix.lower())
        if content is None:
            raise ValueError(
                f"save: expected a file name that ends in {', '.join(self._formats())}, "
                f"but got {str(path)!r}. "
                'Choose one of these, e.g. "graph.svg".'
            )
        if not path.parent.is_dir():
            raise FileNotFoundError(
                f"save: expected a folder that exists, but got {str(path.parent)!r}. Make it first."
            )
        write_whole(path, content())
        return path

    def _formats(self) -> dict[str, Callable[[], bytes]]:
        return {
            ".svg": lambda: ('<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg).encode(),
            ".png": self.png,
            ".pdf": self.pdf,
            ".dot": lambda: self.dot.encode("utf-8", "replace"),
            ".gv": lambda: self.dot.encode("utf-8", "replace"),
        }

    def _render(self, picture_format: str, source: str) -> bytes:
        drawn = render.render(source, picture_format, engine=self._engine, timeout=self._timeout)
        if picture_format == "svg":
            self._source = drawn.dot
        self._drawn_by = drawn.engine
        return drawn.data

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows: the picture, or in words why there is none."""
        try:
            return {"image/svg+xml": self.svg, "text/plain": repr(self)}
        except (RuntimeError, TimeoutError) as error:
            return {"text/plain": str(error)}

    def __repr__(self) -> str:
        return f"Drawing({self.hidden or f'{len(self.dot)} characters of DOT'})"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader never sees half of it: beside it first, then in its place."""
    target = Path(os.path.realpath(path))  # a link stays a link
    beside = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(beside, "xb") as file:
            file.write(content)
        os.replace(beside, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):
            raise type(error)(
                f"save: expected a folder and a file that can be written, but got {str(path)!r} "
                f"({error.strerror or error}). Choose another place."
            ) from error
        raise


def _fitting_dpi(svg: str, dpi: float) -> float:
    """The dpi at which a picture of this size stays within the limits."""
    size = _SIZE.search(svg)
    if size is None:
        return dpi
    width, height = (max(float(points), 1.0) / 72 for points in size.groups())  # inches
    return min(dpi, MAX_SIDE / max(width, height), math.sqrt(MAX_PIXELS / (width * height)))


def _tidy_svg(text: str, style: str) -> str:
    """One SVG element: no prologue, no comments (they name the version), with `style` as its style sheet."""
    text = re.sub(r"<!--.*?-->\n?", "", text[text.index("<svg") :], flags=re.DOTALL)
    if style:
        text = re.sub(r"(<svg[^>]*>)", lambda tag: f"{tag[1]}\n<style>{style}</style>", text, count=1)
    return text.strip() + "\n"
