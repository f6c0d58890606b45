"""The pages are run: what they print stands there, and their pictures are what they draw."""

import functools
import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import tinygrad_edu as tg

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", DOCS / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = load()
PAGES = {name: DOCS / name if (DOCS / name).exists() else ROOT / name for name in pages.PICTURES}  # with pictures


@functools.cache
def ran(name: str) -> Any:
    """A page, run once."""
    return pages.run(PAGES.get(name, DOCS / name))


def texts(svg: str) -> list[str]:
    """What is written in a picture; where things stand differs between versions of Graphviz."""
    return sorted("".join(node.itertext()).strip() for node in ET.fromstring(svg).iter() if node.tag.endswith("}text"))


@pytest.mark.parametrize("page", pages.PRINTING, ids=lambda page: page.stem)
def test_what_a_page_prints_stands_under_its_blocks(page: Path) -> None:
    printed = ran(page.name).printed
    assert len([text for text in printed if text]) == len(list(pages.blocks(page, "text")))
    assert pages.renewed(page, printed) == page.read_text(encoding="utf-8"), "run: python docs/pages.py"


def test_blocks_that_are_not_run_are_those_that_need_pytorch() -> None:
    for page in pages.PRINTING:
        languages = re.findall(r"^ *```(\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(languages) <= {"python", "text", "py"}
        assert all("torch" in block for block in pages.blocks(page, "py"))


def test_what_stands_beside_an_expression_of_pytorch_can_be_computed() -> None:
    text = (DOCS / "pytorch.md").read_text(encoding="utf-8").partition("## Tensors are NumPy's")[2].partition("##")[0]
    names = {"tg": tg, "F": tg.nn.functional, "x": tg.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])}
    rows = re.findall(r"^\| `.*?` \| `(.*?)` \|$", text, re.MULTILINE)
    assert len(rows) > 15
    for expression in rows:
        eval(expression, names)


@pytest.mark.parametrize("name", PAGES)
def test_the_pictures_of_a_page_are_those_that_it_draws(name: str) -> None:
    found = ran(name).pictures
    shown = re.findall(r"!\[.*?\]\((.*?\.svg)\)", PAGES[name].read_text(encoding="utf-8"))
    assert {Path(path).stem for path in shown} <= set(found)
    for stem, drawing in found.items():
        source = (DOCS / "pictures" / f"{stem}.dot").read_text(encoding="utf-8")
        assert drawing.dot == source, "run: python docs/pages.py, and look at the pictures"


@pytest.mark.parametrize("name", PAGES)
def test_the_files_of_the_pictures_are_drawn_from_their_sources(name: str) -> None:
    pytest.importorskip("pygraphviz")
    for stem, drawing in ran(name).pictures.items():
        file = pages.PICTURES[name] / f"{stem}.svg"
        assert texts(file.read_text(encoding="utf-8")) == texts(drawing.svg)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_links_of_a_page_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)(.*?)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target.partition("#")[0]).exists(), target
