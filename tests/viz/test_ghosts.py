"""Watched graphs: where gradients end, the source of each value; and graphs of gradients."""

import json

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz.demos import numbers, scalar
from tinygrad_edu import Tensor, nn, viz


@pytest.fixture
def watched():
    x = Tensor(numbers(4, 3), requires_grad=True)
    with tg.observe() as events:
        h = x * 2.0
        mask = h > 0
        best = tg.argmax(h)
        scale = h.detach().mean()
        y = tg.where(mask, h, h * 0.5) / scale
        loss = y.sum()
    assert best.shape == ()
    return loss, events, locals()


def ghosts(graph: viz.Graph) -> list[tuple[str | None, str, str | None]]:
    named = {None: None, **{node.id: node.name for node in graph.nodes}}
    return [(named[g.source], g.op, named[g.target]) for g in graph.ghosts]


def test_every_end_of_a_gradient_is_found_with_what_came_of_it(watched) -> None:
    loss, events, names = watched
    assert ghosts(viz.graph(loss, names=names, events=events)) == [
        ("h", "greater", "mask"),
        ("h", "detach", "scale"),
        ("h", "argmax", None),
    ]


def test_a_recording_serves_as_well_as_events() -> None:
    x = Tensor(numbers(4, 3), requires_grad=True)
    with viz.recording() as film:
        h = x * 2.0
        loss = (h * (h > 0)).sum()
    graph = viz.graph(loss, names={}, events=film)
    assert [(g.op, g.place.partition(": ")[2]) for g in graph.ghosts] == [("greater", "h > 0")]
    assert [node.name for node in graph.nodes] == [None, None, "h", None, None, "loss"]
    assert "⊣ no gradient" in viz.to_dot(loss, names={}, events=film)


def test_values_cut_off_from_their_history_are_flagged(watched) -> None:
    loss, events, names = watched
    flags = {node.name: node.flags for node in viz.graph(loss, names=names, events=events).nodes}
    assert flags["mask"] == ("detached by greater",)
    assert flags["scale"] == ("detached",)
    assert flags["h"] == ()


def test_a_detached_tensor_is_flagged_unwatched_too_as_it_shares_memory() -> None:
    x = Tensor(numbers(4), requires_grad=True)
    d = x.detach()[1:]
    graph = viz.graph((x[1:] * d).sum(), names={"x": x, "d": d})
    assert {node.name: node.flags for node in graph.nodes if node.op is None} == {"x": (), "d": ("detached",)}
    assert "⚠ detached" in viz.to_dot((x[1:] * d).sum(), names={})


def test_what_ran_under_no_grad_is_an_end_too() -> None:
    x, w = scalar(2.0), scalar(3.0)
    with tg.observe() as events:
        y = x * 1.0
        with tg.no_grad():
            k = y * 5.0
        loss = y * k * w
    assert ghosts(viz.graph(loss, names={"y": y, "k": k}, events=events)) == [("y", "multiply", "k")]


def test_a_number_taken_out_is_an_end() -> None:
    x = scalar(2.0)
    with tg.observe() as events:
        y = x * x.item()
    assert ghosts(viz.graph(y, names={"x": x}, events=events)) == [("x", "item", None)]


def test_each_value_knows_its_expression(watched) -> None:
    loss, events, names = watched
    graph = viz.graph(loss, names=names, events=events)
    sources = {node.name: node.source for node in graph.nodes}
    assert sources["h"].startswith("test_ghosts.py:")
    assert sources["h"].endswith(": x * 2.0")
    assert sources["mask"].endswith(": h > 0")
    assert sources["y"].endswith(": tg.where(mask, h, h * 0.5) / scale")
    assert sources["x"] is None


def test_without_events_nothing_is_added(watched) -> None:
    loss, _, names = watched
    graph = viz.graph(loss, names=names)
    assert graph.ghosts == ()
    assert {node.source for node in graph.nodes} == {None}
    assert "⊣" not in viz.to_dot(loss, names=names)


def test_the_picture_shows_ends_and_expressions(watched) -> None:
    loss, events, names = watched
    dot = viz.to_dot(loss, names=names, events=events)
    assert dot.count("⊣ no gradient") == 3
    assert "x * 2.0" in dot
    assert dot.count("style=dotted") >= 5
    assert "dotted: no gradient comes back" in dot


def test_ends_inside_a_closed_module_are_hidden_with_it() -> None:
    class Hard(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            h = x * 2.0
            return tg.where(h > 0, h, 0.0) * 3.0

    x = Tensor(numbers(4, 3), requires_grad=True)
    with tg.observe() as events:
        loss = nn.Sequential(Hard())(x).sum()
    assert "⊣" in viz.to_dot(loss, events=events)
    assert "⊣" not in viz.to_dot(loss, events=events, depth=1)


def test_ghosts_are_part_of_the_json(watched) -> None:
    loss, events, names = watched
    data = json.loads(json.dumps(viz.graph(loss, names=names, events=events).to_json()))
    assert [ghost["op"] for ghost in data["ghosts"]] == ["greater", "detach", "argmax"]
    assert data["ghosts"][0]["place"].endswith(": h > 0")


def test_the_first_gradient_that_is_not_finite_is_marked() -> None:
    x = Tensor([0.0, 4.0], requires_grad=True)
    h = x * 2.0
    with np.errstate(divide="ignore"):
        loss = (tg.sqrt(h) * 3.0).sum()
        flags = {node.name: node.flags for node in viz.graph(loss, names={"x": x, "h": h}).nodes if node.name}
    assert flags == {"x": (), "h": ("∇ ∞ starts here",)}


# ---- graphs of gradients ----


def test_the_graph_of_a_gradient_has_the_second_derivative() -> None:
    a = scalar(2.0)
    slope = tg.grad(a**3, a, create_graph=True)
    graph = viz.graph(slope, names={"a": a})
    node = next(node for node in graph.nodes if node.name == "a")
    assert node.gradient == 12.0
    assert viz.to_dot(slope, names={"a": a}).count("->") >= 4


def test_the_backward_pass_of_a_layer_is_drawn_op_by_op() -> None:
    x = Tensor(np.float64(numbers(2, 3)), requires_grad=True)
    w = Tensor(np.float64(numbers(3, 2)), requires_grad=True)
    dw = tg.grad(tg.tanh(x @ w).sum(), w, create_graph=True)
    penalty = (dw * dw).sum()
    graph = viz.graph(penalty, names={"x": x, "w": w})
    assert {"matmul", "tanh", "matrix_transpose", "sum"} <= {node.op for node in graph.nodes}
    for node in graph.nodes:
        parts = [e.contribution for e in reversed(graph.uses.get(node.id, ())) if e.contribution is not None]
        if parts:
            np.testing.assert_allclose(sum(parts), node.gradient, rtol=1e-12)
    expected = tg.grad(penalty, w)
    np.testing.assert_allclose(next(n for n in graph.nodes if n.name == "w").gradient, expected.data)


def test_words_work_on_a_gradient_too() -> None:
    a = scalar(2.0)
    slope = tg.grad(a**3, a, create_graph=True)
    assert "is 12" in viz.explain(slope, a, names={"a": a})
    assert "d_a = " in viz.to_numpy(slope, a, names={"a": a})
