"""A Drawing renders when asked, saves whole files or none, and never shrinks a picture silently."""

import io
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tinygrad_edu.viz import drawing as module
from tinygrad_edu.viz import render
from tinygrad_edu.viz.drawing import Drawing

SVG = b'<?xml version="1.0"?>\n<!-- by 14.1 -->\n<svg width="%dpt" height="%dpt"\n viewBox="0 0 1 1"><g/></svg>'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """An engine that notes what it is asked for."""
    calls: list[tuple[str, str]] = []

    def fake(dot: str, picture_format: str, **_: object) -> render.Rendering:
        calls.append((picture_format, dot))
        size = 720_000 if "huge" in dot else 72
        return render.Rendering(SVG % (size, size) if picture_format == "svg" else b"bytes", "fake", dot)

    monkeypatch.setattr(render, "render", fake)
    return calls


def test_nothing_is_rendered_before_it_is_asked_for(asked: list[tuple[str, str]]) -> None:
    drawing = Drawing("digraph {}")
    assert drawing.dot == "digraph {}"
    assert drawing.engine is None
    assert not asked
    assert drawing.svg == drawing._repr_svg_()
    assert drawing.engine == "fake"
    assert len(asked) == 1


def test_the_svg_is_one_element_without_prologue_and_versions(asked: list[tuple[str, str]]) -> None:
    svg = Drawing("digraph {}", style="a{fill:red}").svg
    assert svg.startswith("<svg")
    assert "<!--" not in svg
    assert "<style>a{fill:red}</style>" in svg
    ElementTree.fromstring(svg)


def test_each_suffix_has_its_format(asked: list[tuple[str, str]], tmp_path: Path) -> None:
    drawing = Drawing("digraph {}")
    for name in "a.svg", "b.png", "c.PDF", "d.dot", "e.gv":
        assert drawing.save(tmp_path / name) == tmp_path / name
    assert (tmp_path / "d.dot").read_text() == (tmp_path / "e.gv").read_text() == "digraph {}"
    assert (tmp_path / "b.png").read_bytes() == (tmp_path / "c.PDF").read_bytes() == b"bytes"
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "b.png", "c.PDF", "d.dot", "e.gv"]


def test_file_names_are_names_and_nothing_else(asked: list[tuple[str, str]], tmp_path: Path) -> None:
    name = "a; touch b $(c) 'd' \"e\" | f.svg"
    Drawing("digraph {}").save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["graph", "graph.jpg", ".svg", "graph.svg.zip"])
def test_an_unknown_suffix_is_named_with_those_that_work(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in \.svg, \.png, \.pdf, \.dot, \.gv, but got"):
        Drawing("digraph {}").save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named_before_anything_is_drawn(asked: list[tuple[str, str]], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected a folder that exists, but got .*nowhere"):
        Drawing("digraph {}").save(tmp_path / "nowhere" / "a.svg")
    assert not asked


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "open", refuse, raising=False)
    with pytest.raises(PermissionError, match="can be written, but got .*a.dot.*Permission denied"):
        Drawing("digraph {}").save(tmp_path / "a.dot")


def test_a_failed_save_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.dot"
    target.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        Drawing("digraph {}").save(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_saving_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "link.dot").symlink_to(tmp_path / "real.dot")
    Drawing("digraph {}").save(tmp_path / "link.dot")
    assert (tmp_path / "link.dot").is_symlink()
    assert (tmp_path / "real.dot").read_text() == "digraph {}"


def test_a_saved_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    Drawing("digraph {}").save(tmp_path / "a.dot")
    assert (tmp_path / "a.dot").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_picture_too_large_for_png_gets_fewer_dots_and_says_so(asked: list[tuple[str, str]]) -> None:
    with pytest.warns(UserWarning, match=r"png: drawn with 0\.8 instead of 144 dpi"):
        Drawing("digraph huge {}").png()  # 10,000 inches: 64 Mpx are 0.8 dots per inch
    assert 'dpi="0.8"' in asked[-1][1]


def test_an_ordinary_picture_gets_the_dots_it_was_asked_for(asked: list[tuple[str, str]]) -> None:
    Drawing("digraph {}").png(dpi=300)
    assert 'dpi="300"' in asked[-1][1]


def test_dpi_must_be_positive() -> None:
    with pytest.raises(ValueError, match="expected dpi above 0, but got -1"):
        Drawing("digraph {}").png(dpi=-1)


def test_a_notebook_shows_the_picture_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygraphviz")
    assert set(Drawing("digraph {}")._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}
    monkeypatch.setattr(render, "_commands", lambda *_: [])
    bundle = Drawing("digraph {}")._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "pip install" in bundle["text/plain"]


def test_a_real_png_has_the_size_of_its_dpi() -> None:
    pytest.importorskip("pygraphviz")
    image = pytest.importorskip("PIL.Image")
    drawing = Drawing("digraph { a [shape=box, style=filled, fillcolor=red, label=A] }")
    width = float(re.search(r'<svg width="([\d.]+)pt"', drawing.svg)[1])  # type: ignore[index]
    small, large = (image.open(io.BytesIO(drawing.png(dpi))).convert("RGB") for dpi in (72, 144))
    assert abs(small.width - width) <= 1
    assert abs(large.width - 2 * width) <= 2
    assert (255, 0, 0) in {color for _, color in large.getcolors(1 << 20)}
