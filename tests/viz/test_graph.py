"""The graph as data: every value once, every use, and contributions that sum to the gradient."""

import json
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.viz import demos
from tinygrad_edu import Tensor, nn, viz
from tinygrad_edu.sweep import history
from tinygrad_edu.viz import Graph


def sums(graph: Graph, node: viz.Node) -> np.ndarray:
    """The contributions to the gradient of a node, added up newest use first."""
    by_target: dict[str, list[viz.Edge]] = {}
    for edge in graph.uses.get(node.id, ()):
        by_target.setdefault(edge.target, []).append(edge)
    parts = [e.contribution for group in reversed(by_target.values()) for e in group if e.contribution is not None]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def check_sums(graph: Graph) -> None:
    for node in graph.nodes:
        if node.gradient is not None and node.id != graph.root:
            np.testing.assert_array_equal(sums(graph, node), node.gradient, strict=True)


@st.composite
def programs(draw: st.DrawFn) -> Tensor:
    """A scalar made by random ops, with reuse and broadcasting, of three leaves."""
    values = [Tensor(demos.numbers(*shape, start=i), requires_grad=True) for i, shape in enumerate([(2, 3), (3,), ()])]
    for _ in range(draw(st.integers(1, 8))):
        a, b = (values[draw(st.integers(0, len(values) - 1))] for _ in range(2))
        op = draw(st.sampled_from([tg.add, tg.subtract, tg.multiply, tg.maximum, None]))
        values.append(tg.tanh(a) if op is None else op(a, b))
    return sum((v.sum() for v in values[draw(st.integers(3, len(values) - 1)) :]), start=values[-1].sum())


@given(programs())
def test_contributions_sum_exactly_to_every_gradient(output: Tensor) -> None:
    graph = viz.graph(output)
    check_sums(graph)


@given(programs())
def test_gradients_are_those_of_backward_which_is_not_called(output: Tensor) -> None:
    graph = viz.graph(output)
    leaves = {id(t): t for t in _leaves(output)}
    assert all(t.grad is None for t in leaves.values())
    output.backward()
    shown = {id(node.value): node for node in graph.nodes}
    for leaf in leaves.values():
        node = shown[id(leaf.data)]
        assert leaf.grad is not None
        assert node.gradient is not None
        np.testing.assert_allclose(node.gradient, leaf.grad, rtol=1e-5, atol=1e-6)


def _leaves(output: Tensor) -> list[Tensor]:
    return [t for t in history(output) if t.op is None]


@given(programs())
def test_ids_count_in_the_order_of_execution_and_edges_lead_forwards(output: Tensor) -> None:
    graph = viz.graph(output)
    assert [node.id for node in graph.nodes] == [f"n{i}" for i in range(len(graph.nodes))]
    assert all(int(edge.source[1:]) < int(edge.target[1:]) for edge in graph.edges)
    assert graph.nodes[-1].id == graph.root


@pytest.mark.parametrize("name", ["neuron", "reuse", "network", "stack"])
def test_contributions_sum_exactly_in_the_demos(name: str) -> None:
    check_sums(viz.graph(getattr(demos, name)()))


def test_a_square_has_one_value_and_two_edges() -> None:
    x = demos.scalar(3.0)
    graph = viz.graph(x * x)
    assert [node.role for node in graph.nodes] == ["input", "output"]
    assert [(e.source, e.target, e.position, e.argument) for e in graph.edges] == [
        ("n0", "n1", 0, "a"),
        ("n0", "n1", 1, "b"),
    ]
    assert [e.local for e in graph.edges] == [3.0, 3.0]
    assert graph.nodes[0].gradient == 6.0


def test_local_derivative_times_upstream_is_the_contribution() -> None:
    graph = viz.graph(demos.neuron())
    for edge in graph.edges:
        if edge.contribution is not None:
            upstream = graph.by_id[edge.target].gradient
            assert upstream is not None
            assert edge.local is not None
            assert edge.contribution == pytest.approx(edge.local * upstream)


def test_a_diamond_has_each_value_once() -> None:
    graph = viz.graph(demos.reuse())
    assert [node.name for node in graph.nodes] == ["x", "a", "b", "y"]
    assert [float(e.contribution) for e in graph.uses["n0"] if e.contribution is not None] == [20.0, 20.0, 4.0]
    assert graph.nodes[0].gradient == 44.0


def test_a_broadcast_input_has_a_contribution_of_its_own_shape() -> None:
    b = Tensor(demos.numbers(3), requires_grad=True)
    graph = viz.graph((Tensor(demos.numbers(4, 3)) + b).sum(), names={"b": b})
    (edge,) = graph.uses[next(n.id for n in graph.nodes if n.name == "b")]
    assert edge.contribution is not None
    assert edge.contribution.tolist() == [4.0, 4.0, 4.0]


def test_untracked_inputs_are_shown_without_gradient() -> None:
    w, x = demos.scalar(2.0), Tensor(3.0)
    graph = viz.graph(w * x * 5.0, names={"w": w, "x": x})
    assert [(n.role, n.name, n.tracked, n.gradient is None) for n in graph.nodes] == [
        ("parameter", "w", True, False),
        ("input", "x", False, True),
        ("value", None, True, False),
        ("constant", None, False, True),
        ("output", None, True, False),
    ]
    assert [(e.rule, e.contribution is None) for e in graph.edges] == [
        ("×3", False),
        (None, True),
        ("×5", False),
        (None, True),
    ]


def test_what_requires_grad_is_a_parameter_where_something_else_does_not() -> None:
    w, x, p = demos.scalar(2.0), Tensor(3.0), nn.Parameter(1.0)
    assert [n.role for n in viz.graph(w * x).nodes] == ["parameter", "input", "output"]
    assert [n.role for n in viz.graph(w * 2.0).nodes] == ["input", "constant", "output"]
    assert [n.role for n in viz.graph(w * p).nodes] == ["input", "parameter", "output"]
    assert [n.role for n in viz.graph(w * np.ones(1)).nodes] == ["parameter", "input", "output"]


def test_an_array_used_twice_is_one_value_and_equal_numbers_are_two() -> None:
    x, data = Tensor(demos.numbers(3), requires_grad=True), demos.numbers(3, start=4)
    graph = viz.graph(((x * data + data) * 2.0 + 2.0).sum(), names={})
    assert [n.role for n in graph.nodes if n.op is None and n.value.ndim] == ["parameter", "input"]
    assert sum(n.role == "constant" for n in graph.nodes) == 2


def test_an_exponent_is_part_of_the_symbol() -> None:
    x = demos.scalar(3.0)
    graph = viz.graph(x**2 + x**-1 + x**0.5)
    assert [n.symbol for n in graph.nodes if n.op == "power"] == ["x²", "x⁻¹", "x^0.5"]
    assert not any(n.role == "constant" for n in graph.nodes)


def test_a_leaf_alone_is_a_graph() -> None:
    graph = viz.graph(demos.scalar(3.0))
    assert (len(graph.nodes), graph.nodes[0].role, graph.nodes[0].gradient) == (1, "output", 1.0)


def test_ten_thousand_ops_need_no_recursion() -> None:
    x = y = demos.scalar(1.0)
    for _ in range(10_000):
        y = y + x
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(150 + len(__import__("inspect").stack()))
    try:
        graph = viz.graph(y)
    finally:
        sys.setrecursionlimit(before)
    assert (len(graph.nodes), graph.nodes[0].gradient) == (10_001, 10_001.0)


# ---- without gradients ----


def test_several_numbers_without_a_gradient_are_a_forward_picture() -> None:
    x = Tensor(demos.numbers(4), requires_grad=True)
    graph = viz.graph(x * 2.0)
    assert not graph.has_gradients
    assert graph.notes == ("no gradients: the output has shape 4; reduce it, or pass grad=",)


def test_a_gradient_may_be_given() -> None:
    x = Tensor(demos.numbers(2), requires_grad=True)
    graph = viz.graph(x * 2.0, grad=[1.0, 10.0])
    assert graph.nodes[0].gradient is not None
    assert graph.nodes[0].gradient.tolist() == [2.0, 20.0]
    with pytest.raises(ValueError, match=r"graph: expected a gradient of this tensor's shape \(2,\)"):
        viz.graph(x * 2.0, grad=[1.0, 2.0, 3.0])


def test_a_released_history_shows_what_there_is_and_says_so() -> None:
    x = demos.scalar(3.0)
    y = x * x
    y.backward(keep=False)
    graph = viz.graph(y)
    assert len(graph.nodes) == 1
    assert "released" in graph.notes[0]


def test_a_value_changed_since_shows_the_gradients_of_the_last_backward() -> None:
    w, x = Tensor([2.0, 3.0], requires_grad=True), Tensor([1.0, 4.0], requires_grad=True)
    loss = (w * x).sum()
    loss.backward()
    with tg.no_grad():
        w -= 0.5
    graph = viz.graph(loss, names={"w": w, "x": x})
    assert "changed in place" in graph.notes[0]
    assert graph.nodes[0].gradient is w.grad
    assert graph.nodes[2].gradient is None


def test_what_a_selection_left_out_has_the_gradient_of_backward() -> None:
    x = Tensor([0.0, 4.0], requires_grad=True)
    graph = viz.graph(tg.where(x > 0, tg.sqrt(x), 0.0).sum(), names={"x": x})
    assert graph.nodes[0].gradient is not None
    assert graph.nodes[0].gradient.tolist() == [0.0, 0.25]
    check_sums(graph)


@pytest.mark.parametrize(("value", "error"), [(np.ones(3), TypeError), (3.0, TypeError), (Tensor(3.0), RuntimeError)])
def test_what_has_no_history_is_an_error_that_says_what_to_do(value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"graph: expected a Tensor|graph: expected a tensor with a history.*requires_grad"):
        viz.graph(value)


# ---- names ----


def test_names_come_from_the_tensor_then_from_the_variables() -> None:
    w, v = demos.scalar(2.0), demos.scalar(3.0)
    w.name = "its own"
    xs = [demos.scalar(4.0), demos.scalar(5.0)]
    product = w * v
    graph = viz.graph(product + xs[0] + xs[1])
    assert [n.name for n in graph.nodes] == ["its own", "v", "product", "xs[0]", None, "xs[1]", None]


def test_names_of_parameters_are_their_paths() -> None:
    net = demos.Network()
    x = Tensor(demos.numbers(4, 3))
    assert {n.name for n in viz.graph(net(x).sum()).nodes if n.role == "parameter"} == {
        "net.fc1.weight",
        "net.fc1.bias",
        "net.fc2.weight",
        "net.fc2.bias",
    }
    assert "fc1.weight" in {n.name for n in viz.graph(net(x).sum(), names=net).nodes}


def test_a_parameter_has_its_path_even_where_a_loop_has_left_a_variable() -> None:
    net, own = demos.Affine(3, 2), nn.Parameter(demos.numbers(2))
    for p in net.parameters():
        assert p.requires_grad
    graph = viz.graph((net(Tensor(demos.numbers(4, 3))) * own).sum())
    assert [n.name for n in graph.nodes if n.role == "parameter"] == ["net.weight", "net.bias", "own"]


def test_names_can_be_given_or_left_out() -> None:
    x = demos.scalar(2.0)
    assert viz.graph(x * x, names={"other": x}).nodes[0].name == "other"
    assert viz.graph(x * x, names={}).nodes[0].name is None
    with pytest.raises(TypeError, match="names: expected a dictionary"):
        viz.graph(x * x, names="x")


def test_names_are_cut() -> None:
    x = demos.scalar(2.0)
    x.name = "x" * 100 + "\0"
    name = viz.graph(x * x).nodes[0].name
    assert name is not None
    assert len(name) == 40


# ---- modules ----


def test_a_call_holds_its_ops_and_its_parameters() -> None:
    graph = viz.graph(demos.network())
    calls = {c.id: c for c in graph.calls}
    assert [(c.path, c.class_name, c.parent and calls[c.parent].class_name) for c in graph.calls] == [
        ("", "Network", None),
        ("fc1", "Affine", "Network"),
        ("fc2", "Affine", "Network"),
    ]
    paths = [(n.op or n.role, n.call and calls[n.call].path) for n in graph.nodes]
    assert paths == [
        ("input", None),
        ("parameter", "fc1"),
        ("matmul", "fc1"),
        ("parameter", "fc1"),
        ("add", "fc1"),
        ("constant", ""),
        ("maximum", ""),
        ("parameter", "fc2"),
        ("matmul", "fc2"),
        ("parameter", "fc2"),
        ("add", "fc2"),
        ("input", None),
        ("subtract", None),
        ("power", None),
        ("mean", None),
    ]


def test_a_module_called_twice_gives_two_calls_and_its_weight_belongs_to_neither() -> None:
    layer = demos.Affine(3, 3)

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(self.layer(x))

    graph = viz.graph(Twice()(Tensor(demos.numbers(2, 3))).sum(), names={})
    assert [c.class_name for c in graph.calls] == ["Twice", "Affine", "Affine"]
    assert {n.call for n in graph.nodes if n.role == "parameter"} == {"m0"}


# ---- flags and JSON ----


def test_the_first_value_that_is_not_finite_is_flagged() -> None:
    x = Tensor([1.0, 0.0], requires_grad=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        graph = viz.graph((tg.log(x) * 0.0).sum())
    assert [n.flags for n in graph.nodes if any("starts" in f for f in n.flags)] == [
        ("∇ NaN starts here",),
        ("∞ starts here", "zero gradient"),
    ]


def test_dead_units_and_zero_gradients_are_flagged() -> None:
    x = Tensor([[-1.0, 2.0, -3.0], [-2.0, 1.0, 3.0]], requires_grad=True)
    flags = [n.flags for n in viz.graph((tg.relu(x) * 0.0).sum()).nodes if n.op == "relu"]
    assert flags == [("1 of 3 units dead", "zero gradient")]


def test_json_is_strict_and_has_every_number_of_small_arrays() -> None:
    graph = viz.graph(demos.network())
    data = json.loads(json.dumps(graph.to_json(), allow_nan=False))
    assert data["version"] == 1
    assert len(data["nodes"]) == len(graph.nodes)
    assert data["nodes"][0]["value"]["numbers"] == demos.numbers(4, 3).tolist()
    assert data["nodes"][1]["gradient"]["shape"] == [3, 5]
    assert data["calls"][1] == {"id": "m1", "path": "fc1", "class_name": "Affine", "parent": "m0"}


def test_json_samples_large_arrays_and_spells_what_is_not_finite() -> None:
    x = Tensor(np.full((100, 100), np.nan), requires_grad=True)
    value = viz.graph(x.sum()).to_json()["nodes"][0]["value"]
    assert "numbers" not in value
    assert (len(value["sample"]), value["sample"][0][0], value["nonfinite"]) == (32, "NaN", 10_000)
    json.dumps(value, allow_nan=False)
