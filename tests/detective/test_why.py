"""`why`: each reason for a missing, zero, huge or NaN gradient is found, and none is told where there is none."""

from collections.abc import Callable

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor, nn, viz

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def leaf(*values: float) -> Tensor:
    return Tensor(np.array(values), requires_grad=True)


# ---- None ----


def test_an_integer_tensor_is_told_to_be_one() -> None:
    t = Tensor([1, 2])
    assert "holds int64, and only floating numbers" in tg.why(t)


def test_a_leaf_that_does_not_require_grad_is_told_so() -> None:
    t = Tensor([1.0])
    assert "t does not require grad" in tg.why(t)


def test_backward_was_not_called() -> None:
    w = leaf(1.0, 2.0)
    assert "backward was not called" in tg.why(w)
    text = tg.why(w, (w * 3).sum())
    assert text.startswith("w.grad is None.")
    assert "the gradient would be of size 3." in text
    assert w.grad is None


def test_the_result_of_an_op_keeps_no_gradient() -> None:
    w = leaf(1.0)
    h = w * 2
    assert "h is the result of multiply, and backward keeps the gradients of leaves only" in tg.why(h)


CUTS = {
    "detach": lambda x: x.detach(),
    "argmax": lambda x: tg.argmax(x) * 1.0,
    "greater": lambda x: (x > 1) * 1.0,
    "round": lambda x: tg.round(x),
    "item": lambda x: Tensor(x.sum().item()),
    "convert": lambda x: x.astype("int64") * 1.0,
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_is_found_with_its_line(name: str) -> None:
    w, v = leaf(1.0, 2.0), leaf(1.0, 1.0)
    with tg.observe() as events:
        loss = (CUTS[name](w) * v).sum()
    text = tg.why(w, loss, events)
    assert f"the gradient ends at {name}" in text
    assert f"{__file__}:" in text
    assert text.count("Because") == 1


@pytest.mark.parametrize("picked", [lambda v, i: v[i], lambda v, i: v[:, None][i, 0], lambda v, i: tg.take(v, i)])
def test_a_cut_by_an_index_is_found_with_its_line(picked: Callable[..., Tensor]) -> None:
    w, v = Tensor([[1.0, 2.0]], requires_grad=True), leaf(1.0, 1.0)
    with tg.observe() as events:
        best = w.argmax(axis=1)
        loss = picked(v, best).sum()
    text = tg.why(w, loss, events)
    assert "the gradient ends at argmax" in text
    assert "w.argmax(axis=1)" in text


def test_no_grad_is_found_with_its_line() -> None:
    w, v = leaf(1.0, 2.0), leaf(1.0, 1.0)
    with tg.observe() as events:
        with tg.no_grad():
            h = w * 2
        loss = (h * v).sum()
    assert "multiply ran under no_grad() at" in tg.why(w, loss, events)
    assert "w * 2" in tg.why(h, events=events)


def test_a_loss_without_history_is_explained_by_its_cut() -> None:
    w = leaf(1.0, 2.0)
    with tg.observe() as events:
        loss = (w.detach() * 2).sum()
    assert "the gradient ends at detach" in tg.why(w, loss, events)
    assert "loss does not require grad" in tg.why(w, loss)


@pytest.mark.parametrize("read", [lambda w: w.data, lambda w: w.detach(), lambda w: w.detach().numpy()[::-1]])
def test_bare_numbers_are_recognized_by_their_memory(read) -> None:
    w, v = leaf(1.0, 2.0), leaf(1.0, 1.0)
    loss = (read(w) * v).sum()
    assert "was computed from the bare numbers of w" in tg.why(w, loss)


def test_a_tensor_that_has_nothing_to_do_with_the_loss_is_said_to_have_nothing() -> None:
    w, v = leaf(1.0), leaf(1.0)
    text = tg.why(w, (v * 1.0).sum())
    assert "was not computed from w, as far as its history tells" in text


def test_an_argument_without_a_derivative_is_no_way() -> None:
    x, indices = leaf(1.0, 2.0), leaf(0.0, 1.0)
    loss = (tg.heaviside(indices, x)).sum()
    assert "through an argument that has no derivative, of heaviside" in tg.why(indices, loss)


def test_a_released_graph_is_recognized() -> None:
    w = leaf(1.0)
    h = w * 2
    loss = (h * h).sum()
    h.sum().backward(keep=False)
    assert "was let go by backward(keep=False)" in tg.why(w, loss)
    loss = (w * w).sum()
    loss.backward(keep=False)
    assert "was let go by backward(keep=False)" in tg.why(w, loss)


def test_a_change_in_place_is_told() -> None:
    w = leaf(1.0)
    loss = (w * w).sum()
    w.data = np.array([3.0])
    assert "changed in place" in tg.why(w, loss)


# ---- zero, tiny, huge ----


def test_dead_units_are_found() -> None:
    w = leaf(-1.0, -2.0)
    loss = tg.relu(w).sum()
    loss.backward()
    text = tg.why(w, loss)
    assert text.startswith("The gradient of w is zero.")
    assert "all 2 numbers that reach it are 0 or below" in text


def test_some_dead_units_are_counted() -> None:
    w = Tensor(np.array([[1.0, -1.0], [1.0, -1.0]]), requires_grad=True)
    loss = tg.relu(w).sum()
    assert "2 of its 4 elements are zero: 1 of the 2 units of relu are dead" in tg.why(w, loss)


def test_saturation_is_found() -> None:
    w = leaf(400.0, 700.0)
    text = tg.why(w, tg.sigmoid(w).sum())
    assert "sigmoid passes nothing on: it is saturated, flat where its inputs are (from 400 to 700)" in text
    w = leaf(40.0, 70.0)
    assert "of what arrives pass: it is saturated" in tg.why(w, tg.sigmoid(-w).sum())


def test_two_paths_that_cancel_are_found() -> None:
    w = leaf(1.0, 2.0)
    h = w * 3.0
    loss = (h - h * 1.0).sum()
    assert "the 2 paths through multiply and subtract cancel at h" in tg.why(w, loss)


def test_a_factor_of_zeros_is_found() -> None:
    x = leaf(1.0, 2.0)
    w = Tensor(np.zeros((2, 3)), requires_grad=True)
    loss = (x @ w).sum()
    assert "matmul passes nothing on: its other factor is all zero" in tg.why(x, loss)


def test_a_sum_of_softmax_is_recognized() -> None:
    x = leaf(1.0, 1.0)
    assert "takes out what is common to all" in tg.why(x, tg.softmax(x).sum())


def test_a_bias_before_a_normalization_is_recognized() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).double()
    x = Tensor(np.linspace(-1, 1, 15).reshape(5, 3) ** 2)
    loss = (net(x) ** 3).mean()
    loss.backward()
    text = tg.why(net[0].bias, loss)
    assert "net.0.bias is used for all samples, and their gradients add up to 0" in text
    assert "bias=False" in text
    assert text.count("Because") == 1


def test_what_was_not_chosen_is_recognized() -> None:
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    loss = tg.maximum(x, y).sum()
    assert "maximum passes nothing on: it has chosen no element of x" in tg.why(x, loss)


def test_the_step_that_enlarges_is_found() -> None:
    w = leaf(1.0, 2.0)
    loss = ((w * 2.0) * 1e6).sum()
    loss.backward()
    text = tg.why(w, loss)
    assert text.startswith("The gradient of w is huge, of size 2e+06")
    assert "multiply makes it 1e+06 times larger" in text
    assert text.count("Because") == 1


def test_many_small_steps_are_named_as_such() -> None:
    w = leaf(1.0)
    y = w
    for _ in range(30):
        y = y * 0.5
    assert "of 31, each lets" in tg.why(w, y.sum())


def test_adding_up_is_recognized() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    for _ in range(3):
        loss.backward()
    assert "backward was called 3 times, and gradients add up" in tg.why(w, loss)


def test_an_ordinary_gradient_has_no_reasons() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    loss.backward()
    assert tg.why(w, loss) == "The gradient of w is of size 3.16 (root mean square)."


# ---- NaN ----


def test_the_first_value_that_is_not_finite_is_named() -> None:
    w = leaf(-1.0, 1.0)
    with tg.observe() as events:
        loss = (tg.log(w) * 2).sum()
    text = tg.why(w, loss, events)
    assert "log at" in text
    assert "gave nan at index (0,), from x = -1." in text


def test_the_first_gradient_that_is_not_finite_is_named() -> None:
    w = leaf(1.0, 0.0)
    loss = tg.sqrt(w).sum()
    loss.backward()
    text = tg.why(w, loss)
    assert text.startswith("The gradient of w holds inf at index (1,).")
    assert "sqrt passes inf at index (1,) back to its input x, at x = 0." in text


def test_nan_in_the_data_is_named() -> None:
    w = leaf(1.0, 2.0)
    x = Tensor(np.array([1.0, np.nan]))
    assert "x itself holds nan at index (1,)" in tg.why(w, (w * x).sum())


def test_a_nan_of_an_earlier_backward_is_told_from_this_one() -> None:
    w = leaf(0.0)
    tg.log(w).sum().backward()
    loss = (w * 2).sum()
    assert "an earlier backward put it there" in tg.why(w, loss)


# ---- the rest ----


def test_nothing_is_changed() -> None:
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    loss.backward()
    before = w.grad.copy()
    tg.why(w, loss)
    assert (w.grad == before).all()


def test_a_parameter_of_a_module_is_called_by_its_path() -> None:
    net = nn.Linear(2, 1)
    text = tg.why(net.weight, net(Tensor([[1.0, 2.0]])).sum())
    assert text.startswith("net.weight.grad is None.")


def test_it_is_the_same_under_viz() -> None:
    assert viz.why is tg.why


def test_clear_errors() -> None:
    w = leaf(1.0, 2.0)
    with pytest.raises(TypeError, match="why: expected t to be a Tensor, but got ndarray"):
        tg.why(w.data)
    with pytest.raises(TypeError, match="why: expected loss to be a Tensor, but got float"):
        tg.why(w, 2.0)
    with viz.recording() as film:
        loss = w.sum()
    with pytest.raises(TypeError, match="expected events to be what `with tg.observe.*, but got recording"):
        tg.why(w, loss, film)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="why: expected a scalar"):
        tg.why(w, w * 2)
