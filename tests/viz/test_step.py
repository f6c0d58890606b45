"""The stepping page as data: its numbers are the engine's, it is one closed file, and names in it stay text."""

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.test_programs import leaves_of, programs, result
from tests.viz import demos
from tinygrad_edu import Tensor, nn, viz
from tinygrad_edu.viz import pagedata
from tinygrad_edu.viz.pages import SCRIPTS


def data(stepper: viz.Stepper) -> dict[str, Any]:
    """The JSON of a page."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', stepper.html, re.DOTALL)
    return json.loads(text)


def numbers(array: dict[str, Any], dtype: Any = np.float32) -> np.ndarray:
    return np.array([float(v) for v in array["data"]], dtype).reshape(array["shape"])


def part(edge: dict[str, Any], nodes: list[dict[str, Any]], dtype: Any = np.float32) -> np.ndarray:
    return numbers(nodes[edge["from"]]["grad"] if edge["part"] is True else edge["part"], dtype)


DEMOS = {
    "neuron": demos.neuron,
    "reuse": demos.reuse,
    "network": demos.network,
    "stack": demos.stack,
    "unrolled": lambda: demos.unrolled(5),
}


@pytest.mark.parametrize("name", DEMOS)
def test_values_and_gradients_in_the_page_are_those_of_the_engine(name: str) -> None:
    x = DEMOS[name]()
    graph, (frame,) = viz.graph(x, names={}), data(viz.step(x, names={}))["frames"]
    assert len(frame["nodes"]) == len(graph.nodes)
    for node, shown in zip(graph.nodes, frame["nodes"], strict=True):
        assert np.array_equal(numbers(shown["value"], node.dtype), node.value)
        assert ("grad" in shown) == (node.gradient is not None)
        if node.gradient is not None:
            assert np.array_equal(numbers(shown["grad"], node.dtype), node.gradient)


@pytest.mark.parametrize("name", DEMOS)
def test_contributions_in_the_page_sum_to_the_gradient(name: str) -> None:
    (frame,) = data(viz.step(DEMOS[name](), names={}))["frames"]
    nodes = frame["nodes"]
    for i, node in enumerate(nodes):
        parts = [part(edge, nodes) for edge in frame["edges"] if edge["from"] == i and "part" in edge]
        if "grad" in node and parts:
            assert sum(parts) == pytest.approx(numbers(node["grad"]), rel=1e-5, abs=1e-6)


@given(programs())
def test_pages_of_random_programs_have_the_gradients_of_the_engine(program: Any) -> None:
    steps, starts = program
    leaves = leaves_of(starts)
    loss = result(steps, leaves)
    (frame,) = data(viz.step(loss, names={f"leaf{i}": leaf for i, leaf in enumerate(leaves)}))["frames"]
    loss.backward()
    nodes = frame["nodes"]
    shown = {node["name"]: numbers(node["grad"], np.float64) for node in nodes if "name" in node and "grad" in node}
    for i, leaf in enumerate(leaves):
        np.testing.assert_allclose(shown[f"leaf{i}"], leaf.grad, rtol=1e-11, atol=1e-11)
    for i, node in enumerate(nodes):
        parts = [part(edge, nodes, np.float64) for edge in frame["edges"] if edge["from"] == i and "part" in edge]
        if parts:
            np.testing.assert_allclose(sum(parts), numbers(node["grad"], np.float64), rtol=1e-11, atol=1e-11)


def test_a_graph_whose_history_was_let_go_shows_what_is_left() -> None:
    x = Tensor(2.0, requires_grad=True)
    y = x * x
    y.backward(keep=False)
    frame = data(viz.step(y))["frames"][0]
    assert "released" in frame["notes"][0]


def test_local_derivatives_times_upstream_are_the_contributions() -> None:
    x = Tensor([[0.5, -1.0], [2.0, 0.25]], requires_grad=True)
    (frame,) = data(viz.step((tg.tanh(x) * x).sum()))["frames"]
    checked = 0
    for edge in frame["edges"]:
        if "local" in edge:
            local = edge["local"] if not isinstance(edge["local"], dict) else numbers(edge["local"])
            up = numbers(frame["nodes"][edge["to"]]["grad"])
            assert part(edge, frame["nodes"]) == pytest.approx(up * local, rel=1e-5)
            checked += 1
    assert checked == 3


def test_the_page_is_one_closed_file() -> None:
    html = viz.step(demos.network()).html
    assert "default-src 'none'" in html
    assert "{{" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"(src|href)=|url\(|@import|https?://", html)


def test_the_page_of_a_network_is_smaller_than_80_kb() -> None:
    assert len(viz.step(demos.network()).html.encode()) < 60_000
    net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 2))
    with viz.recording() as film:
        loss = tg.mse_loss(net(Tensor(demos.numbers(8, 3))), Tensor(demos.numbers(8, 2)))
    assert len(viz.step(loss, events=film).html.encode()) < 80_000


HOSTILE = [
    "</script><script>window.hit=1</script>",
    "<!--<script>",
    "]]>",
    "\u2028",
    "{{SCRIPT}}",
    '"><img src=x onerror=hit()>',
    "한글𝒩\ud800",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_titles_stay_text(name: str) -> None:
    x = Tensor(2.0, requires_grad=True)
    x.name = f"x{name}"
    page = viz.step(x * x, title=name)
    page.html.encode()
    assert page.html.count("<script") == viz.step(x * x, title="a").html.count("<script") == 3
    assert data(page)["frames"][0]["nodes"][0]["name"]
    assert "<img" not in page.html


@given(st.text(max_size=20))
def test_any_name_gives_a_page_with_readable_data(name: str) -> None:
    x = Tensor(2.0, requires_grad=True)
    x.name = name
    assert "<" not in re.findall(r'id="data">(.*?)</script>', viz.step(x * x).html, re.DOTALL)[0]


def test_numbers_that_json_has_no_words_for_are_texts() -> None:
    x = Tensor([0.0, -1.0, 1.0], requires_grad=True)
    with np.errstate(all="ignore"):
        y = (tg.log(x) / 0.0).sum()
    frame = data(viz.step(y))["frames"][0]
    assert {"NaN", "Infinity", "-Infinity"} & {
        v for n in frame["nodes"] for v in n["value"]["data"] if isinstance(v, str)
    }


def test_large_arrays_are_sampled_with_their_statistics() -> None:
    x = Tensor(np.arange(65 * 64, dtype=np.float32).reshape(65, 64), requires_grad=True)
    value = data(viz.step(x.sum()))["frames"][0]["nodes"][0]["value"]
    assert value["picked"] == [32, 32]
    assert len(value["data"]) == 1024
    assert value["statistics"][:2] == [0, 65 * 64 - 1]
    assert value["shape"] == [65, 64]


def test_a_page_beyond_the_limit_keeps_small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinygrad_edu.viz import step as module  # the function; its module is found through it

    x = Tensor(np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64), requires_grad=True)
    monkeypatch.setitem(module.__globals__, "MOST_BYTES", 10_000)
    page = data(viz.step(x.sum()))
    value = page["frames"][0]["nodes"][0]["value"]
    assert page["sampled"] is True
    assert value["picked"] == [8, 10]
    assert value["statistics"][1] == 1


def test_a_chain_of_thousands_of_ops_does_not_recurse() -> None:
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(3000):
        y = y + 1.0
    assert len(data(viz.step(y, names={}))["frames"][0]["nodes"]) == 6001


def test_the_page_names_the_exact_expression_of_the_program() -> None:
    x, w = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    with viz.recording() as film:
        y = x * w + w
    nodes = data(viz.step(y, events=film))["frames"][0]["nodes"]
    marked = []
    for node in nodes:
        if "source" in node:
            source = node["source"]
            line = source["lines"][source["from"][0] - source["first"]]
            marked.append(line[source["from"][1] : source["to"][1]])
    assert marked == ["x * w", "x * w + w"]


def test_results_are_named_by_what_they_were_assigned_to() -> None:
    def inside() -> Tensor:
        hidden = tg.exp(Tensor(1.0, requires_grad=True))
        return hidden * 2.0

    with tg.observe() as events:
        y = inside()
    names = [node.get("name") for node in data(viz.step(y, names={}, events=events))["frames"][0]["nodes"]]
    assert names == [None, "hidden", None, "y"]


def test_a_returned_expression_has_the_name_that_the_caller_gave_it() -> None:
    class Layer(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return tg.tanh(x * 2.0)

    def twice(x: Tensor) -> Tensor:
        return layer(x)

    layer, x = Layer(), Tensor([1.0, 2.0], requires_grad=True)
    with viz.recording() as film:
        z1 = twice(x)
        s = (lambda t: t.sum())(z1)
        s += 1.0
    nodes = data(viz.step(s, names={}, events=film))["frames"][0]["nodes"]
    assert [node.get("name") for node in nodes if "op" in node] == [None, "z1", "s", "s"]


def test_only_the_result_of_a_module_has_the_name_that_it_was_assigned_to() -> None:
    def names(depth: int) -> list[str | None]:
        net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
        h = Tensor([[1.0, 2.0]], requires_grad=True)
        with viz.recording() as film:
            for _ in range(depth):
                h = net(h)
            loss = h.sum()
        nodes = data(viz.step(loss, names={}, events=film))["frames"][0]["nodes"]
        return [node.get("name") for node in nodes if "op" in node]

    assert names(1) == [None, "h", "loss"]
    assert names(2) == [None, "h", None, "h", "loss"]


def test_ops_that_let_no_gradient_back_are_told() -> None:
    x = Tensor([1.0, 3.0], requires_grad=True)
    with viz.recording() as film:
        y = (x * 2.0).sum()
        x.argmax()
    (ghost,) = data(viz.step(y, names={}, events=film))["frames"][0]["ghosts"]
    assert ghost["place"].endswith(": x.argmax()")
    assert (ghost["from"], ghost["op"], "to" in ghost) == (0, "argmax", False)


def test_the_page_knows_where_numbers_went_without_a_gradient() -> None:
    x = Tensor([1.0, 3.0], requires_grad=True)
    with viz.recording() as film:
        y = (tg.where(x > 2.0, x, 0.0) / x.detach().sum()).sum()
    frame = data(viz.step(y, names={}, events=film))["frames"][0]
    found = {(ghost["op"], frame["nodes"][ghost["to"]]["value"]["shape"] != []) for ghost in frame["ghosts"]}
    assert found == {("greater", True), ("detach", False)}
    assert all(frame["nodes"][ghost["from"]]["value"]["data"] == [1, 3] for ghost in frame["ghosts"])
    assert data(viz.step(y, names={}))["frames"][0]["ghosts"] == []


def test_a_recording_keeps_every_iteration_as_it_was() -> None:
    w = Tensor(3.0, requires_grad=True)
    with viz.recording() as film:
        for _ in range(3):
            w.zero_grad()
            loss = w * w
            loss.backward()
            film.add(loss)
            w.data -= 0.25 * w.grad
    page = data(viz.step(film))
    assert [frame["nodes"][0]["value"]["data"] for frame in page["frames"]] == [[3], [1.5], [0.75]]
    assert [frame["nodes"][0]["grad"]["data"] for frame in page["frames"]] == [[6], [3], [1.5]]
    assert page["frames"][0]["nodes"][0]["name"] == "w"


def test_nudges_are_what_the_program_gives_for_changed_inputs() -> None:
    def f(w: Any) -> Any:
        return tg.tanh(w * 2.0) ** 2

    w = Tensor(0.3, requires_grad=True)
    nudge = data(viz.step(f(w), names={}))["frames"][0]["nodes"][0]["nudge"]
    assert len(nudge["eps"]) == len(nudge["loss"]) == 32
    for eps, loss in zip(nudge["eps"], nudge["loss"], strict=True):
        assert loss == pytest.approx(float(np.tanh((np.float32(0.3).astype(float) + eps) * 2) ** 2), rel=1e-6)


def test_nothing_is_nudged_where_values_have_changed_since() -> None:
    w = nn.Parameter([1.0, 2.0])
    y = (w * w).sum()
    w.data = np.array([5.0, 6.0], np.float32)
    assert all("nudge" not in node for node in data(viz.step(y))["frames"][0]["nodes"])


def test_no_grad_is_touched_and_backward_is_not_needed() -> None:
    x = demos.reuse()
    viz.step(x)
    leaf = next(t for t in tg.sweep.history(x) if t.op is None)
    assert leaf.grad is None


def test_an_output_of_several_numbers_needs_the_gradient_that_arrives() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"step: expected an output of one number, but got shape \(2,\).*pass grad="):
        viz.step(x * x)
    with pytest.raises(ValueError, match=r"recording\.add: expected an output of one number"):
        viz.recording().add(x * x)
    assert data(viz.step(x * x, grad=[1.0, 1.0]))["frames"][0]["nodes"][0]["grad"]["data"] == [2, 4]


def test_without_gradients_the_page_shows_the_forward_pass() -> None:
    frame = data(viz.step(demos.changed()))["frames"][0]
    assert all("grad" not in node for node in frame["nodes"])
    assert "changed in place" in frame["notes"][0]


def test_the_short_form_saves_the_page(tmp_path: Any) -> None:
    path = tmp_path / "steps.html"
    stepper = demos.reuse().step(path, title="Reuse")
    assert path.read_text("utf-8") == stepper.html
    assert list(tmp_path.iterdir()) == [path]


def test_open_shows_the_page_in_the_browser(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stepper = viz.step(demos.reuse())
    path = stepper.open()
    assert opened == [path.as_uri()]
    assert path.read_text("utf-8") == stepper.html


def test_a_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    shown = viz.step(demos.reuse())._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert 'sandbox="allow-scripts' in shown
    assert "<script" not in shown


def test_mistakes_are_told_before_anything_is_written(tmp_path: Any) -> None:
    x = Tensor(2.0, requires_grad=True)
    with pytest.raises(TypeError, match="expected a Tensor, but got float"):
        viz.step(2.0)
    with pytest.raises(RuntimeError, match="requires no grad"):
        viz.step(Tensor(1.0))
    with pytest.raises(ValueError, match="expected a theme"):
        viz.step(x * x, theme="blue")
    with pytest.raises(ValueError, match="depth of at least 1"):
        viz.step(x * x, depth=0)
    with pytest.raises(ValueError, match="at least one tensor"):
        viz.step([])
    with pytest.raises(ValueError, match=r"film\.add"):
        viz.step(viz.recording())
    with pytest.raises(ValueError, match=r"ends in \.html"):
        viz.step(x * x, tmp_path / "steps.txt")
    with pytest.raises(FileNotFoundError, match="Make it first"):
        viz.step(x * x, tmp_path / "none" / "steps.html")
    assert list(tmp_path.iterdir()) == []


def test_every_file_of_the_page_is_used_and_short() -> None:
    from importlib import resources

    folder = resources.files("tinygrad_edu.viz") / "page"
    files = {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    assert set(files) == {*SCRIPTS, "page.html", "page.css"}
    assert {name for name, text in files.items() if len(text.splitlines()) >= 400} == set()


def test_shrinking_leaves_small_arrays_alone() -> None:
    page = {"frames": [{"nodes": [{"value": pagedata.array(np.ones((2, 3)))}], "edges": []}]}
    before = json.dumps(page)
    pagedata.shrink(page)
    assert json.dumps(page) == before
