"""The texts on the arrows say what ran: each is evaluated again, as a formula, and compared."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz.demos import numbers
from tinygrad_edu import Tensor, nn, viz
from tinygrad_edu.viz.formula import RULES, rule

A, B = numbers(4, 3) + 2.0, numbers(4, 3, start=3) + 2.0
SQUARE = numbers(3, 3, start=2)
LABELS = np.array([0, 2, 1, 2])
SHARES = (np.abs(A) % 1.0) / 2 + 0.25

CASES: dict[str, tuple[Callable[..., Tensor], list[np.ndarray]]] = {
    "add": (tg.add, [A, B]),
    "subtract": (tg.subtract, [A, B]),
    "multiply": (tg.multiply, [A, B]),
    "divide": (tg.divide, [A, B]),
    "negative": (tg.negative, [A]),
    "power": (tg.power, [A, B]),
    "square": (lambda a: a**2, [A]),
    "cube": (lambda a: a**3, [A]),
    "exp": (tg.exp, [A]),
    "log": (tg.log, [A]),
    "sqrt": (tg.sqrt, [A]),
    "tanh": (tg.tanh, [A]),
    "sigmoid": (tg.sigmoid, [A]),
    "relu": (tg.relu, [A - 2]),
    "leaky_relu": (lambda a: tg.leaky_relu(a, 0.125), [A - 2]),
    "absolute": (tg.absolute, [A - 2]),
    "maximum": (tg.maximum, [A, B + 0.03125]),
    "minimum": (tg.minimum, [A, B + 0.03125]),
    "matmul": (tg.matmul, [A, SQUARE]),
    "matrix_transpose": (tg.matrix_transpose, [A]),
    "linear": (tg.linear, [A, SQUARE, SQUARE[0]]),
    "dropout": (lambda x: tg.dropout(x, B > 2, p=0.25), [A]),
    "mse_loss": (tg.mse_loss, [A, B]),
    "l1_loss": (tg.l1_loss, [A, B + 0.03125]),
    "cross_entropy_of_labels": (lambda x: tg.cross_entropy_of_labels(x, LABELS), [A]),
    "softmax": (tg.softmax, [A]),
    "log_softmax": (tg.log_softmax, [A]),
    "binary_cross_entropy": (lambda x: nn.functional.binary_cross_entropy(x, SHARES), [SHARES / 2 + 0.25]),
    "binary_cross_entropy_with_logits": (lambda x: nn.functional.binary_cross_entropy_with_logits(x, SHARES), [A]),
    "negative_log_likelihood of labels": (lambda x: nn.functional.nll_loss(x, LABELS), [A]),
    "mean": (lambda x: x.mean(axis=0), [A]),
}
SAID_IN_WORDS = {"reshape", "transpose", "getitem", "concatenate", "stack", "sum", "take_along_axis", "embedding"}
SAID_IN_WORDS |= {"take", "put", "pad_constant", "max_pool", "window_sum", "unfold_columns", "conv", "conv_image"}


def evaluate(text: str, values: dict[str, Any], count: int) -> Any:
    """A text as the number that it means: the signs become Python's, G the gradient that arrives."""
    text = text.replace("⊙ ", "G * ", 1) if text.startswith("⊙") else text
    text = text.replace("÷", "G /", 1) if text.startswith("÷") else text
    text = text.replace("×", "G * ", 1) if text.startswith("×") else text
    text = re.sub(r"1\[([^\]]*)\]", r"(\1)", text)
    signs = {"⊙": "*", "·": "*", "−": "-", "^": "**", "₂": "2", "²": "**2", "³": "**3", "ᵀ": ".T", "≤": "<="}
    for sign, python in signs.items():
        text = text.replace(sign, python)
    text = text.replace("onehot(y)", "onehot").replace("/n", f"/{count}")
    functions = {
        "sign": np.sign,
        "log": np.log,
        "where": np.where,
        "exp": np.exp,
        "Σ": lambda x: x.sum(-1, keepdims=True),
        "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
        "onehot": np.eye(3)[LABELS],
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    }
    return eval(text, {"__builtins__": {}}, functions | values)


@pytest.mark.parametrize("name", CASES)
def test_the_text_on_an_arrow_is_what_ran(name: str) -> None:
    op, arrays = CASES[name]
    tensors = [Tensor(x.astype(np.float64), requires_grad=True) for x in arrays]
    output = op(*tensors)
    output.name = "out"
    g = np.asarray(numbers(*output.shape, start=7), np.float64) if output.shape else np.ones(())
    letters = dict(zip("abc", tensors, strict=False))
    graph = viz.graph(output, g, names=letters | {"y": LABELS})
    values = {letter: t.data for letter, t in letters.items()} | {
        "G": g,
        "out": output.data,
        "in2": SHARES if "binary" in name else B > 2,
    }
    for edge in graph.edges:
        if edge.contribution is None:
            continue
        assert edge.rule is not None
        assert not edge.rule.startswith("∂"), f"{name} says nothing about its input {edge.argument}"
        got = np.asarray(evaluate(edge.rule, values, LABELS.size if "label" in name else arrays[0].size))
        while got.ndim > edge.contribution.ndim:
            got = got.sum(0)  # what the engine does for a broadcast input
        np.testing.assert_allclose(np.broadcast_to(got, edge.contribution.shape), edge.contribution, rtol=1e-6)


def test_every_rule_that_is_not_read_from_source_is_held_to_its_formula() -> None:
    assert set(RULES) <= {name.partition(" ")[0] for name in CASES} | SAID_IN_WORDS


def test_a_convolution_is_named_with_its_adjoints() -> None:
    x, w = Tensor(numbers(1, 2, 5), requires_grad=True), Tensor(numbers(3, 2, 2), requires_grad=True)
    b = Tensor(numbers(3), requires_grad=True)
    graph = viz.graph(nn.functional.max_pool1d(nn.functional.conv1d(x, w, b), 2).sum(), names={"x": x, "w": w, "b": b})
    rules = {e.argument: e.rule for e in graph.edges if graph.by_id[e.target].op == "conv"}
    assert rules == {"x": "convᵀ(G, w)", "w": "conv′(x, G)", "b": "×1"}
    assert "G at the maximum" in {e.rule for e in graph.edges}


def test_two_lambdas_on_a_line_are_told_apart() -> None:
    vjps = (lambda g, y, a, b: g * b, lambda g, y, a, b: g - a)  # fmt: skip

    @tg.differentiable(*vjps)
    def odd(a: Any, b: Any) -> Any:
        return a * b

    assert [rule(odd, i, ["u", "v"], "w", {}) for i in (0, 1)] == ["⊙ v", "G − u"]


def test_formulas_with_a_name_are_read_too() -> None:
    def pull(g: Any, y: Any, x: Any, scale: float) -> Any:
        """With a docstring."""
        return g * x * scale

    @tg.differentiable(pull)
    def scaled(x: Any, scale: float) -> Any:
        return x * x * scale / 2

    assert rule(scaled, 0, ["u"], "w", {"scale": 0.5}) == "⊙ u ⊙ 0.5"


def test_without_source_the_name_of_the_op_stands_for_its_derivative() -> None:
    formula = eval("lambda g, y, x: g * 3.0 + y * 0.0")

    @tg.differentiable(formula)
    def hidden(x: Any) -> Any:
        return x * 3.0

    x = Tensor([1.0, 2.0], requires_grad=True)
    assert viz.graph(hidden(x), [1.0, 2.0]).edges[0].rule == "∂ hidden"


def test_a_mean_has_its_number() -> None:
    x = Tensor(numbers(4), requires_grad=True)
    assert viz.graph(x.mean()).edges[0].rule == "×0.25"


def test_unnamed_values_are_called_by_their_place() -> None:
    x = Tensor(numbers(2, 2), requires_grad=True)
    rules = [e.rule for e in viz.graph(tg.tanh(x * 2.0) * (x + 1.0), np.ones((2, 2)), names={}).edges]
    assert rules == ["×2", None, "⊙ (1 − out²)", "×1", None, "⊙ in₂", "⊙ in₁"]
