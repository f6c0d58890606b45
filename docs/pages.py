"""Run the blocks of the pages, and draw their pictures: ``python docs/pages.py`` renews them and what is printed.

Beside each picture lies its DOT source, which a test compares: pictures of different machines differ by a hair.
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from tinygrad_edu.viz import Drawing

DOCS = Path(__file__).parent
PICTURES = {"README.md": DOCS, "seeing.md": DOCS / "pictures"}  # where those of a page are
PRINTING = [DOCS / "seeing.md", DOCS / "pytorch.md"]  # whose outputs are written by this program
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Run(NamedTuple):
    """What the blocks of a page print, in their order, the pictures that they save, by name, and their variables."""

    printed: list[str]
    pictures: Mapping[str, Drawing]
    names: Mapping[str, object]


def run(page: Path) -> Run:
    """Run a page from top to bottom in an empty folder; pictures are kept, and not rendered."""
    names: dict[str, object] = {}
    printed: list[str] = []
    pictures: dict[str, Drawing] = {}

    def keep(drawing: Drawing, path: str) -> Path:
        pictures[Path(path).stem] = drawing
        return Path(path)

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), mock.patch.object(Drawing, "save", keep):
        for i, code in enumerate(blocks(page, "python")):
            file = Path(f"block{i}.py")  # pictures take names and expressions from the source
            file.write_text(code, encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()) as out:
                names.update(runpy.run_path(str(file), init_globals=names))
            printed.append(out.getvalue())
    return Run(printed, pictures, names)


def blocks(page: Path, language: str) -> Iterator[str]:
    """The blocks of a page in one language."""
    for _, found, code in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if found == language:
            yield textwrap.dedent(code)


def renewed(page: Path, printed: list[str]) -> str:
    """The page with what its blocks print now."""
    texts = iter([text for text in printed if text])
    write = lambda block: f"```text\n{next(texts)}```" if block[2] == "text" else block[0]  # noqa: E731
    return _BLOCK.sub(write, page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for name, folder in PICTURES.items():
        page = DOCS / name if (DOCS / name).exists() else DOCS.parent / name
        for picture, drawing in run(page).pictures.items():
            drawing.save(folder / f"{picture}.svg")
            drawing.save(DOCS / "pictures" / f"{picture}.dot")
    for page in PRINTING:
        page.write_text(renewed(page, run(page).printed), encoding="utf-8")
