"""The graph as text."""

from tests.viz import demos
from tinygrad_edu import Tensor, viz


def test_every_value_is_written_out_once() -> None:
    text = viz.tree(demos.reuse(), names={})
    assert text.splitlines() == [
        "× y = 24  ∇ 1",
        "├─ × a = 4  ∇ 10  (×6)",
        "│  ├─ x = 2  ∇ 44  (×2)",
        "│  └─ x: see above  (×2)",
        "└─ + b = 6  ∇ 4  (×4)",
        "   ├─ × a: see above  (×1)",
        "   └─ x: see above  (×1)",
    ]


def test_arrays_have_a_shape_and_a_largest_magnitude() -> None:
    x = Tensor(demos.numbers(2, 3), requires_grad=True)
    assert "x 2×3 f32 = ±1.4  ∇ ±0.33  (×2)" in viz.tree((x * 2.0).mean(), names={"x": x})


def test_a_chain_of_ten_thousand_ops_ends_in_a_count() -> None:
    y = demos.scalar(1.0)
    for _ in range(10_000):
        y = -y
    lines = viz.tree(y, names={}, lines=20).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… 9,981 more values"


def test_without_gradients_there_is_a_dash_and_a_reason() -> None:
    x = Tensor(demos.numbers(2, 3), requires_grad=True)
    text = viz.tree(x * 2.0, names={})
    assert "∇ –" in text
    assert text.splitlines()[-1].startswith("(no gradients:")
