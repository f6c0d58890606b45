"""`step`: a page that walks through the computation, forward and backward, and shows the chain rule at work."""

from __future__ import annotations

import json
import os
import tempfile
import webbrowser
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Self

from ..observe import Event, observe
from . import pagedata
from .drawing import write_whole
from .escape import plain
from .pages import page
from .record import check_history
from .sources import Sources, sources_of
from .theme import THEMES

MOST_BYTES = 8_000_000  # of the data; above it every array is sampled


class recording:
    """A block in which ops are noted, so that the page shows the line of your program for every step.

    Attributes
    ----------
    frames : list
        What `add` has kept.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> w = Tensor(3.0, requires_grad=True)
    >>> with viz.recording() as film:
    ...     for _ in range(3):
    ...         loss = (w - 1.0) ** 2
    ...         film.add(loss)  # before w is changed
    ...         w.data -= 0.25 * viz.graph(loss).nodes[0].gradient
    >>> viz.step(film)
    Stepper(3 graphs of 4 values)
    """

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.sources = Sources()
        self._watch = observe(self.sources.note)

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._watch.__exit__(*error)

    def add(self, x: Any, grad: Any = None, *, names: Any = None) -> None:
        """Keep the graph under `x` as it is now, as one more iteration of the page."""
        _check("recording.add", x, grad)
        self.frames.append(pagedata.frame(x, grad, names=names, sources=self.sources, caller="recording.add"))


class Stepper:
    """A page that steps through one computation, or through the iterations of a training run.

    The numbers are those at the time it was made.

    Attributes
    ----------
    html : str
        The page: one file, which needs no network and no other file.

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x = Tensor(3.0, requires_grad=True)
    >>> stepper = viz.step(x * x)
    >>> stepper
    Stepper(1 graph of 2 values)
    >>> stepper.html[:15]
    '<!doctype html>'
    """

    def __init__(self, html: str, about: str) -> None:
        self.html = html
        self._about = about

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            Where to; it ends in .html or .htm, and its folder exists.

        Returns
        -------
        Path
            The path that was written.

        Raises
        ------
        ValueError
            For another suffix.
        OSError
            If the folder is not there or cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(
                f"save: expected a file name that ends in .html or .htm, but got {str(path)!r}. "
                'Choose one of these, e.g. "steps.html".'
            )
        if not path.parent.is_dir():
            raise FileNotFoundError(
                f"save: expected a folder that exists, but got {str(path.parent)!r}. Make it first."
            )
        write_whole(path, self.html.encode())
        return path

    def open(self) -> Path:
        """Write the page to a temporary folder, show it in the browser, and return its path."""
        path = self.save(Path(tempfile.mkdtemp(prefix="tinygrad-edu-")) / "steps.html")
        webbrowser.open(path.as_uri())
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="Step through the computation" '
            'sandbox="allow-scripts allow-downloads" allow="clipboard-write" '
            'style="width:100%;height:640px;border:1px solid #8884;border-radius:8px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"Stepper({self._about})"


def step(
    x: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    theme: str = "auto",
    depth: int | None = None,
    title: str | None = None,
    grad: Any = None,
    names: Any = None,
    events: recording | Sequence[Event] | None = None,
) -> Stepper:
    """A page that steps through the computation of a tensor, forward and backward.

    Each step lights up one op and shows its numbers; backward, upstream times local = downstream, and the sums where a
    value was used more than once.  A click on an input or a parameter answers why its gradient is what it is.  It is
    one HTML file without any dependency.  `x.backward` need not have been called, and no `grad` is touched.

    Parameters
    ----------
    x : Tensor, recording, or sequence of Tensors
        The output; or several, one for each iteration.  Where parameters are changed in place between iterations, keep
        each as it was: ``film.add(loss)`` inside ``with viz.recording() as film:``, then ``viz.step(film)``.
    path : str or path, optional
        Where to save the page at once.
    theme : {"auto", "light", "dark"}
        Colours; auto follows the reader's system.
    depth : int, optional
        Modules nested so deep are folded when the page opens; 1 for the outermost.  By default all are open, as long
        as there are at most 400 cards.
    title : str, optional
        What stands above.
    grad : array_like, optional
        The gradient that arrives at an output of several numbers.
    names : mapping or module, optional
        Names and what they stand for, as for `graph`.
    events : recording or sequence of Event, optional
        What `recording` or `tg.observe` noted while `x` was computed: the page then shows your code.

    Returns
    -------
    Stepper
        With ``save``, ``open`` and ``html``; a notebook shows the page itself.

    Raises
    ------
    TypeError
        If `x` is no tensor.
    RuntimeError
        If `x` requires no grad.
    ValueError
        For an output of several numbers without `grad` (`draw` shows its values), for a theme or a depth that is none,
        and for an empty sequence.
    OSError
        If `path` cannot be written.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import viz
    >>> w, b = tg.Tensor(2.0, requires_grad=True), tg.Tensor(-1.0, requires_grad=True)
    >>> with viz.recording() as film:
    ...     y = tg.sigmoid(w * 3.0 + b)
    >>> viz.step(y, events=film)
    Stepper(1 graph of 6 values)
    """
    if theme not in THEMES:
        raise ValueError(f"step: expected a theme of {', '.join(THEMES)}, but got {theme!r}.")
    if depth is not None and (not isinstance(depth, int) or depth < 1):
        raise ValueError(f"step: expected a depth of at least 1, but got {depth!r}.")
    frames = _frames(x, grad, names, events)
    name = plain(title or _title(frames))
    data: dict[str, Any] = {"title": name, "theme": theme, "depth": depth, "frames": frames}
    text = _dump(data)
    if len(text) > MOST_BYTES:
        pagedata.shrink(data)
        data["sampled"] = True
        text = _dump(data)
    values = len(frames[0]["nodes"])
    stepper = Stepper(page(name, text), f"{len(frames)} graph{'s' * (len(frames) > 1)} of {values:,} values")
    if path is not None:
        stepper.save(path)
    return stepper


def _frames(x: Any, grad: Any, names: Any, events: Any) -> list[dict[str, Any]]:
    """The graphs of the page, one for each iteration."""
    if isinstance(x, recording):
        if not x.frames:
            raise ValueError(
                "step: expected a recording with graphs, but got none. Call film.add(loss) inside it, or pass the "
                "output: viz.step(loss, events=film)."
            )
        return x.frames
    sources = sources_of(events)
    if isinstance(x, (list, tuple)):
        if not x:
            raise ValueError("step: expected at least one tensor, but got an empty sequence. Pass your losses.")
        for one in x:
            _check("step", one, grad)
        return [pagedata.frame(one, grad, names=names, sources=sources) for one in x]
    _check("step", x, grad)
    return [pagedata.frame(x, grad, names=names, sources=sources)]


def _check(caller: str, x: Any, grad: Any) -> None:
    check_history(x, caller)
    if grad is None and x.size != 1:
        raise ValueError(
            f"{caller}: expected an output of one number, but got shape {x.shape}. Reduce it first, e.g. x.mean(), or "
            "pass grad=; viz.draw shows the values alone."
        )


def _title(frames: Sequence[dict[str, Any]]) -> str:
    root = frames[0]["nodes"][frames[0]["root"]]
    return f"{root['name']}, step by step" if "name" in root else "Step by step"


def _dump(data: Any) -> str:
    """JSON that is safe inside a script element: not even ``<!--`` can be said without a ``<``."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
