"""`derive`: the formulas of a network in rows and in columns; each says what is so."""

import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz.demos import numbers
from tests.viz.test_to_numpy import PROGRAMS
from tinygrad_edu import Tensor, nn, viz
from tinygrad_edu.viz import latex

LABELS = np.array([0, 1, 1, 0])


def leaf(*shape: int, start: int = 1) -> Tensor:
    return Tensor(numbers(*shape, start=start), requires_grad=True)


@pytest.fixture
def network() -> tuple[Tensor, dict[str, object]]:
    X, Y = Tensor(numbers(4, 3)), LABELS
    W1, b1, W2, b2 = leaf(3, 5), leaf(5), leaf(5, 2, start=7), leaf(2)
    Z1 = X @ W1 + b1
    A1 = tg.relu(Z1)
    J = tg.cross_entropy(A1 @ W2 + b2, Y)
    return J, locals()


def test_rows_give_the_formulas_of_the_textbook(network) -> None:
    J, names = network
    assert viz.derive(J, names=names).splitlines() == [
        "Forward:",
        "",
        r"- $Z_{1} = X\, W_{1} + b_{1}$ (4 × 5)",
        r"- $A_{1} = \operatorname{ReLU}(Z_{1})$ (4 × 5)",
        r"- $Z_{2} = A_{1}\, W_{2} + b_{2}$ (4 × 2)",
        r"- $J = \operatorname{CE}(Z_{2}, Y)$",
        "",
        r"Backward, with $dV = \partial J / \partial V$:",
        "",
        r"- $dZ_{2} = \frac{1}{4}\,\left(\operatorname{softmax}(Z_{2}) - \operatorname{onehot}(Y)\right)$ (4 × 2)",
        r"- $db_{2} = \sum_{i} dZ_{2,i}$ (2)",
        r"- $dA_{1} = dZ_{2}\, W_{2}^{\top}$ (4 × 5)",
        r"- $dW_{2} = A_{1}^{\top}\, dZ_{2}$ (5 × 2)",
        r"- $dZ_{1} = dA_{1} \odot \mathbf{1}[A_{1} > 0]$ (4 × 5)",
        r"- $db_{1} = \sum_{i} dZ_{1,i}$ (5)",
        r"- $dW_{1} = X^{\top}\, dZ_{1}$ (3 × 5)",
    ]


def test_columns_give_the_formulas_of_the_course(network) -> None:
    J, names = network
    text = viz.derive(J, notation="column", names=names)
    for line in (
        r"$Z^{[1]} = W^{[1]}\, X + b^{[1]}$ (5 × 4)",
        r"$J = \operatorname{CE}(Z^{[2]}, Y)$",
        r"$dZ^{[2]} = \operatorname{softmax}(Z^{[2]}) - \operatorname{onehot}(Y)$ (2 × 4)",
        r"$dW^{[2]} = \frac{1}{m} dZ^{[2]}\, A^{[1]\top}$ (2 × 5)",
        r"$db^{[2]} = \frac{1}{m} \sum_{i} dZ^{[2](i)}$ (2 × 1)",
        r"$dA^{[1]} = W^{[2]\top}\, dZ^{[2]}$ (5 × 4)",
        r"$dZ^{[1]} = dA^{[1]} \odot \mathbf{1}[A^{[1]} > 0]$ (5 × 4)",
    ):
        assert line in text
    assert "$m = 4$ samples as columns" in text


def test_a_linear_layer_has_its_weight_as_the_course_has_it() -> None:
    net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
    X = Tensor(numbers(4, 3))
    loss = (net(X) ** 2).mean()
    text = viz.derive(loss, notation="column")
    assert r"$Z^{[1]} = W_{\mathrm{net.0}}\, X + b_{\mathrm{net.0}}$ (5 × 4)" in text
    assert r"$dW_{\mathrm{net.0}} = \frac{1}{m} dZ^{[1]}\, X^{\top}$ (5 × 3)" in text
    assert r"$Z_{1} = X\, W_{\mathrm{net.0}}^{\top} + b_{\mathrm{net.0}}$ (4 × 5)" in viz.derive(loss)


def correct(text: str) -> None:
    assert text.count("\n- $") >= 2
    assert text.count("{") == text.count("}")
    assert re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_", text) is None, "LaTeX knows no double exponents"


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_line_of_many_programs_is_right(name: str) -> None:
    program, arrays = PROGRAMS[name]
    correct(viz.derive(program(*(Tensor(a, requires_grad=True) for a in arrays)), names={}))


NO_COLUMNS = {"attention", "logsumexp", "power", "max", "stack", "transposes", "broadcast", "variance"}
NO_COLUMNS |= {"max pool", "average pool", "adaptive pool"}
NO_COLUMNS |= {"convolution", "grouped convolution", "transposed convolution"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_on_matrices_are_right_in_columns_too_and_others_say_why_not(name: str) -> None:
    program, arrays = PROGRAMS[name]
    loss = program(*(Tensor(a, requires_grad=True) for a in arrays))
    if name in NO_COLUMNS:
        with pytest.raises(ValueError, match=r"for the column notation, but got .* Use notation='row'"):
            viz.derive(loss, notation="column", names={})
    else:
        correct(viz.derive(loss, notation="column", names={}))


def test_latex_is_one_aligned_environment(network) -> None:
    J, names = network
    lines = viz.derive(J, format="latex", names=names).splitlines()
    assert lines[1] == r"\begin{align*}"
    assert lines[2] == r"  Z_{1} &= X\, W_{1} + b_{1} && (4 \times 5) \\"
    assert lines[-1] == r"\end{align*}"
    assert all(line.endswith(r"\\") or r"\\[1ex]" in line for line in lines[2:-2])


def test_a_wrong_line_is_not_handed_out(network, monkeypatch) -> None:
    J, names = network

    def wrong(self, step, turned):
        a, b = (self.of(x, turned) for x in step.inputs)
        return latex.Formula(f"{a.text} + {b.text}", latex.SUM, a.value + b.value)

    monkeypatch.setattr(latex.Printer, "_multiply", wrong)
    with pytest.raises(RuntimeError, match=r"derive: expected the line of \$dZ_\{2\}\$ to give what the engine gives"):
        viz.derive(J, names=names)


def test_names_are_safe_in_latex() -> None:
    x = leaf(2)
    x.name = "a_b%c"
    assert r"\mathrm{a\_b\%c}" in viz.derive((x * x).sum(), names={})


def test_no_grad_is_touched(network) -> None:
    J, names = network
    viz.derive(J, names=names)
    assert names["W1"].grad is None


def test_clear_errors() -> None:
    x = leaf(2)
    with pytest.raises(TypeError, match="derive: expected loss to be a Tensor, but got float"):
        viz.derive(2.0)
    with pytest.raises(RuntimeError, match="derive: expected a tensor with a history"):
        viz.derive(Tensor(1.0))
    with pytest.raises(ValueError, match="derive: expected a scalar"):
        viz.derive(x * x)
    with pytest.raises(ValueError, match="expected notation to be one of 'row', 'column', but got 'diagonal'"):
        viz.derive(x.sum(), notation="diagonal")
    with pytest.raises(ValueError, match="expected format to be one of 'markdown', 'latex', but got 'html'"):
        viz.derive(x.sum(), format="html")


def test_a_sum_along_rows_says_its_index() -> None:
    x, b = leaf(4, 3), leaf(4, 1)
    centred = x - x.mean(axis=1, keepdims=True)
    text = viz.derive(((centred * b).sum(axis=1) ** 2).mean(), names={"x": x, "b": b, "z": centred})
    assert r"\frac{1}{3} \sum_{j} x_{\cdot j}" in text
    assert r"\sum_{j} \left(z \odot b\right)_{\cdot j}" in text
    assert re.search(r"db = \\sum_\{j\} \\left\(T_\{\d\} \\odot z\\right\)_\{\\cdot j\}", text)
    assert "reshape" not in text
