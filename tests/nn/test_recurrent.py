import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_recurrent import new_gru, new_lstm, new_rnn
from tests.viz.test_to_numpy import check as written_in_numpy
from tinygrad_edu import nn
from tinygrad_edu.testing import check_gradients

LAYERS = [nn.RNN, nn.LSTM, nn.GRU]
CELLS = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}
every_layer = pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
every_cell = pytest.mark.parametrize("kind", CELLS.values(), ids=lambda kind: kind.__name__)


def randn(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def flat(states):
    """The states of a result as arrays: h_n, or h_n and c_n."""
    return [s.data for s in (states if isinstance(states, tuple) else (states,))]


def by_hand(layer, x, states=None):
    """Output and last states of one layer and direction after the other, in loops over sequences and steps."""
    t, n, d = *x.shape[:2], layer.hidden_size
    weights = layer.state_dict()
    last = []
    for k in range(layer.num_layers):
        outputs = []
        for suffix in (f"_l{k}", f"_l{k}_reverse")[: 1 + layer.bidirectional]:
            w_ih, w_hh = weights["weight_ih" + suffix], weights["weight_hh" + suffix]
            b_ih, b_hh = (weights.get(name + suffix, np.zeros(len(w_ih))) for name in ("bias_ih", "bias_hh"))
            h, c = (np.zeros((n, d)) if states is None else s[len(last)].copy() for s in (states or (0, 0)))
            y = np.zeros((t, n, d))
            for i in range(t) if not suffix.endswith("reverse") else reversed(range(t)):
                for s in range(n):
                    a = w_ih @ x[i, s] + b_ih
                    if isinstance(layer, nn.GRU):
                        h[s], _ = new_gru(a, h[s], None, w_hh, b_hh)
                    elif isinstance(layer, nn.LSTM):
                        h[s], c[s] = new_lstm(a + b_hh, h[s], c[s], w_hh, None)
                    else:
                        h[s], _ = new_rnn(a + b_hh, h[s], None, w_hh, None, layer.nonlinearity)
                y[i] = h
            outputs.append(y)
            last.append((h, c))
        x = np.concatenate(outputs, -1)
    return x, [np.stack(parts) for parts in zip(*last, strict=True)][: 1 + isinstance(layer, nn.LSTM)]


# ---- values ----


@every_layer
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_output_and_last_states_are_those_of_a_plain_loop(kind, bidirectional, bias):
    layer = kind(3, 4, num_layers=2, bias=bias, bidirectional=bidirectional, dtype="float64")
    x = randn(5, 2, 3)
    first = [randn(2 + 2 * bidirectional, 2, 4, seed=k) for k in (1, 2)]
    hx = tuple(first) if kind is nn.LSTM else first[0]
    for given_states, wanted in ((None, by_hand(layer, x)), (hx, by_hand(layer, x, first))):
        output, last = layer(tg.Tensor(x), given_states)
        np.testing.assert_allclose(output.data, wanted[0], rtol=1e-10)
        for found, expected in zip(flat(last), wanted[1], strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_relu_may_take_the_place_of_tanh():
    layer = nn.RNN(3, 4, nonlinearity="relu", dtype="float64")
    x = randn(5, 2, 3)
    np.testing.assert_allclose(layer(tg.Tensor(x))[0].data, by_hand(layer, x)[0], rtol=1e-10)
    cell = nn.RNNCell(3, 4, nonlinearity="relu", dtype="float64")
    assert (cell(tg.Tensor(x[0])).data >= 0).all()


def test_lstm_with_weights_of_zero_forgets_half_at_each_step():
    layer = nn.LSTM(1, 1, bias=False)
    for p in layer.parameters():
        nn.init.zeros_(p)
    one = np.ones((1, 1, 1), np.float32)
    output, (_, c_n) = layer(np.zeros((3, 1, 1), np.float32), (one, one))
    np.testing.assert_allclose(c_n.data.ravel(), [1 / 8])
    np.testing.assert_allclose(output.data.ravel(), np.tanh([1 / 2, 1 / 4, 1 / 8]) / 2, rtol=1e-6)


def test_projection_is_a_matrix_product_of_each_output():
    d, p = 4, 2
    layer = nn.LSTM(3, d, proj_size=p, bidirectional=True, num_layers=2, dtype="float64")
    weights, x, last = layer.state_dict(), randn(5, 2, 3), []
    h0, c0 = randn(4, 2, p), randn(4, 2, d, seed=1)
    y = x
    for k in range(2):
        outputs = []
        for suffix in (f"_l{k}", f"_l{k}_reverse"):
            w_ih, w_hh, b_ih, b_hh, w_hr = (
                weights[name + suffix] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
            )
            h, c, hs = h0[len(last)], c0[len(last)], np.zeros((5, 2, p))
            for i in reversed(range(5)) if suffix.endswith("reverse") else range(5):
                i_, f, g, o = np.split(y[i] @ w_ih.T + b_ih + h @ w_hh.T + b_hh, 4, -1)
                c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i_))
                h = hs[i] = (np.tanh(c) / (1 + np.exp(-o))) @ w_hr.T
            outputs.append(hs)
            last.append((h, c))
        y = np.concatenate(outputs, -1)
    output, (h_n, c_n) = layer(tg.Tensor(x), (h0, c0))
    np.testing.assert_allclose(output.data, y, rtol=1e-9)
    np.testing.assert_allclose(h_n.data, [h for h, _ in last], rtol=1e-9)
    np.testing.assert_allclose(c_n.data, [c for _, c in last], rtol=1e-9)


@every_layer
def test_a_layer_step_by_step_equals_the_sequence(kind):
    layer, cell = kind(3, 4, dtype="float64"), CELLS[kind](3, 4, dtype="float64")
    cell.load_state_dict({name.removesuffix("_l0"): a for name, a in layer.state_dict().items()})
    x = tg.Tensor(randn(5, 2, 3))
    output, last = layer(x)
    state = None
    for t in range(5):
        state = cell(x[t], state)
        np.testing.assert_allclose(flat(state)[0], output.data[t], rtol=1e-12)
    for found, wanted in zip(flat(state), flat(last), strict=True):
        np.testing.assert_allclose(found, wanted[0], rtol=1e-12)


@every_layer
@given(t=st.integers(1, 5), n=st.integers(1, 3), cut=st.integers(0, 5))
def test_a_sequence_may_be_cut_and_its_state_handed_on(kind, t, n, cut):
    layer = kind(2, 3, dtype="float64")
    x = tg.Tensor(randn(t, n, 2))
    output, last = layer(x)
    if 0 < cut < t:
        first, state = layer(x[:cut])
        second, end = layer(x[cut:], state)
        np.testing.assert_allclose(np.concatenate([first.data, second.data]), output.data, rtol=1e-12)
        for found, wanted in zip(flat(end), flat(last), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12)


@every_layer
@given(order=st.permutations(range(4)))
def test_sequences_of_a_batch_do_not_see_each_other(kind, order):
    layer = kind(2, 3, bidirectional=True, dtype="float64")
    x = randn(5, 4, 2)
    whole = layer(tg.Tensor(x))[0].data
    np.testing.assert_allclose(layer(tg.Tensor(x[:, order]))[0].data, whole[:, order], rtol=1e-12)
    np.testing.assert_allclose(layer(tg.Tensor(x[:, :1]))[0].data, whole[:, :1], rtol=1e-12)


@every_layer
def test_the_direction_backwards_is_the_reversed_run(kind):
    both = kind(3, 4, bidirectional=True, dtype="float64")
    back = kind(3, 4, dtype="float64")
    weights = both.state_dict()
    back.load_state_dict({name: weights[name + "_reverse"] for name in back.state_dict()})
    x = randn(5, 2, 3)
    output, last = both(tg.Tensor(x))
    reversed_output, reversed_last = back(tg.Tensor(x[::-1]))
    np.testing.assert_allclose(output.data[..., 4:], reversed_output.data[::-1], rtol=1e-12)
    for found, wanted in zip(flat(last), flat(reversed_last), strict=True):
        np.testing.assert_allclose(found[1], wanted[0], rtol=1e-12)


@every_layer
def test_batch_first_swaps_input_and_output_but_not_the_states(kind):
    layer = kind(3, 4, num_layers=2, dtype="float64")
    other = kind(3, 4, num_layers=2, batch_first=True, dtype="float64")
    other.load_state_dict(layer.state_dict())
    x = randn(5, 2, 3)
    output, last = layer(tg.Tensor(x))
    swapped, same = other(tg.Tensor(x.swapaxes(0, 1)))
    np.testing.assert_array_equal(swapped.data, output.data.swapaxes(0, 1))
    for found, wanted in zip(flat(same), flat(last), strict=True):
        np.testing.assert_array_equal(found, wanted)


@every_layer
@pytest.mark.parametrize("batch_first", [False, True])
def test_without_a_batch_neither_output_nor_states_have_its_axis(kind, batch_first):
    layer = kind(3, 4, num_layers=2, bidirectional=True, batch_first=batch_first, dtype="float64")
    x = randn(5, 3)
    output, last = layer(tg.Tensor(x))
    whole, states = layer(tg.Tensor(x[None] if batch_first else x[:, None]))
    assert output.shape == (5, 8)
    np.testing.assert_array_equal(output.data, whole.data[0] if batch_first else whole.data[:, 0])
    for found, wanted in zip(flat(last), flat(states), strict=True):
        assert found.shape == (4, 4)
        np.testing.assert_array_equal(found, wanted[:, 0])
    again, _ = layer(tg.Tensor(x), last)
    assert again.shape == (5, 8)


@every_cell
def test_a_cell_takes_one_sample_without_a_batch(kind):
    cell = kind(3, 4, dtype="float64")
    x, h = randn(3), randn(4)
    state = (h, h) if kind is nn.LSTMCell else h
    states = (h[None], h[None]) if kind is nn.LSTMCell else h[None]
    for alone, batch in ((cell(tg.Tensor(x), state), cell(tg.Tensor(x[None]), states)), (cell(x), cell(x[None]))):
        for found, wanted in zip(flat(alone), flat(batch), strict=True):
            np.testing.assert_array_equal(found, wanted[0])


@every_layer
def test_an_empty_batch_gives_empty_outputs(kind):
    output, last = kind(3, 4, bidirectional=True)(tg.zeros((5, 0, 3)))
    assert output.shape == (5, 0, 8)
    assert all(s.shape == (2, 0, 4) for s in flat(last))


@every_layer
def test_float32_stays_float32(kind):
    layer = kind(3, 4, bidirectional=True)
    x = tg.Tensor(randn(5, 2, 3).astype(np.float32), requires_grad=True)
    output, last = layer(x)
    (output * output).sum().backward()
    assert {a.dtype for a in (output.data, *flat(last), x.grad)} == {np.dtype(np.float32)}
    assert {p.grad.dtype for p in layer.parameters()} == {np.dtype(np.float32)}


# ---- gradients ----


@every_layer
@pytest.mark.parametrize("part", ["output", "states"])
def test_gradients_of_layers_to_second_order(kind, part):
    layer = kind(2, 2, num_layers=2, bidirectional=True, dtype="float64")
    names = ["weight_ih_l0", "weight_hh_l0_reverse", "bias_ih_l1", "bias_hh_l1_reverse"]

    def f(x, h0, *parameters):
        saved = {name: getattr(layer, name) for name in names}
        for name, p in zip(names, parameters, strict=True):
            vars(layer)[name] = p
        try:
            output, last = layer(x, (h0, 0.5 * h0) if kind is nn.LSTM else h0)
        finally:
            vars(layer).update(saved)
        return output if part == "output" else last[1] * last[0] if kind is nn.LSTM else last

    check_gradients(f, randn(3, 2, 2), randn(4, 2, 2), *(getattr(layer, name).data for name in names), order=2)


def test_gradients_of_a_projection_to_second_order():
    layer = nn.LSTM(2, 3, proj_size=1, dtype="float64")

    def f(x, h0, c0):
        output, (_, c_n) = layer(x, (h0, c0))
        return output.sum() + (c_n * c_n).sum()

    check_gradients(f, randn(3, 2, 2), randn(1, 2, 1), randn(1, 2, 3), order=2)


@every_cell
def test_gradients_of_cells_to_second_order(kind):
    cell = kind(2, 3, dtype="float64")

    def f(x, h):
        found = cell(x, (h, h) if kind is nn.LSTMCell else h)
        return found[0] * found[1] if kind is nn.LSTMCell else found

    check_gradients(f, randn(2, 2), randn(2, 3), order=2)


@every_layer
def test_a_second_backward_adds_the_same_again(kind):
    layer = kind(3, 4, num_layers=2)
    loss = (layer(tg.Tensor(randn(5, 2, 3).astype(np.float32)))[0] ** 2).sum()
    loss.backward()
    once = {name: p.grad.copy() for name, p in layer.named_parameters()}
    loss.backward()
    for name, p in layer.named_parameters():
        np.testing.assert_allclose(p.grad, 2 * once[name], rtol=1e-6)


# ---- training, state, text ----


@every_layer
def test_dropout_works_between_layers_and_only_in_training(kind):
    layer = kind(3, 4, num_layers=2, dropout=0.5)
    x = tg.Tensor(randn(5, 2, 3).astype(np.float32))
    tg.manual_seed(0)
    dropped = layer(x)[0].data
    assert (dropped != layer(x)[0].data).any()
    tg.manual_seed(0)
    np.testing.assert_array_equal(layer(x)[0].data, dropped)
    plain = kind(3, 4, num_layers=2)
    plain.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(layer.eval()(x)[0].data, plain(x)[0].data)


def test_dropout_of_everything_leaves_the_second_layer_its_biases():
    layer = nn.RNN(3, 4, num_layers=2, dropout=1.0, dtype="float64")
    output, _ = layer(tg.Tensor(randn(1, 2, 3)))
    wanted = np.tanh(layer.bias_ih_l1.data + layer.bias_hh_l1.data)
    np.testing.assert_allclose(output.data[0], [wanted, wanted], rtol=1e-12)


def test_dropout_with_a_single_layer_is_warned_of():
    with pytest.warns(UserWarning, match="only one"):
        nn.LSTM(3, 4, dropout=0.5)


@every_layer
def test_names_and_shapes_of_the_state_are_those_of_pytorch(kind):
    g = {nn.RNN: 1, nn.LSTM: 4, nn.GRU: 3}[kind] * 5
    shapes = {name: a.shape for name, a in kind(3, 5, num_layers=2, bidirectional=True).state_dict().items()}
    wanted = {}
    for layer, d in ((0, 3), (1, 10)):
        for suffix in (f"_l{layer}", f"_l{layer}_reverse"):
            wanted |= {"weight_ih" + suffix: (g, d), "weight_hh" + suffix: (g, 5)}
            wanted |= {"bias_ih" + suffix: (g,), "bias_hh" + suffix: (g,)}
    assert list(shapes.items()) == list(wanted.items())  # the order counts: an optimizer's state goes by it


def test_a_projection_has_a_weight_of_its_own():
    shapes = {name: a.shape for name, a in nn.LSTM(3, 5, bias=False, proj_size=2).state_dict().items()}
    assert shapes == {"weight_ih_l0": (20, 3), "weight_hh_l0": (20, 2), "weight_hr_l0": (2, 5)}


@pytest.mark.parametrize("kind", [*LAYERS, *CELLS.values()], ids=lambda kind: kind.__name__)
def test_parameters_start_uniform_within_one_over_the_root_of_the_size(kind):
    for p in kind(30, 25).parameters():
        assert abs(p.data).max() <= 0.2
        assert abs(p.data).max() > 0.15
        assert abs(p.data.mean()) < 0.08


@pytest.mark.parametrize("kind", [*LAYERS, *CELLS.values()], ids=lambda kind: kind.__name__)
def test_state_goes_into_another_module_and_copies_compute_the_same(kind):
    first, second = kind(3, 4), kind(3, 4)
    x = tg.Tensor(randn(5, 3).astype(np.float32))
    wanted = first(x)
    second.load_state_dict(first.state_dict())
    for other in (second, copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        found = other(x)
        if kind in LAYERS:
            np.testing.assert_array_equal(found[0].data, wanted[0].data)
        else:
            np.testing.assert_array_equal(flat(found)[0], flat(wanted)[0])


def test_repr_is_that_of_pytorch():
    assert repr(nn.LSTM(64, 128)) == "LSTM(64, 128)"
    everything = nn.LSTM(3, 5, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True, proj_size=2)
    assert repr(everything) == (
        "LSTM(3, 5, proj_size=2, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True)"
    )
    assert repr(nn.RNN(3, 5, nonlinearity="relu")) == "RNN(3, 5)"
    assert repr(nn.GRU(3, 5, num_layers=2)) == "GRU(3, 5, num_layers=2)"
    assert repr(nn.RNNCell(3, 5, bias=False, nonlinearity="relu")) == "RNNCell(3, 5, bias=False, nonlinearity=relu)"
    assert repr(nn.GRUCell(3, 5)) == "GRUCell(3, 5)"


def test_an_lstm_learns_to_remember_the_first_of_its_inputs():
    tg.manual_seed(0)
    layer, head = nn.LSTM(1, 8), nn.Linear(8, 1)
    adam = tg.optim.Adam([*layer.parameters(), *head.parameters()], lr=0.03)
    x = randn(6, 32, 1).astype(np.float32)
    for _ in range(150):
        adam.zero_grad()
        loss = nn.functional.mse_loss(head(layer(tg.Tensor(x))[1][0][0]), tg.Tensor(x[0]))
        loss.backward(keep=False)
        adam.step()
    assert loss.item() < 0.1


def test_the_picture_of_an_lstm_shows_its_box_and_its_op():
    layer = nn.LSTM(2, 3)
    text = tg.viz.to_dot(layer(tg.randn(3, 2, 2))[0].sum())
    assert "LSTM" in text
    assert "lstm" in text


@every_layer
def test_a_layer_can_be_written_in_numpy(kind):
    layer = kind(2, 3, bidirectional=True, dtype="float64")

    def program(x, h0):
        output, last = layer(x, (h0, -h0) if kind is nn.LSTM else h0)
        return (output * output).sum() + (last[1] if kind is nn.LSTM else last).sum()

    text = written_in_numpy(program, randn(3, 2, 2), randn(2, 2, 3))
    assert "def walk" in text


# ---- errors ----


@every_layer
def test_bad_sizes_are_named(kind):
    name = kind.__name__
    with pytest.raises(ValueError, match=f"{name}: expected hidden_size of at least 1, but got 0"):
        kind(3, 0)
    with pytest.raises(ValueError, match=f"{name}: expected num_layers of at least 1, but got 0"):
        kind(3, 4, num_layers=0)
    with pytest.raises(TypeError, match=f"{name}: expected a whole number as input_size, but got 2.5"):
        kind(2.5, 4)
    with pytest.raises(ValueError, match=rf"{name}: expected a probability dropout in 0..1, but got 1.5"):
        kind(3, 4, num_layers=2, dropout=1.5)


@every_layer
def test_an_input_of_another_shape_is_named(kind):
    layer, name = kind(3, 4), kind.__name__
    with pytest.raises(ValueError, match=rf"{name}: expected an input of shape \(t, n, 3\), .* got shape \(5, 2, 4\)"):
        layer(tg.zeros((5, 2, 4)))
    with pytest.raises(ValueError, match=rf"{name}: expected an input .* but got shape \(1, 5, 2, 3\)"):
        layer(tg.zeros((1, 5, 2, 3)))
    with pytest.raises(ValueError, match=rf"{name}: expected at least one step .* but got \(0, 2, 3\)"):
        layer(tg.zeros((0, 2, 3)))
    with pytest.raises(ValueError, match=rf"{name}: expected an input of shape \(n, t, 3\)"):
        kind(3, 4, batch_first=True)(tg.zeros((5, 2, 4)))
    with pytest.raises(TypeError, match=f"{name}: expected a Tensor or an array, but got list"):
        layer([[1.0, 2.0, 3.0]])


@every_layer
@pytest.mark.parametrize("shape", [(1, 3, 4), (2, 2, 4), (1, 2, 5), (2, 4)])
def test_states_of_another_shape_are_named(kind, shape):
    h = tg.zeros(shape)
    with pytest.raises(ValueError, match=r"h_0 of shape \(1, 2, 4\), but got shape"):
        kind(3, 4)(tg.zeros((5, 2, 3)), (h, h) if kind is nn.LSTM else h)


def test_an_lstm_wants_two_states_and_the_others_one():
    x, h = tg.zeros((5, 2, 3)), tg.zeros((1, 2, 4))
    with pytest.raises(TypeError, match=r"LSTM: expected a tuple \(h_0, c_0\) as hx, but got Tensor"):
        nn.LSTM(3, 4)(x, h)
    with pytest.raises(ValueError, match=r"LSTM: expected a tuple \(h_0, c_0\) as hx, but got 3 of them"):
        nn.LSTM(3, 4)(x, (h, h, h))
    with pytest.raises(TypeError, match=r"GRU: expected one array h_0 as hx, but got tuple"):
        nn.GRU(3, 4)(x, (h, h))
    with pytest.raises(TypeError, match=r"LSTMCell: expected a tuple \(h_0, c_0\) as hx, but got Tensor"):
        nn.LSTMCell(3, 4)(x[0], h[0])


def test_other_settings_that_cannot_be_are_named():
    with pytest.raises(ValueError, match="RNN: expected the nonlinearity 'tanh' or 'relu', but got 'sin'"):
        nn.RNN(3, 4, nonlinearity="sin")
    with pytest.raises(ValueError, match="RNNCell: expected the nonlinearity 'tanh' or 'relu', but got 'sin'"):
        nn.RNNCell(3, 4, nonlinearity="sin")
    with pytest.raises(ValueError, match="LSTM: expected a proj_size below hidden_size=4, but got 4"):
        nn.LSTM(3, 4, proj_size=4)


@every_cell
def test_a_cell_names_what_does_not_fit(kind):
    cell, name = kind(3, 4), kind.__name__
    with pytest.raises(ValueError, match=rf"{name}: expected an input of shape \(n, 3\), .* got shape \(2, 5\)"):
        cell(tg.zeros((2, 5)))
    with pytest.raises(ValueError, match=rf"{name}: expected an input .* got shape \(2, 2, 3\)"):
        cell(tg.zeros((2, 2, 3)))
    h = tg.zeros((3, 4))
    with pytest.raises(ValueError, match=rf"{name}: expected h.* of shape \(2, 4\) .* got shape \(3, 4\)"):
        cell(tg.zeros((2, 3)), (h, h) if kind is nn.LSTMCell else h)
    with pytest.raises(ValueError, match=f"{name}: expected hidden_size of at least 1"):
        kind(3, 0)
