"""Pictures as they were looked at: their layout with any renderer, their pixels with the one that drew them.

To renew after a change of the look: ``UPDATE_GOLDEN=1 pytest tests/viz/test_golden_pictures.py``, and look at the
pictures.
"""

import importlib.metadata
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.viz import demos
from tests.viz.test_pictures import layout
from tinygrad_edu.viz import Drawing, render

pytest.importorskip("pygraphviz")
GOLDEN = Path(__file__).parent / "golden"
LAYOUT = GOLDEN / "layout.json"
RENDERER = "2.0.4"  # of pygraphviz, whose wheel has the libraries that draw
PIXELS = ("neuron", "reuse_dark", "network", "stack_collapsed")
DPI = 48
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


def places(drawing: Drawing) -> dict[str, list[float]]:
    """Where the middle of each card lies, as shares of the width and the height: fonts are of different sizes."""
    boxes = layout(drawing)
    edges = np.array(
        [[b.x - b.width / 2, b.y - b.height / 2, b.x + b.width / 2, b.y + b.height / 2] for b in boxes.values()]
    )
    low, high = edges[:, :2].min(0), edges[:, 2:].max(0)
    shares = {name: (np.array([b.x, b.y]) - low) / (high - low) for name, b in boxes.items()}
    return {name: share.round(3).tolist() for name, share in shares.items()}


@pytest.mark.parametrize("name", demos.DRAWINGS)
def test_the_layout_is_the_one_that_was_looked_at(name: str) -> None:
    found = places(demos.DRAWINGS[name]())
    known = json.loads(LAYOUT.read_text()) if LAYOUT.exists() else {}
    if UPDATE:
        LAYOUT.write_text(json.dumps(known | {name: found}, indent=0, sort_keys=True) + "\n")
        return
    assert set(found) == set(known[name])
    for card, place in known[name].items():
        assert found[card] == pytest.approx(place, abs=0.08), card


def picture(dot: str) -> Any:
    """The pixels that pygraphviz draws, from 0 to 255."""
    image = pytest.importorskip("PIL.Image")
    png = render.render(render.with_attributes(dot, dpi=str(DPI)), "png", engine="pygraphviz").data
    return np.asarray(image.open(io.BytesIO(png)).convert("RGB"), np.int16)


def saved(name: str) -> Any:
    image = pytest.importorskip("PIL.Image")
    return np.asarray(image.open(GOLDEN / f"{name}.png"), np.int16)


def save(name: str, pixels: Any) -> None:
    image = pytest.importorskip("PIL.Image")
    image.fromarray(pixels.astype(np.uint8)).save(GOLDEN / f"{name}.png", optimize=True)


def changed(found: Any, known: Any) -> float:
    """Which share of the pixels is seen to differ."""
    return float((np.abs(found - known).max(-1) > 8).mean())


FONTS = 'digraph { a [shape=box fontname="Helvetica,Arial,sans-serif" label="Hamburgefonstiv ∇ ⊙ ₀ ᵀ"] }'


@pytest.fixture(scope="module")
def same_renderer() -> None:
    """Another version, or other fonts, draw other pixels."""
    if (version := importlib.metadata.version("pygraphviz")) != RENDERER:
        pytest.skip(f"drawn with pygraphviz {RENDERER}, and this is {version}")
    fonts = picture(FONTS)
    if UPDATE:
        save("fonts", fonts)
    if fonts.shape != saved("fonts").shape or changed(fonts, saved("fonts")) > 0.01:
        pytest.skip("drawn with other fonts")


@pytest.mark.parametrize("name", PIXELS)
def test_the_pixels_are_those_that_were_looked_at(name: str, same_renderer: None) -> None:
    found = picture(demos.DRAWINGS[name]().dot)
    if UPDATE:
        save(name, found)
    assert found.shape == saved(name).shape
    assert changed(found, saved(name)) < 0.005
