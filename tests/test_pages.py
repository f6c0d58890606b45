"""The pages with pictures are run: what they print stands there, and their pictures are what they draw."""

import functools
import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

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
PAGES = {name: DOCS / name if (DOCS / name).exists() else ROOT / name for name in pages.PICTURES}


@functools.cache
def ran(name: str) -> Any:
    """A page, run once."""
    return pages.run(PAGES[name])


def texts(svg: str) -> list[str]:
    """What is written in a picture; where things stand differs between versions of Graphviz."""
    return sorted("".join(node.itertext()).strip() for node in ET.fromstring(svg).iter() if node.tag.endswith("}text"))


def test_what_a_page_prints_stands_under_its_blocks() -> None:
    text = pages.PAGE.read_text(encoding="utf-8")
    assert pages.renewed(pages.PAGE, ran("seeing.md").printed) == text, "run: python docs/pages.py"


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


def test_links_of_the_page_lead_to_files() -> None:
    text = pages.PAGE.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)(.*?)\)", text):
        assert (DOCS / target).exists(), target
