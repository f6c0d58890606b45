"""From DOT source to the bytes of a picture: by the program ``dot``, else by pygraphviz.

Both run under a time limit in a process of their own, so Ctrl-C works at once, nothing reaches our stderr and
no child is left behind.  Their exit code is not trusted: for a bad label Graphviz complains and exits with 0.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FORMATS = ("svg", "png", "pdf", "plain")
ENGINES = ("auto", "dot", "pygraphviz")

# A second try for layouts that do not end.  Long edges from shared leaves make the network simplex crawl;
# with these an unrolled RNN of 482 nodes took 2.5 s instead of more than 25 s (other settings did not help).
SIMPLER = {"nslimit": "2", "nslimit1": "2", "mclimit": "0.1", "splines": "line"}

_SIGNATURES = {"svg": (b"<svg", b"</svg>"), "png": (b"\x89PNG", b"IEND"), "pdf": (b"%PDF", b"%%EOF")}
_INSTALL_FOLDERS = (
    r"C:\Program Files\Graphviz\bin",
    r"C:\Program Files (x86)\Graphviz\bin",
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/opt/local/bin",
    "/usr/bin",
)
_CURE = (
    "Install Graphviz (https://graphviz.org/download/) so that `dot` is on the PATH, or run\n"
    "  pip install 'tinygrad-edu[draw]'\n"
    'Two formats need neither: the source, .save("graph.dot"), and the stepping page, viz.step(x).save("steps.html").'
)


@dataclass(frozen=True)
class Rendering:
    """The bytes of a picture, who drew it, and the source that was drawn (a simpler one after a time-out)."""

    data: bytes
    engine: str
    dot: str


class EngineError(RuntimeError):
    """One engine could not draw; the next may."""


def render(dot: str, picture_format: str, *, engine: str = "auto", timeout: float = 20) -> Rendering:
    """Draw DOT source as SVG, PNG or PDF.

    Parameters
    ----------
    dot : str
        The source of one graph.
    picture_format : str
        ``"svg"``, ``"png"``, ``"pdf"`` or ``"plain"`` (the coordinates as text).
    engine : str, default "auto"
        ``"dot"``, ``"pygraphviz"`` or ``"auto"``: the first of these that is there and works.
    timeout : float, default 20
        Seconds for a layout.  After that a simpler one is tried, once, for as long again.

    Returns
    -------
    Rendering
        The bytes, the engine's name and the source that was drawn.

    Raises
    ------
    ValueError
        For an unknown format or engine, or a time limit that is not positive.
    TimeoutError
        When the simpler layout takes too long as well.
    RuntimeError
        When no engine is there, or none could draw this source.

    Examples
    --------
    >>> render("digraph { a -> b }", "jpg")
    Traceback (most recent call last):
    ValueError: render: expected a format of svg, png, pdf, plain, but got 'jpg'.
    """
    if picture_format not in FORMATS:
        raise ValueError(f"render: expected a format of {', '.join(FORMATS)}, but got {picture_format!r}.")
    check_engine(engine, timeout)
    failures = []
    for name, command in _commands(engine, picture_format):
        try:
            data, source, remark = _draw(command, dot, picture_format, timeout)
            return Rendering(data, name + remark, source)
        except EngineError as failure:
            failures.append(f"  {name}: {failure}")
    raise RuntimeError(_failure_text(picture_format, engine, failures))


def check_engine(engine: str, timeout: float) -> None:
    """Raise ValueError unless `engine` is known and `timeout` is positive."""
    if engine not in ENGINES:
        raise ValueError(f"draw: expected an engine of {', '.join(ENGINES)}, but got {engine!r}.")
    if not timeout > 0:
        raise ValueError(f"draw: expected a timeout above 0 seconds, but got {timeout!r}.")


def with_attributes(dot: str, **attributes: str) -> str:
    """The source with attributes of the whole graph added at its end, where they win over earlier ones.

    Examples
    --------
    >>> with_attributes("digraph { a }", dpi="144")
    'digraph { a graph [dpi="144"] }'
    """
    head, brace, tail = dot.rpartition("}")
    settings = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"{head}graph [{settings}] {brace}{tail}"


def find_dot() -> str | None:
    """The path of the program ``dot``: on the PATH, else where Graphviz is usually installed."""
    found = shutil.which("dot")
    if found is None:
        found = shutil.which("dot", path=os.pathsep.join(_INSTALL_FOLDERS))
    return found


def find_pygraphviz() -> str | None:
    """The folder that holds the package pygraphviz, or None.  It is not imported."""
    spec = importlib.util.find_spec("pygraphviz")
    return None if spec is None or spec.origin is None else str(Path(spec.origin).parent.parent)


def _commands(engine: str, picture_format: str) -> list[tuple[str, list[str]]]:
    """Name and command line of every engine that may be tried and is there."""
    found: list[tuple[str, list[str]]] = []
    if engine != "pygraphviz" and (program := find_dot()) is not None:
        found.append(("dot", [program, f"-T{picture_format}"]))
    if engine != "dot" and (folder := find_pygraphviz()) is not None:
        worker = str(Path(__file__).with_name("_pygraphviz_worker.py"))
        found.append(("pygraphviz", [sys.executable, "-I", worker, picture_format, folder]))
    return found


def _draw(command: list[str], dot: str, picture_format: str, timeout: float) -> tuple[bytes, str, str]:
    """Picture, the source that was drawn, and a remark for the engine's name."""
    for source, remark in (dot, ""), (with_attributes(dot, **SIMPLER), ", simplified layout"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return _run(command, source, picture_format, timeout), source, remark
    raise TimeoutError(
        f"draw: expected a layout within {timeout:g} s, but it took longer, and so did a simpler one. "
        "Draw less (max_cards=30 or depth=1), allow more (timeout=120), step through it, "
        'viz.step(x).save("steps.html"), or keep the source, .save("graph.dot").'
    )


def _run(command: list[str], dot: str, picture_format: str, timeout: float) -> bytes:
    """The picture that `command` makes of `dot`, checked."""
    code, out, err = run_bounded(command, dot.encode("utf-8", "replace"), timeout)
    complaints = [line for line in err.splitlines() if line.startswith("Error")]
    if code or complaints:
        raise EngineError(complaints[0] if complaints else f"exit code {code}. {_last_line(err)}".rstrip())
    start, end = _SIGNATURES.get(picture_format, (b"graph", b"stop"))
    if start not in out[:2000] or end not in out[-2000:]:
        raise EngineError(f"expected a complete {picture_format}, but got {len(out)} bytes: {out[:30]!r}")
    return out


def run_bounded(command: list[str], data: bytes, timeout: float) -> tuple[int, bytes, str]:
    """Exit code, stdout and stderr of `command` fed with `data`; all its children die at the time limit."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a group of its own, which can be ended whole: `dot` may be a wrapper
        )
    except OSError as error:
        raise EngineError(f"could not be started ({error.strerror or error}).") from error
    with process:
        try:
            out, err = process.communicate(data, timeout)
        except BaseException:  # the time limit, or Ctrl-C
            _end(process)
            raise
    return process.returncode, out, err.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all of its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()  # after Ctrl-C `with` does not


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def _failure_text(picture_format: str, engine: str, failures: list[str]) -> str:
    """What to say when no engine drew: which were tried, what they said, and both cures."""
    if failures:
        said = "\n".join(failures)
        return f"draw: no engine could make a picture ({picture_format}) of this graph.\n{said}\n{_CURE}"
    wanted = "an engine to draw with (dot or pygraphviz)" if engine == "auto" else f"the engine {engine!r}"
    return f"draw: expected {wanted}, but found none.\n{_CURE}"
