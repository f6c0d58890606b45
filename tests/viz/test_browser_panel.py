"""The panel of the stepping page in a real browser: formulas, numbers, sums, and the code they come from."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz.browser import DEMOS, check_layout, data, number, walk
from tinygrad_edu import Tensor, viz


def test_partial_sums_are_told_while_gradients_add_up(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["reuse"]())
    tab.keyboard.press("b")
    said = []
    while tab.is_enabled("#next"):
        tab.keyboard.press("ArrowRight")
        said += [p.inner_text() for p in tab.query_selector_all(".total")]
    assert "x is used 3 times, so gradients add: 4 + 20 + 20 = 44" in said
    assert any("1 of 3 so far: 4" in words for words in said)
    assert "= 4 + 20 + 20" in tab.text_content('[data-key="n0"]')


def test_upstream_times_local_is_downstream_in_the_panel(show: Callable[..., Any]) -> None:
    stepper = DEMOS["neuron"]()
    tab, frame = show(stepper), data(stepper)
    tab.keyboard.press("b")
    seen = 0
    while tab.is_enabled("#next"):
        tab.keyboard.press("ArrowRight")
        for sheet in tab.query_selector_all("#panel [data-edge]"):
            edge = frame["edges"][int(sheet.get_attribute("data-edge"))]
            up, local, down = re.fullmatch(
                r"= (\S+) × (\S+) = (\S+)", sheet.query_selector(".numbers").inner_text()
            ).groups()
            assert number(up) * number(local) == pytest.approx(number(down), rel=1e-2)
            assert number(up) == pytest.approx(float(frame["nodes"][edge["to"]]["grad"]["data"][0]), rel=6e-3)
            seen += 1
    assert seen == sum("part" in edge for edge in frame["edges"])


def test_why_lists_the_paths_and_their_sum(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["reuse"](), "#step=3&why=x")
    assert "Why is" in tab.inner_text("#panel h2")
    assert len(tab.query_selector_all("[data-path]")) == 5
    assert "sum = 8 + 12 + 8 + 12 + 4 = 44" in tab.inner_text("#panel")
    tab.keyboard.press("Escape")
    assert tab.inner_text("#where") == "backward 4 / 4"


def test_paths_beyond_six_are_counted_without_walking_them(show: Callable[..., Any]) -> None:
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    tab = show(viz.step(y, names={"x": x}), "#why=x")
    assert "more than 10¹⁵ paths" in tab.inner_text("#panel")
    assert len(tab.query_selector_all("[data-path]")) == 6


def test_a_page_without_a_recording_says_how_to_see_code(show: Callable[..., Any]) -> None:
    assert "viz.recording()" in show(DEMOS["reuse"]()).inner_text("#panel")
    assert "viz.recording()" not in show(DEMOS["network"]()).inner_text("#panel")


def test_the_cells_of_a_product_explain_themselves(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["network"](), "#step=1")
    tab.hover("#panel td.can >> nth=6")
    words = tab.inner_text("#panel .sheet p")
    total, terms = re.match(r"\[1, 1\] = (\S+) = row 1 · column 1 = (.*)", words).groups()
    factors = [[number(f.strip("()")) for f in term.split("·")] for term in terms.split(" + ")]
    assert sum(a * b for a, b in factors) == pytest.approx(number(total), rel=0.05)
    assert len(tab.query_selector_all("td.lit")) == 3 + 3 + 1


def test_a_transposed_gradient_is_in_brackets(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["layers"]())
    tab.keyboard.press("b")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    line = tab.inner_text("#panel .sheet:nth-of-type(2) .line-of")
    assert re.sub(r"\s+", "", line) == "∂out∂w=(∂out∂linear₂)ᵀ@tanh"


def test_the_users_code_is_shown_with_the_expression_marked(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["network"](), "#step=1")
    assert tab.inner_text("mark") == "x @ self.weight"
    assert "demos.py" in tab.inner_text("#panel").lower()


def test_a_nudge_is_compared_with_the_gradient(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["reuse"](), "#why=x")
    tab.fill("input.nudge", "16")
    words = tab.inner_text(".sheet p[aria-live]")
    assert words.startswith("x + 0.001: Δy = 0.044")
    assert "gradient × ε = 0.044 (" in words


def test_numbers_that_are_not_finite_are_shown_and_pointed_out(show: Callable[..., Any]) -> None:
    x = Tensor([[0.0, 1.0], [2.0, 0.0]], requires_grad=True)
    with np.errstate(all="ignore"):
        y = (tg.log(x) * 0.0).sum()
    tab = show(viz.step(y, names={"x": x}))
    assert "∞ starts here" in tab.inner_text("#panel")
    walk(tab)
    assert "∇ 2 not finite" in tab.text_content('[data-key="n0"]')
    assert tab.query_selector(".card .flag")
    check_layout(tab)
    tab.dispatch_event('[data-key="n0"]', "click")
    assert "rms" in tab.inner_text("#panel")


def test_a_broadcast_input_says_that_its_gradient_is_summed(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["network"]())
    tab.keyboard.press("b")
    said = []
    while tab.is_enabled("#next"):
        tab.keyboard.press("ArrowRight")
        said.append(tab.inner_text("#panel"))
    (words,) = [text for text in said if "fc1.bias (5) was broadcast to 4×5, so its gradient is summed" in text]
    assert "→ Σ" in words
