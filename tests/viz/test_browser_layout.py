"""The picture of the stepping page in a real browser: nothing overlaps, open, folded or turned."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz import demos
from tests.viz.browser import DEMOS, check_layout, overlap, walk
from tinygrad_edu import Tensor, nn, viz


@pytest.mark.parametrize("name", DEMOS)
def test_nothing_overlaps_open_folded_or_turned(name: str, show: Callable[..., Any]) -> None:
    tab = show(DEMOS[name]())
    tab.keyboard.press("End")
    opened = check_layout(tab)
    tab.keyboard.press("r")
    assert check_layout(tab) == opened
    if tab.is_enabled("#fold"):
        tab.keyboard.press("c")
        assert check_layout(tab) < opened
        tab.keyboard.press("r")
        check_layout(tab)
        tab.keyboard.press("c")
        assert check_layout(tab) == opened


def test_every_module_folds_and_unfolds(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["stack"]())
    opened = check_layout(tab)
    calls = tab.eval_on_selector_all("[data-call]", "(all) => all.map((b) => b.dataset.call)")
    assert len(calls) == 7
    for call in calls:
        tab.dispatch_event(f'[data-title="{call}"]', "click")
        assert check_layout(tab) < opened
        tab.dispatch_event(f'[data-key="m{call}"]', "click")
        assert check_layout(tab) == opened


def test_empty_arrays_have_cards(show: Callable[..., Any]) -> None:
    x = Tensor(np.zeros((0, 3)), requires_grad=True)
    tab = show(viz.step((x * 2.0).sum() + 1.0, names={"x": x}))
    walk(tab)
    check_layout(tab)


def test_too_many_cards_open_folded(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.stack(80), names={}))
    assert tab.inner_text("#fold") == "unfold"
    assert len(tab.query_selector_all(".card")) <= 400


def test_repeated_siblings_are_one_card_that_unfolds(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.stack(40), names={}))
    (group,) = tab.query_selector_all(".card.module")
    assert "+37 more Block" in group.text_content()
    assert check_layout(tab) < 30
    tab.keyboard.press("r")
    check_layout(tab)
    walk(tab)
    group = tab.query_selector(".card.module")
    assert "parameters" in group.text_content()
    group.dispatch_event("click")
    assert tab.query_selector_all(".card.module") == []
    assert check_layout(tab) > 200
    title = tab.query_selector('.box-title:has-text("+37 more Block")')
    title.dispatch_event("click")
    assert check_layout(tab) < 30


def test_few_siblings_stay_as_they_are_and_many_open_in_turn(show: Callable[..., Any]) -> None:
    assert show(viz.step(demos.stack(5), names={})).query_selector_all(".card.module") == []
    tab = show(viz.step(demos.stack(120), names={}))
    tab.dispatch_event(".card.module", "click")
    assert len(tab.query_selector_all(".card.module")) == 117
    assert check_layout(tab) <= 400


def test_a_long_loop_without_modules_opens_in_groups(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.unrolled(100), names={}))
    assert 100 < check_layout(tab) <= 400
    tab.dispatch_event(".card.module", "click")
    check_layout(tab)
    tab.keyboard.press("End")
    assert tab.inner_text("#where") == "backward 502 / 502"


def test_four_hundred_cards_are_drawn_in_two_seconds(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.stack(66), names={}))
    tab.keyboard.press("c")
    assert 390 <= len(tab.query_selector_all(".card")) <= 400
    taken = (
        "() => { const t = performance.now(); document.getElementById('turn').click(); return performance.now() - t; }"
    )
    assert min(tab.evaluate(taken) for _ in range(2)) < 2000


def cut_off() -> viz.Stepper:
    """Two ways on which no gradient comes back, one of them out of a module."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
    x = Tensor(demos.numbers(2, 3), requires_grad=True)
    with viz.recording() as film:
        h = net(x)
        loss = (tg.where(h > 0, h, h * 0.5) / h.detach().mean()).sum()
        x.argmax()
    return viz.step(loss, names={"x": x, "h": h}, events=film)


def test_dotted_arrows_show_where_numbers_went_without_a_gradient(show: Callable[..., Any]) -> None:
    tab = show(cut_off())
    words = "(all) => all.map((link) => link.textContent).sort()"
    assert tab.eval_on_selector_all(".link.ghost", words) == ["", "detach ⊣", "greater ⊣"]
    assert tab.inner_text("#legend").endswith("no gradient comes back")
    walk(tab)
    assert len(tab.query_selector_all(".link.ghost")) == 3
    assert not tab.query_selector(".link.ghost.back, .link.ghost.heat")
    for key in "rcr":
        check_layout(tab)
        tab.keyboard.press(key)
    check_layout(tab)


def test_an_end_that_led_to_nothing_is_a_stub_beside_its_value(show: Callable[..., Any]) -> None:
    tab = show(cut_off())
    stub = tab.query_selector(".card.stub")
    assert stub.text_content() == "argmax ⊣"
    assert tab.eval_on_selector_all(".card.stub", "(all) => all.length") == 1
    tab.hover(".card.stub")
    assert "x.argmax()" in tab.inner_text("#tip")
    stub.dispatch_event("click")
    assert "∂x" in tab.inner_text("#panel h2")
    assert not tab.query_selector(".card.stub.onpath")


def test_the_legend_has_dotted_arrows_only_where_there_are_some(show: Callable[..., Any]) -> None:
    assert not show(DEMOS["reuse"]()).is_visible("#dotted")
    assert show(DEMOS["layers"]()).is_visible("#dotted")


RECTS = """(kinds) => {
  const rect = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
  return kinds.map((kind) => [...document.querySelectorAll(kind)].map(rect));
}"""


def test_words_on_an_arrow_touch_no_card(show: Callable[..., Any]) -> None:
    for name in "layers", "network", "stack":
        tab = show(DEMOS[name]())
        for key in "0r":
            tab.keyboard.press(key)
            tab.keyboard.press("b")
            seen = 0
            while tab.is_enabled("#next"):
                tab.keyboard.press("ArrowRight")
                words, cards = tab.evaluate(RECTS, [".words .local", ".plate"])
                seen += len(words)
                assert not any(overlap(word, card) for word in words for card in cards), tab.inner_text("#where")
            assert seen > 5


def test_the_minimap_shows_the_window_of_a_large_picture(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.stack(20), names={}))
    assert tab.is_visible("#minimap")
    tab.keyboard.press("End")
    place = "(window) => [window.getAttribute('x'), window.getAttribute('y')]"
    found = []
    for at in ({"x": 10, "y": 10}, {"x": 160, "y": 110}):
        tab.click("#minimap", position=at)
        found.append([float(v) for v in tab.eval_on_selector("#minimap .window", place)])
    assert found[0] != found[1]
    assert all(a <= b for a, b in zip(*found, strict=True))


def test_the_number_of_uses_on_an_arrow_touches_no_card(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.unrolled(100), names={}))
    for key in ("Escape", "r"):  # as it opens, and turned: as large as it is read
        tab.keyboard.press(key)
        counts, cards = tab.evaluate(RECTS, [".link .count", ".plate"])
        assert len(counts) > 10
        assert not any(overlap(count, card) for count in counts for card in cards)


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 800, "height": 600}])
def test_the_minimap_is_small_in_a_small_window_and_the_legend_keeps_off_it(
    size: dict[str, int], show: Callable[..., Any]
) -> None:
    tab = show(viz.step(demos.stack(20), names={}))
    tab.set_viewport_size(size)
    (stage,), (minimap,), (legend,) = tab.evaluate(RECTS, ["#stage", "#minimap", "#legend"])
    assert not overlap(minimap, legend)
    assert (minimap[3] - minimap[1]) / (stage[3] - stage[1]) < 0.25


def test_a_number_without_a_name_stands_in_the_middle_of_its_card(show: Callable[..., Any]) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    tab = show(viz.step((x * Tensor(np.array([[4.0]], np.float32)).sum()).sum(), names={}))
    (card,), (number,) = tab.evaluate(RECTS, ['[data-key="n1"] .plate', '[data-key="n1"] .number'])
    assert (number[1] + number[3]) / 2 == pytest.approx((card[1] + card[3]) / 2, abs=0.12 * (card[3] - card[1]))
