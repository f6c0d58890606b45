"""`frames`: step by step, with a layout that never moves."""

import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz.demos import numbers, scalar
from tinygrad_edu import Tensor, nn, viz


def neuron() -> tuple[Tensor, dict[str, object]]:
    w, x, b = scalar(2.0), scalar(-1.0), scalar(0.5)
    return tg.sigmoid(w * x + b), {"w": w, "x": x, "b": b}


def network() -> Tensor:
    net = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    return tg.cross_entropy(net(Tensor(numbers(4, 3))), np.array([0, 1, 1, 0]))


def sources(tmp_path, loss: Tensor, **options) -> list[str]:
    return [path.read_text() for path in viz.frames(loss, tmp_path, "dot", **options)]


def seen(dot: str, color: str) -> list[str]:
    """The texts that are written in this colour."""
    found = re.findall(r'<FONT COLOR="([^"]*)" POINT-SIZE="\d+">(?:<B>)?([^<]*)', dot)
    return [text.strip("\u00a0 ") for used, text in found if used == color]


def test_there_is_a_frame_for_the_leaves_each_op_and_each_gradient(tmp_path) -> None:
    loss, names = neuron()
    assert len(viz.frames(loss, tmp_path / "made", "dot", names=names)) == 1 + 3 + 6
    assert sorted(p.name for p in (tmp_path / "made").iterdir()) == [f"{i:03}.dot" for i in range(10)]


@pytest.mark.parametrize("make", [lambda: neuron()[0], network])
def test_frames_differ_in_colours_only(make, tmp_path) -> None:
    bare = {re.sub(r"#[0-9a-f]{6}", "#", re.sub(r'color="[^"]*" ?', "", dot)) for dot in sources(tmp_path, make())}
    assert len({re.sub(r"\s+", " ", re.sub(r" \]", "]", dot)) for dot in bare}) == 1


def test_values_come_forward_and_gradients_back(tmp_path) -> None:
    loss, names = neuron()
    dots = sources(tmp_path, loss, names=names)
    green, red = "#1a7f37", "#cf222e"
    values = [len(seen(dot, green)) for dot in dots]
    gradients = [sum(text.startswith("∇ ") and text[2:3] in "0123456789−" for text in seen(dot, red)) for dot in dots]
    assert values == [4, 5, 6, 7, 7, 7, 7, 7, 7, 7]  # one is the legend's
    assert gradients == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]


def test_the_last_frame_shows_every_gradient(tmp_path) -> None:
    loss, names = neuron()
    last = sources(tmp_path, loss, names=names)[-1]
    assert {"∇ 1", "∇ 0.149", "∇ −0.149", "∇ 0.298"} <= set(seen(last, "#cf222e"))


def test_frames_have_one_size(tmp_path) -> None:
    loss, names = neuron()
    try:
        paths = viz.frames(loss, tmp_path, "svg", names=names)
    except RuntimeError as error:
        pytest.skip(str(error))
    assert len({re.search(r'viewBox="[^"]*"', path.read_text())[0] for path in paths}) == 1


def test_one_step_is_drawn_by_draw(tmp_path) -> None:
    loss, names = neuron()
    dots = sources(tmp_path, loss, names=names)
    assert [viz.to_dot(loss, names=names, step=i) for i in (0, 4, 9)] == [dots[0], dots[4], dots[9]]
    for step in (10, -1):
        with pytest.raises(ValueError, match=r"draw: expected step in 0\.\.9, but got"):
            viz.draw(loss, names=names, step=step)


def test_names_of_the_program_are_on_the_frames(tmp_path) -> None:
    with viz.recording() as film:
        inner = scalar(2.0) * 3.0
        loss = inner * inner
    del inner
    assert "<B>inner</B>" in sources(tmp_path, loss, names={}, events=film)[0]


def test_no_grad_is_touched(tmp_path) -> None:
    loss, names = neuron()
    sources(tmp_path, loss)
    assert names["w"].grad is None


def test_clear_errors(tmp_path) -> None:
    loss, _ = neuron()
    with pytest.raises(
        ValueError, match="frames: expected format to be one of 'svg', 'png', 'pdf', 'dot', but got 'gif'"
    ):
        viz.frames(loss, tmp_path, "gif")
    with pytest.raises(FileNotFoundError, match=r"frames: expected a folder that .* can be made, but got '.*such' \("):
        viz.frames(loss, tmp_path / "none" / "such", "dot")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="frames: expected a folder"):
        viz.frames(loss, tmp_path / "file", "dot")
    with pytest.raises(TypeError, match="frames: expected a Tensor, but got float"):
        viz.frames(2.0, tmp_path)
