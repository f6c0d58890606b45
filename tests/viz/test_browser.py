"""The stepping page in a real browser: every step is walked, every number compared, every key pressed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.viz import demos
from tests.viz.browser import DEMOS, data, number, walk
from tinygrad_edu import Tensor, viz


@pytest.mark.parametrize("name", DEMOS)
def test_every_step_of_a_demo_is_walked(name: str, show: Callable[..., Any]) -> None:
    stepper = DEMOS[name]()
    tab, frame = show(stepper), data(stepper)
    ops = sum("op" in node for node in frame["nodes"])
    said = walk(tab)
    assert said[0] == "start"
    assert said[1 : ops + 1] == [f"forward {i} / {ops}" for i in range(1, ops + 1)]
    assert said[ops + 1].startswith("backward 1 / ")
    assert "undefined" not in tab.inner_text("body")
    assert "NaN" not in tab.inner_text("body")


@pytest.mark.parametrize("name", DEMOS)
def test_final_gradients_on_the_page_are_those_of_the_engine(name: str, show: Callable[..., Any]) -> None:
    stepper = DEMOS[name]()
    tab, frame = show(stepper), data(stepper)
    tab.keyboard.press("End")
    compared = 0
    for i, node in enumerate(frame["nodes"]):
        card = tab.query_selector(f'[data-key="n{i}"]')
        if card is None or "grad" not in node:
            continue
        expected = [float(v) for v in node["grad"]["data"]]
        if len(expected) == 1 and not node["grad"]["shape"]:
            assert number(card.query_selector(".gradient").text_content()[2:]) == pytest.approx(expected[0], rel=6e-3)
        elif "op" not in node and len(expected) <= 64:
            card.dispatch_event("click")
            cells = tab.eval_on_selector_all("#panel .sheet:has(> figure) td", "(all) => all.map((td) => td.title)")
            assert [number(cell) for cell in cells] == expected
            tab.keyboard.press("Escape")
        compared += 1
    assert compared >= 4


def test_keys_and_the_address(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["network"](), "#step=2")
    where = lambda: tab.inner_text("#where")  # noqa: E731
    assert where() == "forward 2 / 7"
    for key, words in [("ArrowRight", "forward 3 / 7"), ("ArrowLeft", "forward 2 / 7"), ("End", "backward 8 / 8"),
                       ("Home", "start"), ("b", "backward 1 / 8"), ("Home", "start"),
                       ("Shift+ArrowRight", "forward 1 / 7"), ("Shift+ArrowRight", "forward 3 / 7")]:  # fmt: skip
        tab.keyboard.press(key)
        assert where() == words, key
    tab.wait_for_timeout(200)
    assert tab.evaluate("location.hash") == "#step=3"
    tab.keyboard.press("Space")
    assert tab.inner_text("#play") == "Pause"
    tab.wait_for_selector('#where:text-is("forward 4 / 7")')
    tab.keyboard.press("Space")
    assert tab.inner_text("#play") == "Play"
    tab.keyboard.press("h")
    assert tab.get_attribute("#heat", "aria-pressed") == "false"


def test_a_card_can_be_reached_and_used_by_keyboard(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["reuse"]())
    tab.focus('[data-key="n0"]')
    assert tab.is_visible("#tip")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#where") == "why?"
    unlabelled = tab.eval_on_selector_all(
        "button, input, [tabindex]", "(all) => all.filter((e) => !e.ariaLabel && !e.textContent.trim()).length"
    )
    assert unlabelled == 0


def test_the_keyboard_stays_where_it_was_when_a_module_folds(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["stack"]())
    tab.focus('[data-title="1"]')
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.dataset.key") == "m1"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.dataset.title") == "1"


HOSTILE = [
    "</script><script>window.hit=1</script>",
    "<!--<script>",
    '"><img src=x onerror="window.hit=1">',
    "한글𝒩\n\0]]>",
]


def test_a_page_without_gradients_walks_forward_only(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.changed(), names={}))
    assert walk(tab) == ["start", "forward 1 / 3", "forward 2 / 3", "forward 3 / 3"]
    tab.keyboard.press("b")
    tab.dispatch_event('[data-key="n0"]', "click")
    assert "no gradients" in tab.inner_text("#panel").lower()


def test_hostile_names_run_no_script(show: Callable[..., Any]) -> None:
    for name in HOSTILE:
        x = Tensor(2.0, requires_grad=True)
        x.name = name
        tab = show(viz.step(x * x, title=name, names={}))
        walk(tab)
        tab.dispatch_event('[data-key="n0"]', "click")
        assert tab.evaluate("window.hit") is None
        assert name.split("\n")[0][:8] in tab.inner_text("#title")


def test_themes(show: Callable[..., Any]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
    tab = show(viz.step(demos.reuse()), color_scheme="dark")
    assert tab.evaluate(paper) == dark
    tab.keyboard.press("d")
    assert tab.evaluate(paper) == light
    assert show(viz.step(demos.reuse(), theme="dark"), color_scheme="light").evaluate(paper) == dark
    assert show(viz.step(demos.reuse(), theme="light"), color_scheme="dark").evaluate(paper) == light


def test_without_motion_nothing_runs_along_the_arrows(show: Callable[..., Any]) -> None:
    assert show(DEMOS["reuse"](), "#step=1").query_selector(".link .dot")
    assert not show(DEMOS["reuse"](), "#step=1", reduced_motion="reduce").query_selector(".link .dot")


def test_a_training_run_is_stepped_through(show: Callable[..., Any]) -> None:
    w = Tensor(3.0, requires_grad=True)
    with viz.recording() as film:
        for _ in range(3):
            loss = (w - 1.0) ** 2
            film.add(loss)
            w.data = w.data - 0.25 * viz.graph(loss).nodes[0].gradient
    tab = show(viz.step(film))
    assert tab.inner_text("#iteration") == "iteration 1 / 3"
    assert "over 3 iterations: 4 → 0.25" in tab.inner_text("#panel")
    tab.keyboard.press("End")
    tab.keyboard.press("]")
    assert tab.inner_text("#iteration") == "iteration 2 / 3"
    assert number(tab.text_content('[data-key="n0"] .gradient')[2:]) == 2
    tab.wait_for_timeout(200)
    assert "iteration=2" in tab.evaluate("location.hash")


def test_the_picture_can_be_taken_away_as_svg(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["reuse"](), "#step=7")
    tab.evaluate("navigator.clipboard.writeText = (words) => { window.copied = words; return Promise.resolve(); }")
    tab.click("#copy")
    tab.wait_for_selector('#copy:text-is("copied")')
    import xml.etree.ElementTree as ElementTree

    picture = ElementTree.fromstring(tab.evaluate("window.copied"))
    words = {"".join(e.itertext()) for e in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"x", "× a", "∇ 44"} <= words
    assert "var(" not in tab.evaluate("window.copied")
    assert tab.query_selector("#graph .dot")  # dots run on the page, where they are pictures stand still
    assert "animateMotion" not in tab.evaluate("window.copied")


def test_a_page_in_a_notebook_works_in_its_frame(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text("<!doctype html>" + viz.step(demos.reuse())._repr_html_(), "utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#where").inner_text() == "forward 1 / 3"
    tab.close()


def test_heat_is_a_button_and_a_key(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["network"]())
    tab.keyboard.press("End")
    heated = lambda: len(tab.query_selector_all(".link.heat"))  # noqa: E731
    pressed = lambda: tab.get_attribute("#heat", "aria-pressed")  # noqa: E731
    assert (heated() > 5, pressed()) == (True, "true")
    tab.click("#heat")
    assert (heated(), pressed()) == (0, "false")
    tab.keyboard.press("h")
    assert (heated() > 5, pressed()) == (True, "true")


def test_on_paper_the_whole_picture_is_there_light_and_without_buttons(show: Callable[..., Any]) -> None:
    tab = show(viz.step(demos.stack(20), names={}, theme="dark"))
    tab.keyboard.press("+")
    seen = """() => [...document.querySelectorAll(".plate")].every((card) => {
      const c = card.getBoundingClientRect(), s = document.getElementById("graph").getBoundingClientRect();
      return c.left >= s.left - 1 && c.right <= s.right + 1 && c.top >= s.top - 1 && c.bottom <= s.bottom + 1;
    })"""
    assert not tab.evaluate(seen)
    tab.emulate_media(media="print")
    tab.wait_for_selector("html[data-theme=light]")
    assert tab.evaluate(seen)
    assert not tab.is_visible("#next")
    assert tab.is_visible("#panel h2")
    assert tab.is_visible("#legend")
    tab.emulate_media(media="screen")
    tab.wait_for_selector("html[data-theme=dark]")
    assert not tab.evaluate(seen)
    assert tab.pdf().startswith(b"%PDF")
