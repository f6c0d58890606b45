"""`to_numpy`: the text computes what the engine computes, on other numbers too, and needs NumPy only."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.viz.demos import numbers, scalar
from tinygrad_edu import Tensor, nn, viz
from tinygrad_edu.nn import functional as F
from tinygrad_edu.viz.names import Names
from tinygrad_edu.viz.to_numpy import written

Program = Callable[..., Tensor]


def array(*shape: int, start: int = 1) -> np.ndarray:
    return np.float64(numbers(*shape, start=start))


def run(text: str, *values: np.ndarray):
    assert set(re.findall(r"^import (\w+)", text, re.MULTILINE)) <= {"numpy", "math"}
    assert "tinygrad" not in text
    space = {}
    exec(text, space)
    return space["loss_and_gradients"](*values)


def check(program: Program, *arrays: np.ndarray) -> str:
    """The text for `arrays`, tried on other numbers of the same shapes."""
    leaves = [Tensor(a, requires_grad=True) for a in arrays]
    for i, leaf in enumerate(leaves):
        leaf.name = f"a{i}"
    loss = program(*leaves)
    text = viz.to_numpy(loss, leaves, names={})
    same, arguments = written(loss, leaves, Names({}), "loss_and_gradients")
    assert same == text
    others = [a + 0.01 * array(*a.shape, start=3 + i) for i, a in enumerate(arrays)]
    values = [others[int(name[1:])] if name[0] == "a" else array for name, array in arguments.items()]
    loss, *gradients = run(text, *values)
    again = [Tensor(a, requires_grad=True) for a in others]
    wanted = program(*again)
    np.testing.assert_allclose(loss, wanted.data, rtol=1e-9, atol=1e-12)
    for got, g in zip(gradients, tg.grad(wanted, again), strict=True):
        np.testing.assert_allclose(got, g.data, rtol=1e-7, atol=1e-9)
    return text


LABELS = np.array([0, 2, 1, 1])


def mlp(x, w1, b1, w2, b2):
    return tg.cross_entropy(tg.relu(x @ w1 + b1) @ w2 + b2, LABELS)


def rnn(x, w, u, b):
    h = x[:, 0] * 0.0
    h = tg.tanh(x[:, 0] @ w + b)
    for t in range(1, x.shape[1]):
        h = tg.tanh(x[:, t] @ w + h @ u + b)
    return (h * h).mean()


def attention(x, q, k, v):
    scores = (x @ q) @ (x @ k).mT / 2.0
    mask = np.tril(np.ones((3, 3), bool))
    return (tg.softmax(tg.where(mask, scores, -1e9)) @ (x @ v)).mean()


def layer_norm(x, gain, bias):
    mean = x.mean(axis=-1, keepdims=True)
    std = tg.sqrt(((x - mean) ** 2).mean(axis=-1, keepdims=True) + 1e-5)
    return tg.sum(((x - mean) / std * gain + bias) ** 3)


X, W = array(4, 3), array(3, 3, start=9)
KERNEL = array(4, 1, 3, 3, start=5)
PROBABILITIES = np.abs(X) / 2
IMAGE = array(2, 1, 5, 5) + np.arange(50.0).reshape(2, 1, 5, 5) / 32
PROGRAMS = {
    "mlp": (mlp, [X, array(3, 5), array(5), array(5, 3), array(3)]),
    "rnn": (rnn, [array(2, 4, 3), W, array(3, 3, start=5), array(3)]),
    "attention": (attention, [array(2, 3, 3), W, W + 0.5, W - 0.5]),
    "layer norm": (layer_norm, [X, array(3), array(3, start=4)]),
    "standardize": (lambda x: (tg.standardize(x, axes=(0,)) ** 3).mean(), [X]),
    "standardize affine": (lambda x, w, b: (F.layer_norm(x, (3,), w, b) ** 3).mean(), [X, array(3), array(3)]),
    "rms norm": (lambda x: (F.rms_norm(x, (3,)) ** 3).mean(), [X]),
    "gelu": (lambda x: tg.gelu(x, approximate="tanh").sum(), [X]),
    "gelu of the normal distribution": (lambda x: tg.gelu(x).sum(), [X]),
    "silu": (lambda x: tg.silu(x).sum(), [X]),
    "sigmoid": (lambda x: (tg.sigmoid(x) * x).sum(), [X]),
    "softplus": (lambda x: tg.softplus(x, 2.0).sum(), [X]),
    "elu": (lambda x: tg.elu(x, 0.5).sum(), [X]),
    "leaky relu": (lambda x: tg.leaky_relu(x, 0.2).sum(), [X]),
    "log softmax": (lambda x: (tg.log_softmax(x, axis=0) ** 2).sum(), [X]),
    "logsumexp": (lambda x: tg.logsumexp(x, axis=1).sum(), [X]),
    "mse": (lambda x: tg.mse_loss(x @ W, X), [X]),
    "l1": (lambda x: tg.l1_loss(x, X[::-1] + 0.3, reduction="sum"), [X]),
    "cross entropy sum": (lambda x: tg.cross_entropy(x, LABELS, reduction="sum"), [X]),
    "smoothed": (lambda x: tg.cross_entropy(x, LABELS, label_smoothing=0.1), [X]),
    "broadcast": (lambda a, b: (a * b + b).sum(), [array(4, 1), array(3)]),
    "power": (lambda a: (abs(a) + 2.0) ** 2.5 @ W @ np.ones(3) @ np.ones(4), [X]),
    "divide": (lambda a, b: (1.0 / (a * a + 1.0) - b / 3.0 - -a).sum(), [X, X + 1.0]),
    "exp log sqrt": (lambda a: tg.log(tg.exp(a) + tg.sqrt(a * a + 1.0)).sum(), [X]),
    "embedding": (lambda e: (e[LABELS % 3] ** 2).sum(), [W]),
    "embedding with padding": (lambda e: (F.embedding(LABELS % 3, e, padding_idx=0) ** 2).sum(), [W]),
    "take": (lambda e: tg.take(e, np.array([0, 1, 1]), axis=1).sum() ** 2, [W]),
    "slices": (lambda a: (a[1:, ::2] * a[:-1, :1]).sum(), [X]),
    "concatenate": (lambda a, b: (tg.concatenate([a, b], axis=1) ** 2).mean(), [X, X[:, :2] + 1]),
    "stack": (lambda a, b: (tg.stack([a, b]) ** 3).sum(), [X, X + 1]),
    "max": (lambda a: tg.max(a, axis=0).sum() * 2.0, [X + np.arange(12.0).reshape(4, 3)]),
    "clip": (lambda a: (tg.clip(a, -1.03, 1.03) ** 2).sum(), [X]),
    "maximum": (lambda a, b: (tg.maximum(a, b) * a).sum(), [X, X[::-1] + 0.3]),
    "einsum": (lambda a, b: (tg.einsum("ij,jk->ik", a, b) ** 2).sum(), [X, W]),
    "transposes": (lambda a: (a.T.reshape(2, 6).transpose(1, 0) @ np.ones((2, 1))).sum() ** 2, [X]),
    "variance": (lambda a: tg.var(a, axis=0).sum() + tg.std(a), [X]),
    "dropout": (lambda a: (tg.dropout(a, X > 0.1, p=0.5) ** 2).sum(), [X]),
    "cumsum": (lambda a: (tg.cumsum(a, axis=0) ** 2).sum(), [X]),
    "huber": (lambda x: F.huber_loss(x * 3.0, X[::-1] + 0.3), [X]),
    "binary": (lambda x: F.binary_cross_entropy_with_logits(x, PROBABILITIES), [X]),
    "binary of probabilities": (lambda x: F.binary_cross_entropy(tg.sigmoid(x), PROBABILITIES), [X]),
    "likelihood": (lambda x: F.nll_loss(tg.log_softmax(x), LABELS), [X]),
    "probabilities": (lambda x: tg.cross_entropy(x, PROBABILITIES), [X]),
    "max pool": (lambda x: (F.max_pool2d(x, 3, 2, padding=1) ** 2).sum(), [IMAGE]),
    "average pool": (lambda x: (F.avg_pool2d(x, 2, ceil_mode=True) ** 2).sum(), [IMAGE]),
    "adaptive pool": (lambda x: (F.adaptive_avg_pool2d(x, 2) ** 3).sum(), [IMAGE]),
    "convolution": (lambda x, w, b: (F.conv2d(x, w, b, 2, padding=1) ** 2).sum(), [IMAGE, KERNEL, array(4)]),
    "grouped convolution": (
        lambda x, w: (F.conv1d(tg.concatenate([x, x * x], axis=1)[..., 0], w, groups=2, dilation=2) ** 2).sum(),
        [IMAGE, array(4, 1, 2)],
    ),
    "transposed convolution": (lambda x, w: (F.conv_transpose2d(x, w, stride=2) ** 2).mean(), [IMAGE, KERNEL[:1]]),
    "padding": (lambda x: (tg.pad(x, 1, constant_values=0.5) ** 2).sum(), [X]),
    "one leaf": (lambda a: a * a, [np.array(3.0)]),
    "used many times": (lambda a: (a * a * a - a).sum(), [X]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_text_computes_what_the_engine_computes(name: str) -> None:
    program, arrays = PROGRAMS[name]
    check(program, *arrays)


@given(st.lists(st.sampled_from(["+", "-", "*", "/", "@", "tanh", "exp", "neg", "mean", "T"]), min_size=1, max_size=8))
def test_random_programs_are_written_right(ops: list[str]) -> None:
    def program(a, b):
        values = [a, b]
        for i, op in enumerate(ops):
            x, y = values[-1], values[i // 2]
            values.append(
                {
                    "+": lambda x, y: x + y * 0.5,
                    "-": lambda x, y: x - (y - x),
                    "*": lambda x, y: x * (y + 1.0),
                    "/": lambda x, y: x / (1.0 + y * y),
                    "@": lambda x, y: x @ y / 3.0,
                    "tanh": lambda x, y: tg.tanh(x),
                    "exp": lambda x, y: tg.exp(-x * x),
                    "neg": lambda x, y: -(x**2),
                    "mean": lambda x, y: x - x.mean(axis=0),
                    "T": lambda x, y: x.T * y,
                }[op](x, y)
            )
        return tg.tanh(values[-1]).sum() + (a * b).sum()

    check(program, array(3, 3), array(3, 3, start=8))


def test_names_shapes_and_formulas_are_the_users() -> None:
    x = Tensor(numbers(4, 3))
    w = Tensor(numbers(3, 2), requires_grad=True)
    h = tg.tanh(x @ w)
    loss = tg.sum(h)
    text = viz.to_numpy(loss, w)
    assert "def loss_and_gradients(x, w):" in text
    assert "    h = np.tanh(x @ w)  # (4, 2)\n" in text
    assert "    d_w = x.T @ (d_h * (1 - h * h))  # (3, 2)\n" in text
    assert text.endswith("    return loss, d_w\n")


def test_attention_is_written_as_a_textbook_has_it() -> None:
    mask = np.array([[True, True, False], [False, False, False], [True, True, True]])

    def program(q, k, v):
        return (F.scaled_dot_product_attention(q, k, v, mask) ** 2).sum()

    check(program, array(3, 2), array(3, 2, start=6), array(3, 2, start=3))


def test_a_network_is_written_with_the_paths_of_its_parameters() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2))
    x = Tensor(numbers(5, 3))
    y = np.array([0, 1, 0, 1, 1])
    loss = tg.cross_entropy(net(x), y)
    text = viz.to_numpy(loss, list(net.parameters()))
    assert "def loss_and_gradients(x, y, net_0_weight, net_0_bias, net_2_weight, net_2_bias):" in text
    loss.backward()
    value, *gradients = run(text, x.data, y, *(p.data for p in net.parameters()))
    assert value == pytest.approx(loss.item(), rel=1e-5)
    for got, p in zip(gradients, net.parameters(), strict=True):
        np.testing.assert_allclose(got, p.grad, rtol=1e-4, atol=1e-6)
        assert got.dtype == np.float32


def test_what_does_not_lead_to_the_gradients_is_left_out() -> None:
    a, b = scalar(2.0), scalar(3.0)
    loss = tg.exp(a) * b
    assert "d_a" not in viz.to_numpy(loss, b)


def test_names_that_python_or_a_helper_has_are_changed() -> None:
    x = Tensor(numbers(3), requires_grad=True)
    for name in ("lambda", "np", "softmax", "a b", "1x", "한", "loss"):
        x.name = name
        text = viz.to_numpy((tg.softmax(x) ** 2).sum(), x, names={})
        run(text, x.data)


def test_no_grad_is_touched() -> None:
    x = scalar(2.0)
    viz.to_numpy(x * x, x)
    assert x.grad is None


def test_clear_errors() -> None:
    x, other = scalar(2.0), scalar(3.0)
    with pytest.raises(TypeError, match="to_numpy: expected wrt to be a Tensor, but got float"):
        viz.to_numpy(x * x, [2.0])
    with pytest.raises(RuntimeError, match="to_numpy: expected a tensor with a history"):
        viz.to_numpy(Tensor(1.0), x)
    with pytest.raises(RuntimeError, match="no path leads from one of shape"):
        viz.to_numpy(x * x, other)
    with pytest.raises(ValueError, match="to_numpy: expected a scalar"):
        viz.to_numpy(Tensor([1.0, 2.0], requires_grad=True) * x, x)
    with pytest.raises(ValueError, match="expected function to be a name, but got 'for'"):
        viz.to_numpy(x * x, x, function="for")


def test_an_op_without_a_text_is_named() -> None:
    class Table:
        factor = 3.0

    @tg.differentiable(lambda g, y, x: g * 3.0)
    def odd_op(x):
        return x * table.factor

    table = Table()
    x = scalar(2.0)
    with pytest.raises(
        NotImplementedError, match="but got odd_op, whose source is not at hand or uses more than NumPy"
    ):
        viz.to_numpy(odd_op(x) * 1.0, x)


def test_an_op_of_the_users_own_is_written_from_its_source() -> None:
    @tg.differentiable(lambda g, y, x: 3 * g * x**2)
    def cube(x):
        """x times x times x."""
        return x**3

    x = scalar(2.0)
    text = viz.to_numpy(cube(x) * 1.0, x)
    assert "def cube(x):\n    return x ** 3\n" in text
    assert run(text, np.array(2.0))[1] == 12.0


def test_a_text_that_differs_from_the_engine_is_not_handed_out() -> None:
    @tg.differentiable(lambda g, y, x: g * (2.0 if isinstance(g, Tensor) else 3.0))
    def liar(x):
        return x * 3.0

    x = scalar(2.0)
    with pytest.raises(RuntimeError, match="expected the text to give what the engine gives"):
        viz.to_numpy(liar(x) * 1.0, x)
