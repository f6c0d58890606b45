"""The DOT source: complete, equal from run to run, within its limits, and safe from hostile names."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.viz import demos
from tests.viz.test_escape import HOSTILE
from tinygrad_edu import Tensor, nn, viz

GOLDEN = Path(__file__).parent / "golden"


def parsed(dot: str) -> Any:
    return pytest.importorskip("pygraphviz").AGraph(string=dot)


def clusters(graph: Any) -> list[str]:
    found = []
    waiting = list(graph.subgraphs())
    while waiting:
        box = waiting.pop()
        found.append(box.name)
        waiting += box.subgraphs()
    return sorted(name for name in found if not name.endswith("_uses"))


def arrows(graph: Any) -> Counter[tuple[str, str]]:
    """From source to target, also where the arrow is drawn backwards."""
    ends = ((a, b, e.attr["dir"]) for e in graph.edges() for a, b in [e])
    return Counter((b, a) if back == "back" else (a, b) for a, b, back in ends)


@pytest.mark.parametrize("name", demos.DRAWINGS)
def test_the_source_is_byte_for_byte_the_golden_one(name: str) -> None:
    """To renew after a change of the look: UPDATE_GOLDEN=1 pytest tests/viz/test_dot.py, and look at the pictures."""
    dot = demos.DRAWINGS[name]().dot
    file = GOLDEN / f"{name}.dot"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(dot, encoding="utf-8", newline="\n")
    assert dot == file.read_text(encoding="utf-8")


def test_two_processes_give_the_same_bytes() -> None:
    program = "from tests.viz.demos import DRAWINGS; print(*[d().dot for d in DRAWINGS.values()], sep='')"
    sources = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert sources[0] == sources[1]
    assert len(sources[0]) > 10_000


@pytest.mark.parametrize("name", ["neuron", "reuse", "network", "stack"])
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_full_picture_has_every_value_op_and_use(name: str, direction: str) -> None:
    graph = viz.graph(getattr(demos, name)(), names={})
    drawn = parsed(viz.to_dot(graph, detail="full", direction=direction))
    ops = [n.id for n in graph.nodes if n.op is not None]
    assert sorted(drawn.nodes()) == sorted([n.id for n in graph.nodes] + [f"{i}_op" for i in ops])
    expected = Counter((edge.source, f"{edge.target}_op") for edge in graph.edges)
    assert arrows(drawn) == expected + Counter((f"{i}_op", i) for i in ops)
    assert clusters(drawn) == sorted(f"cluster_{call.id}" for call in graph.calls)


@pytest.mark.parametrize("name", ["neuron", "reuse", "network", "stack"])
def test_a_compact_picture_has_every_value_but_constants_and_every_use(name: str) -> None:
    graph = viz.graph(getattr(demos, name)(), names={})
    drawn = parsed(viz.to_dot(graph, detail="compact"))
    shown = {n.id for n in graph.nodes if n.role != "constant"}
    assert set(drawn.nodes()) == shown
    assert arrows(drawn) == Counter((e.source, e.target) for e in graph.edges if e.source in shown)
    assert clusters(drawn) == sorted(f"cluster_{call.id}" for call in graph.calls)


def test_every_member_is_inside_its_box() -> None:
    graph = viz.graph(demos.network(), names={})
    drawn = parsed(viz.to_dot(graph))
    for call in graph.calls:
        members = {n.id for n in graph.nodes if call.id in graph.ancestors(n.call) and n.role != "constant"}
        (box,) = (s for s in _all_subgraphs(drawn) if s.name == f"cluster_{call.id}")
        assert set(box.nodes()) == members


def _all_subgraphs(graph: Any) -> list[Any]:
    return [s for box in graph.subgraphs() for s in [box, *_all_subgraphs(box)]]


# ---- what a card says ----


def test_a_square_has_two_arrows_that_say_what_they_add() -> None:
    x = demos.scalar(3.0)
    dot = viz.to_dot(x * x, names={"x": x})
    assert dot.count("n0 -> n1_op") == 2
    assert dot.count("→ 3") == 2
    assert "∇ 6" in dot
    assert "= 3 + 3" in dot


def test_no_gradient_is_a_dash_and_never_zero() -> None:
    dot = demos.forward_only().dot
    assert "∇ –" in dot
    assert "∇ 0" not in dot
    assert "no gradients: the output has shape 4×2; reduce it, or pass grad=" in dot


def test_a_gradient_of_zero_is_a_zero_and_its_arrow_is_dashed() -> None:
    x = demos.scalar(3.0)
    dot = viz.to_dot(x * 0.0, names={})
    assert "∇ 0" in dot
    assert "∇ –" not in dot
    assert "style=dashed" in dot


def test_names_subscripts_and_numbers_are_there() -> None:
    dot = demos.DRAWINGS["neuron"]().dot
    for text in ("w₀", "x₁", "∇ −", "×−1", "x²", "parameter", "forward value", "local derivative"):
        assert (text in dot) == (text != "parameter"), text


def test_a_constant_is_in_the_card_of_a_compact_op() -> None:
    x = demos.scalar(3.0)
    assert "× 2" in viz.to_dot(x * 2.0, detail="compact")
    assert "1 ÷" in viz.to_dot(1.0 / x, detail="compact")


def test_a_leaf_that_many_ops_use_has_one_card_and_a_chip_for_every_further_use() -> None:
    drawn = parsed(viz.to_dot(demos.unrolled(5), names={}))
    chips = [node for node in drawn.nodes() if re.fullmatch(r"n\d+_\d+", node)]
    assert len(chips) == 3 * 4
    assert all(len(drawn.out_edges(node)) + len(drawn.in_edges(node)) == 1 for node in chips)


def test_a_module_called_twice_has_two_boxes() -> None:
    layer = demos.Affine(3, 3)
    dot = viz.to_dot(layer(layer(Tensor(demos.numbers(2, 3)))).sum(), names={})
    assert clusters(parsed(dot)) == ["cluster_m0", "cluster_m1"]


def test_a_loss_module_needs_no_box_around_its_one_op() -> None:
    loss = nn.MSELoss()(demos.Affine(3, 2)(Tensor(demos.numbers(4, 3))), Tensor(demos.numbers(4, 2)))
    assert [call.class_name for call in viz.graph(loss).calls] == ["Affine", "MSELoss"]
    assert clusters(parsed(viz.to_dot(loss, names={}))) == ["cluster_m0"]


def test_a_tiny_gradient_is_below_the_scale_and_not_its_measure() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    assert "∇ rms ≤ 1·10⁻⁶" in viz.to_dot((w * 1e-9).sum() + w.sum(), names={})
    assert "∇ rms 0.01" in viz.to_dot((w * w).sum() * 0.5, names={}, heat=True, detail="compact")


def test_colours_of_both_themes_are_told_apart() -> None:
    light, dark = (viz.to_dot(demos.reuse(), theme=t, names={}) for t in ("light", "dark"))
    assert "#ffffff" in light
    assert "#0d1117" in dark
    assert not set(re.findall("#[0-9a-f]{6}", light)) & set(re.findall("#[0-9a-f]{6}", dark))


def test_a_legend_can_be_left_out_and_a_title_put_in() -> None:
    dot = viz.to_dot(demos.reuse(), legend=False, title="Why <44>?", names={})
    assert "forward value" not in dot
    assert "Why &lt;44&gt;?" in dot


# ---- limits ----


def test_modules_at_a_depth_become_cards_and_the_caption_says_so() -> None:
    drawing = demos.collapsed()
    drawn = parsed(drawing.dot)
    assert clusters(drawn) == ["cluster_m0"]
    assert sum(node.startswith("m") for node in drawn.nodes()) == 6
    assert drawing.hidden == (
        "showing 9 cards for 45 graph nodes · modules collapsed at depth 2 · draw(x, depth=3) for more"
    )
    assert "modules collapsed at depth 2" in drawing.dot
    assert "20 parameters" in drawing.dot


def test_modules_can_stay_open_by_their_path() -> None:
    drawn = parsed(viz.to_dot(demos.stack(), depth=1, expand=["blocks.2"], names={}))
    assert len(clusters(drawn)) == 2
    assert sum(node.startswith("m") for node in drawn.nodes()) == 6


def test_depth_one_leaves_one_card_for_the_network() -> None:
    drawn = parsed(viz.to_dot(demos.network(), depth=1, names={}))
    assert clusters(drawn) == []
    assert [node for node in drawn.nodes() if node.startswith("m")] == ["m0"]


def test_uses_that_are_merged_are_counted() -> None:
    assert "2×" in demos.collapsed().dot


@pytest.mark.parametrize("max_cards", [4, 7, 60])
@pytest.mark.parametrize("name", ["stack", "unrolled"])
def test_there_are_never_more_cards_than_allowed(name: str, max_cards: int) -> None:
    drawing = viz.draw(getattr(demos, name)(40), max_cards=max_cards, names={})
    cards = [node for node in parsed(drawing.dot).nodes() if not re.fullmatch(r"n\d+_\d+", node)]
    assert len(cards) <= max_cards
    assert f"showing {len(cards)} cards" in drawing.hidden


def test_repeated_blocks_are_folded_in_their_middle() -> None:
    drawing = demos.DRAWINGS["stack_folded"]()
    assert "more Block" in drawing.hidden
    assert re.search(r"\+\d+ more Block", drawing.dot)


def test_a_chain_of_ten_thousand_ops_is_folded_without_recursion() -> None:
    x = y = demos.scalar(1.0)
    for _ in range(10_000):
        y = y * 1.0 + x
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(200 + len(__import__("inspect").stack()))
    try:
        drawing = viz.draw(y, names={})
    finally:
        sys.setrecursionlimit(before)
    assert re.fullmatch(r"showing 60 cards for 30,001 graph nodes · 19,\d\d\d ops folded · .*", drawing.hidden)
    assert len(drawing.dot) < 100_000


def test_very_many_inputs_are_folded_too() -> None:
    y = Tensor(0.0)
    leaves = [demos.scalar(float(i)) for i in range(500)]
    y = sum(leaves[1:], start=leaves[0])
    drawing = viz.draw(y, max_cards=10, names={})
    assert len(parsed(drawing.dot).nodes()) <= 10


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_cards": 2001}, r"max_cards in 4\.\.2000, but got 2001.*viz\.graph"),
        ({"max_cards": 0}, r"max_cards in 4\.\.2000, but got 0"),
        ({"max_cards": "many"}, r"max_cards in 4\.\.2000, but got 'many'"),
        ({"depth": 0}, "depth of at least 1"),
        ({"depth": "all"}, r"depth of at least 1 .*, but got 'all'"),
        ({"detail": "all"}, "detail to be one of 'auto', 'full', 'compact', but got 'all'"),
        ({"direction": "RL"}, "direction to be one of"),
        ({"theme": "blue"}, "a theme of light, dark, auto, but got 'blue'"),
        ({"heat": "yes"}, "heat to be one of"),
        ({"engine": "neato"}, "an engine of"),
        ({"timeout": -1}, "a timeout above 0"),
        ({"grad": [1.0, 2.0]}, "draw|graph"),
    ],
)
def test_options_out_of_range_are_named_with_what_came(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        viz.draw(demos.reuse(), **options)


@pytest.mark.parametrize("function", [viz.graph, viz.draw, viz.to_dot, viz.tree, viz.step])
def test_errors_name_the_function_that_was_called(function: Callable[..., object]) -> None:
    name = "draw" if function is viz.to_dot else function.__name__
    with pytest.raises(TypeError, match=f"^{name}: expected a Tensor, but got int"):
        function(5)
    with pytest.raises(RuntimeError, match=f"^{name}: expected a tensor with a history"):
        function(Tensor(1.0))


def test_an_output_of_several_numbers_is_drawn_forward_and_the_caption_says_so() -> None:
    y = Tensor(demos.numbers(3), requires_grad=True) * 2.0
    assert "no gradients: the output has shape 3; reduce it, or pass grad=" in viz.to_dot(y, names={})
    assert "no gradients" not in viz.to_dot(y, names={}, grad=[1.0, 2.0, 3.0])


def test_a_drawing_of_a_graph_is_the_drawing_of_its_tensor() -> None:
    y = demos.reuse()
    assert viz.to_dot(viz.graph(y, names={})) == viz.to_dot(y, names={})


def test_a_tensor_draws_itself_with_the_names_of_its_caller() -> None:
    weight = demos.scalar(2.0)
    assert "weight" in (weight * 3.0).draw().dot


# ---- hostile names ----


@given(HOSTILE, st.sampled_from(["full", "compact"]))
def test_no_name_breaks_the_source(name: str, detail: str) -> None:
    x = demos.scalar(3.0)
    x.name = name
    graph = viz.graph(x * x, names={})
    drawn = parsed(viz.to_dot(graph, detail=detail, title=name))
    assert len(drawn.nodes()) == (3 if detail == "full" else 2)
    assert len(drawn.edges()) == (3 if detail == "full" else 2)


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_no_name_breaks_the_svg(names: list[str]) -> None:
    import xml.etree.ElementTree as ElementTree

    pytest.importorskip("pygraphviz")
    y = demos.scalar(1.0)
    for name in names:
        y = y * 2.0
        y.name = name
    svg = viz.draw(y, names={}, engine="pygraphviz", title=names[0]).svg
    assert "script" not in {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}


def test_hostile_modules_and_arrays_do_not_break_the_source() -> None:
    odd = type('A"<b>&\\N', (demos.Affine,), {})
    x = Tensor(np.array([[np.nan, np.inf, -np.inf]], np.float32))
    drawn = parsed(viz.to_dot(odd(3, 2)(x).sum(), names={}))
    assert clusters(drawn) == ["cluster_m0"]
    empty = tg.Tensor(np.zeros((0, 3)), requires_grad=True)
    assert "empty" in viz.to_dot((empty * 2.0).sum())


def test_the_chips_of_a_leaf_without_a_name_say_its_shape() -> None:
    x = Tensor(demos.numbers(2, 3), requires_grad=True)
    total = x + 1.0
    for _ in range(4):
        total = tg.tanh(total) * x
    dot = viz.to_dot(total.sum(), names={})
    chips = [line for line in dot.splitlines() if '"rounded,dashed"' in line]
    assert chips
    assert all(">2×3 f32<" in chip for chip in chips)
