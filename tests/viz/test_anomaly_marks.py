"""What `detect_anomaly` stops at is what the picture and the page mark."""

from collections.abc import Callable

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz.test_step import data
from tinygrad_edu import Tensor, viz

FORWARD: dict[str, Callable[[Tensor], Tensor]] = {
    "log": lambda x: tg.log(x * 2.0).sum(),
    "exp": lambda x: (tg.exp(x * 1000.0) * 0.5).mean(),
    "divide": lambda x: (x / (x * 0.0)).sum(),
    "sqrt": lambda x: tg.sqrt(x - 3.0).sum(),
    "subtract": lambda x: (np.array([np.inf, 0.0, 0.0], np.float32) * (x + 1.0) - INFINITY).sum(),
    "power": lambda x: ((x * 1e30) ** 2).sum(),
}
BACKWARD: dict[str, Callable[[Tensor], Tensor]] = {
    "sqrt": lambda x: tg.sqrt(x * 3.0).sum(),
    "power": lambda x: ((x * 3.0) ** 0.5 + x).sum(),
    "norm": lambda x: (tg.sqrt((x * 0.0).sum()) * 2.0 + x.sum()) * 3.0,
}
INFINITY = np.array([np.inf, 0.0, 0.0], np.float32)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def leaf() -> Tensor:
    return Tensor([0.0, 1.0, 2.0], requires_grad=True)


@pytest.mark.parametrize("name", FORWARD)
def test_the_first_value_that_is_not_finite_has_the_same_mark(name: str) -> None:
    with pytest.raises(FloatingPointError, match=f"^{name}: expected finite numbers"), tg.detect_anomaly():
        FORWARD[name](leaf())
    loss = FORWARD[name](leaf())
    marked = [n for n in viz.graph(loss).nodes if n.op and {"NaN starts here", "∞ starts here"}.intersection(n.flags)]
    assert [n.op for n in marked][:1] == [name]
    check_both(loss)


@pytest.mark.parametrize("name", BACKWARD)
def test_the_first_gradient_that_is_not_finite_has_the_same_mark(name: str) -> None:
    op = "sqrt" if name == "norm" else name
    with pytest.raises(FloatingPointError, match=f"^backward: .* but {op}.* passes inf"), tg.detect_anomaly():
        BACKWARD[name](leaf()).backward()
    graph = viz.graph(BACKWARD[name](leaf()))
    (marked,) = [n for n in graph.nodes if "∇ ∞ starts here" in n.flags]
    assert op in {graph.by_id[edge.target].op for edge in graph.uses[marked.id]}
    check_both(BACKWARD[name](leaf()))


def check_both(loss: Tensor) -> None:
    """The page and the picture have every mark of the data."""
    graph = viz.graph(loss, names={})
    marks = {i: flags for i, n in enumerate(graph.nodes) if (flags := [f for f in n.flags if "starts" in f])}
    nodes = data(viz.step(loss, names={}))["frames"][0]["nodes"]
    shown = {i: found for i, n in enumerate(nodes) if (found := [f for f in n.get("flags", ()) if "starts" in f])}
    assert shown == marks
    dot = viz.to_dot(graph)
    cards = {line.split()[0]: line for line in dot.splitlines() if " [label=" in line and " -> " not in line}
    assert [i for i, n in enumerate(graph.nodes) if "starts here" in cards.get(n.id, "")] == list(marks)


def test_a_run_without_anomaly_has_no_mark() -> None:
    with tg.detect_anomaly():
        loss = (leaf() ** 2).sum()
        loss.backward()
    assert "starts here" not in viz.to_dot(loss)
