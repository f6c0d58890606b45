"""The pictures as they are laid out: nothing overlaps, the spine is straight, colours are there."""

import io
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from typing import NamedTuple

import pytest

from tests.viz import demos
from tinygrad_edu import Tensor, nn, viz
from tinygrad_edu.viz import Drawing, render
from tinygrad_edu.viz.theme import DARK, LIGHT

pytest.importorskip("pygraphviz")

SVG = "{http://www.w3.org/2000/svg}"


class Box(NamedTuple):
    """A card of a layout, in points."""

    name: str
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box") -> bool:
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2
            and abs(self.y - other.y) < (self.height + other.height) / 2
        )


def layout(drawing: Drawing) -> dict[str, Box]:
    plain = render.render(drawing.dot, "plain", engine="pygraphviz").data.decode()
    rows = (line.split() for line in plain.splitlines() if line.startswith("node "))
    return {row[1]: Box(row[1], *(72 * float(part) for part in row[2:6])) for row in rows}


@pytest.mark.parametrize("name", demos.DRAWINGS)
def test_no_cards_overlap(name: str) -> None:
    boxes = layout(demos.DRAWINGS[name]())
    assert [(a.name, b.name) for a, b in combinations(boxes.values(), 2) if a.overlaps(b)] == []


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_the_spine_of_a_network_is_straight(direction: str) -> None:
    graph = viz.graph(demos.network(), names={})
    boxes = layout(viz.draw(graph, direction=direction))
    spine = [boxes[n.id] for n in graph.nodes if n.name == "x" or n.op is not None]
    assert len(spine) == 9
    across = [box.x if direction == "TB" else box.y for box in spine]
    along = [-box.y if direction == "TB" else box.x for box in spine]
    assert max(across) - min(across) <= 1
    assert along == sorted(along)


def test_a_network_is_not_wider_than_a_page() -> None:
    boxes = layout(demos.DRAWINGS["network"]()).values()
    assert max(b.x + b.width / 2 for b in boxes) - min(b.x - b.width / 2 for b in boxes) < 400


def test_leaves_stand_beside_their_only_use() -> None:
    graph = viz.graph(demos.network(), names={})
    boxes = layout(viz.draw(graph, direction="TB"))
    for node in graph.nodes:
        if node.role == "parameter" or node.name == "t":
            (edge,) = graph.uses[node.id]
            assert boxes[node.id].y == pytest.approx(boxes[edge.target].y, abs=1)


def test_leaves_that_one_op_has_altered_stand_further_out_on_both_sides() -> None:
    x, w, b = Tensor(demos.numbers(4, 3)), nn.Parameter(demos.numbers(3)), nn.Parameter(demos.numbers(3, start=5))
    y = nn.functional.layer_norm(x * 1.0, (3,), w.reshape(3), b.reshape(3)).sum()
    graph = viz.graph(y, names={"w": w, "b": b})
    boxes = layout(viz.draw(graph, direction="TB"))
    norm = next(n.id for n in graph.nodes if n.op == "standardize_affine")
    sides = []
    for name in "wb":
        leaf = next(n.id for n in graph.nodes if n.name == name)
        (use,) = graph.uses[leaf]
        near, far = boxes[use.target].x - boxes[norm].x, boxes[leaf].x - boxes[norm].x
        assert abs(far) > abs(near)
        assert near * far > 0
        sides.append(near > 0)
    assert sides == [False, True]


def test_every_member_is_drawn_inside_its_box_and_nothing_else_is() -> None:
    graph = viz.graph(demos.network(), names={})
    drawing = viz.draw(graph)
    boxes = layout(drawing)
    svg = ElementTree.fromstring(drawing.svg)
    titles = {g.findtext(f"{SVG}title"): g for g in svg.iter(f"{SVG}g")}
    frame = titles["backprop"]
    assert frame is not None
    for call in graph.calls:
        xs, ys = _extent(titles[f"cluster_{call.id}"])
        members = {n.id for n in graph.nodes if call.id in graph.ancestors(n.call)}
        for name, box in boxes.items():
            inside = xs[0] <= box.x <= xs[1] and ys[0] <= -box.y <= ys[1]
            assert inside == (name in members), (call.path, name)


def _extent(group: ElementTree.Element) -> tuple[tuple[float, float], tuple[float, float]]:
    """The range of x and of y (downwards) of a cluster, from the numbers of its outline."""
    outline = next(group.iter(f"{SVG}path")).get("d") or ""
    points = [tuple(map(float, p.split(","))) for p in outline.replace("M", "").replace("C", " ").split()]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs), max(xs)), (min(ys), max(ys))


@pytest.mark.parametrize("name", demos.DRAWINGS)
def test_the_svg_is_well_formed_and_has_no_script(name: str) -> None:
    svg = ElementTree.fromstring(demos.DRAWINGS[name]().svg)
    assert svg.tag == f"{SVG}svg"
    assert not list(svg.iter(f"{SVG}script"))
    text = "".join(svg.itertext())
    assert "forward value" in text


def test_the_svg_has_every_name() -> None:
    text = "".join(ElementTree.fromstring(viz.draw(demos.neuron(), names={}).svg).itertext())
    assert all(name in text for name in ("w₀", "x₀", "w₁", "x₁", "w₂"))


def test_the_png_has_the_colours_of_the_roles() -> None:
    image = pytest.importorskip("PIL.Image")
    png = image.open(io.BytesIO(demos.DRAWINGS["network"]().png(96))).convert("RGB")
    colors = {"#" + bytes(color).hex() for _, color in png.getcolors(1 << 24)}
    assert {LIGHT.fills[role] for role in ("input", "parameter", "value", "output")} <= colors
    assert {LIGHT.positive[-1], LIGHT.negative[-1], LIGHT.box, LIGHT.paper} <= colors
    assert len(colors) > 100  # text is there, smoothed


def test_an_automatic_theme_names_a_dark_colour_for_every_light_one() -> None:
    svg = viz.draw(demos.network(), theme="auto", names={}).svg
    assert "@media (prefers-color-scheme:dark)" in svg
    style, _, body = svg.partition("</style>")
    assert '[fill="white"]' in style  # as Graphviz 2 writes #ffffff
    used = {value for element in ElementTree.fromstring(svg).iter() for value in _colors(element)}
    assert used
    assert all(f'[fill="{color}"]' in style or f'[stroke="{color}"]' in style for color in used)
    assert DARK.paper in style
    assert DARK.paper not in body


def _colors(element: ElementTree.Element) -> set[str]:
    return {element.get("fill", "none"), element.get("stroke", "none")} - {"none", "transparent"}


def test_both_palettes_have_the_same_parts_and_no_light_colour_has_two_dark_ones() -> None:
    light, dark = LIGHT.colors(), DARK.colors()
    assert len(light) == len(dark)
    twins: dict[str, set[str]] = {}
    for a, b in zip(light, dark, strict=True):
        twins.setdefault(a, set()).add(b)
    assert {a: b for a, b in twins.items() if len(b) > 1} == {}


def test_the_engine_is_named_once_it_has_drawn() -> None:
    drawing = viz.draw(demos.reuse(), names={}, engine="pygraphviz")
    assert drawing.engine is None
    assert drawing.svg
    assert drawing.engine == "pygraphviz"


def test_a_hundred_steps_of_a_recurrent_network_are_drawn_whole() -> None:
    drawing = viz.draw(demos.unrolled(100), names={}, max_cards=2000)
    assert drawing.hidden == ""
    assert drawing.svg.count('class="node"') > 500


@pytest.mark.parametrize("name", ["neuron", "network_across"])
def test_words_above_a_level_arrow_do_not_touch_it(name: str) -> None:
    svg = ElementTree.fromstring(demos.DRAWINGS[name]().svg)
    seen = 0
    for arrow in (group for group in svg.iter(f"{SVG}g") if group.get("class") == "edge"):
        path = arrow.find(f".//{SVG}path")
        heights = [float(pair.partition(",")[2]) for pair in path.get("d").replace("C", " ").split()]
        if max(heights) - min(heights) < 1:
            words = [float(text.get("y")) for text in arrow.iter(f"{SVG}text")]
            seen += len(words)
            assert all(y < min(heights) - 5 or y > max(heights) + 10 for y in words), (words, heights)
    assert seen >= 4
