"""The engines, faked and real: each failure ends in the next engine or in one clear error."""

import contextlib
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tinygrad_edu.viz import render
from tinygrad_edu.viz.render import run_bounded

DOT = "digraph { a [label=A]; b [label=B]; a -> b }"
NAP = f"8765.{os.getpid()}"  # seconds that no other test run sleeps
FakeDot = Callable[[str], Path]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake programs are shell scripts")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without the program and without pygraphviz."""
    monkeypatch.setattr(render, "_INSTALL_FOLDERS", ())
    monkeypatch.setattr(render, "find_pygraphviz", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def fake(alone: Path) -> FakeDot:
    """Put a shell script in place of the program."""

    def write(script: str) -> Path:
        program = alone / "dot"
        program.write_text(f"#!/bin/sh\nPATH=/bin:/usr/bin\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return program

    return write


def running(argument: str) -> list[Path]:
    """Processes with this word on their command line; the dead have none."""
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("without /proc the children cannot be looked for")
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if argument.encode() in entry.read_bytes().split(b"\0"):
                found.append(entry)
    return found


def has_ended(argument: str) -> bool:
    """Wait a moment until the killed are gone."""
    for _ in range(100):
        if not running(argument):
            return True
        time.sleep(0.05)
    return False


def test_without_an_engine_the_error_names_both_cures_and_the_source(alone: Path) -> None:
    with pytest.raises(RuntimeError) as error:
        render.render(DOT, "svg")
    for text in "found none", "graphviz.org/download", "pip install 'tinygrad-edu[draw]'", "graph.dot", "viz.step(x)":
        assert text in str(error.value)


def test_the_program_is_found_in_the_usual_folder_when_it_is_not_on_the_path(
    fake: FakeDot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = fake("true")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(render, "_INSTALL_FOLDERS", (str(tmp_path),))
    assert render.find_dot() == str(program)


def test_the_program_gets_the_source_and_its_picture_comes_back(fake: FakeDot, tmp_path: Path) -> None:
    fake(f"cat > {tmp_path}/source; echo \"$@\" > {tmp_path}/arguments; echo '<svg></svg>'")
    drawn = render.render(DOT, "svg")
    assert (drawn.data, drawn.engine, drawn.dot) == (b"<svg></svg>\n", "dot", DOT)
    assert (tmp_path / "source").read_text() == DOT
    assert (tmp_path / "arguments").read_text() == "-Tsvg\n"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("cat > /dev/null; echo 'libgvc missing' >&2; exit 1", "exit code 1. libgvc missing"),
        ("cat > /dev/null; echo 'Error: bad label' >&2; echo '<svg></svg>'; exit 0", "Error: bad label"),
        ("cat > /dev/null; echo garbage", "expected a complete svg, but got 8 bytes"),
        ("cat > /dev/null; echo '<svg><g>'", "expected a complete svg"),
        ("kill -9 $$", "exit code -9"),
    ],
)
def test_a_failing_program_is_named_with_what_it_said(fake: FakeDot, script: str, said: str) -> None:
    fake(script)
    with pytest.raises(RuntimeError) as error:
        render.render(DOT, "svg")
    assert f"  dot: {said}" in str(error.value)


@pytest.mark.parametrize("script", ["exit 1", "echo Error: no >&2; echo '<svg></svg>'", "echo garbage"])
def test_after_a_failing_program_comes_pygraphviz(fake: FakeDot, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    pytest.importorskip("pygraphviz")
    program = str(fake(script))
    monkeypatch.undo()  # pygraphviz is back
    monkeypatch.setattr(render, "find_dot", lambda: program)
    drawn = render.render(DOT, "svg")
    assert drawn.engine == "pygraphviz"
    assert b"<svg" in drawn.data


def test_a_program_that_cannot_be_started_is_an_engine_that_failed(alone: Path) -> None:
    (alone / "dot").write_bytes(b"\x7fELF nonsense")
    (alone / "dot").chmod(0o755)
    with pytest.raises(RuntimeError, match="could not be started"):
        render.render(DOT, "svg")


def test_a_slow_layout_is_tried_once_more_in_a_simpler_form(fake: FakeDot) -> None:
    fake("source=$(cat); case \"$source\" in *nslimit1*) echo '<svg></svg>';; *) sleep 60;; esac")
    drawn = render.render(DOT, "svg", timeout=0.5)
    assert drawn.engine == "dot, simplified layout"
    for setting in 'nslimit="2"', 'nslimit1="2"', 'mclimit="0.1"', 'splines="line"':
        assert setting in drawn.dot


def test_a_layout_that_never_ends_is_a_timeout_and_leaves_no_child(fake: FakeDot) -> None:
    fake(f"cat > /dev/null; sleep {NAP}; true")  # the shell waits: the sleeper is a grandchild
    with pytest.raises(TimeoutError, match=r"within 0\.3 s.*max_cards=30.*graph\.dot"):
        render.render(DOT, "svg", timeout=0.3)
    assert has_ended(NAP)


@pytest.fixture
def listens_to_ctrl_c() -> Iterator[None]:
    """What a shell starts in the background ignores Ctrl-C, and so does Python then."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listens_to_ctrl_c")
def test_ctrl_c_ends_the_child_at_once(fake: FakeDot) -> None:
    fake(f"cat > /dev/null; sleep {NAP}; true")
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        render.render(DOT, "svg", timeout=60)
    assert time.monotonic() - started < 30  # far from the limit
    assert has_ended(NAP)


def test_nothing_of_an_engine_reaches_our_own_streams(fake: FakeDot, capfd: pytest.CaptureFixture[str]) -> None:
    fake("cat > /dev/null; echo 'unknown element \"reset-dirs\"' >&2; echo '<svg></svg>'")
    render.render(DOT, "svg")
    assert capfd.readouterr() == ("", "")


def test_pygraphviz_draws_every_format_in_silence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pygraphviz")
    for picture_format in render.FORMATS:
        drawn = render.render(DOT, picture_format, engine="pygraphviz")
        assert drawn.engine == "pygraphviz"
        assert len(drawn.data) > 100
    assert capfd.readouterr() == ("", "")


def test_a_bad_label_is_an_error_although_graphviz_calls_it_success() -> None:
    pytest.importorskip("pygraphviz")
    with pytest.raises(RuntimeError, match="pygraphviz: Error"):
        render.render("digraph { a [label=<<B></B>>] }", "svg", engine="pygraphviz")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"picture_format": "jpg"}, "expected a format of svg, png, pdf, plain, but got 'jpg'"),
        ({"picture_format": "svg", "engine": "neato"}, "auto, dot, pygraphviz, but got 'neato'"),
        ({"picture_format": "svg", "timeout": 0}, "expected a timeout above 0 seconds, but got 0"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        render.render(DOT, **arguments)  # type: ignore[arg-type]


def test_a_child_that_reads_nothing_does_not_block_a_large_source() -> None:
    code, out, err = run_bounded([sys.executable, "-c", "print('done')"], b"x" * 5_000_000, 30)
    assert (code, out.strip(), err) == (0, b"done", "")
