"""The stepping page in a real browser: every step is walked, every number compared, and nothing overlaps.

Needs Chromium and Playwright. With ``REQUIRE_BROWSER=1`` their absence is a failure, otherwise a skip.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz import demos
from tinygrad_edu import Tensor, nn, viz

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A fresh browser without a window."""
    required = os.environ.get("REQUIRE_BROWSER") == "1"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if sync_playwright is None or CHROMIUM is None:
        missing = "playwright is not installed" if sync_playwright is None else "no Chromium on this machine"
        (pytest.fail if required else pytest.skip)(missing)
    with sync_playwright() as playwright:
        folder = str(tmp_path_factory.mktemp("profile"))
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=CHROMIUM, args=FLAGS, viewport={"width": 1500, "height": 850}, accept_downloads=True
        )
        yield context
        context.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Show a page; afterwards there must have been no error and no request."""
    shown, said = [], []

    def opened(stepper: viz.Stepper, fragment: str = "", **media: str) -> Any:
        path = stepper.save(tmp_path / f"page{len(shown)}.html")
        tab = browser.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        if media:
            tab.emulate_media(**media)
        tab.goto(path.as_uri() + fragment)
        tab.wait_for_selector("#panel .tag")
        shown.append(tab)
        return tab

    yield opened
    for tab in shown:
        loaded = tab.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
        tab.close()
        assert loaded == []
    assert said == []


def two_samples() -> viz.Stepper:
    """A network whose weights have names, computed where its program is seen."""
    net, x = demos.Network(), Tensor(demos.numbers(4, 3))
    with viz.recording() as film:
        scores = net(x)
        loss = (scores**2).mean()
    return viz.step(loss, names={"x": x, "loss": loss, "scores": scores, **dict(net.named_parameters())}, events=film)


DEMOS: dict[str, Callable[[], viz.Stepper]] = {
    "neuron": lambda: viz.step(demos.neuron(), names={}),
    "reuse": lambda: viz.step(demos.reuse(), names={}),
    "network": two_samples,
    "stack": lambda: viz.step(demos.stack(3), names={}),
    "unrolled": lambda: viz.step(demos.unrolled(5), names={}),
    "layers": lambda: viz.step(layers(), names={}),
    "vectors": lambda: viz.step(vectors(), names={}),
}


def layers() -> Tensor:
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3))
    x = Tensor(demos.numbers(5, 3))
    return nn.CrossEntropyLoss()(net(x), Tensor(np.array([0, 2, 1, 1, 0])))


def vectors() -> Tensor:
    a, b = Tensor([1.0, -2.0, 3.0], requires_grad=True), Tensor([[0.5], [2.0]], requires_grad=True)
    a.name, b.name = "a", "b"
    mixed = tg.concatenate([a * b, tg.exp(-(b**2)) + a]).T
    return (mixed.sum(axis=0) * 2.0 - 1.0).max() + tg.log(a[0] + 3.0)


def data(stepper: viz.Stepper) -> Any:
    return json.loads(re.findall(r'id="data">(.*?)</script>', stepper.html, re.DOTALL)[0])["frames"][0]


def number(text: str) -> float:
    """What a person reads in 5.1·10⁻⁵."""
    text = text.replace("−", "-").replace("∞", "inf")
    digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    mantissa, power, exponent = text.partition("·10")
    return float(mantissa) * 10 ** int(exponent.translate(digits)) if power else float(mantissa)


RECTANGLES = """() => {
  const rect = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
  const cards = [...document.querySelectorAll(".card")].map((c) => ({
    key: c.dataset.key, rect: rect(c.querySelector(".plate")),
    texts: [...c.querySelectorAll("text:not(.flag-sign)")].map(rect) }));
  const boxes = [...document.querySelectorAll(".box")].map(rect);
  return { cards, boxes };
}"""


def overlap(a: list[float], b: list[float]) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.5 and min(a[3], b[3]) - max(a[1], b[1]) > 0.5


def inside(a: list[float], b: list[float], slack: float = 1.5) -> bool:
    return a[0] > b[0] - slack and a[1] > b[1] - slack and a[2] < b[2] + slack and a[3] < b[3] + slack


def check_layout(tab: Any) -> int:
    """Cards overlap nothing, their words stay within them, and boxes hold cards wholly or not at all."""
    found = tab.evaluate(RECTANGLES)
    cards, boxes = found["cards"], found["boxes"]
    for i, card in enumerate(cards):
        for other in cards[:i]:
            assert not overlap(card["rect"], other["rect"]), (card["key"], other["key"])
        for words in card["texts"]:
            assert inside(words, card["rect"], 3), f"the words of {card['key']} leave it"
        for box in boxes:
            assert inside(card["rect"], box) or not overlap(card["rect"], box), card["key"]
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            assert inside(box, other) or inside(other, box) or not overlap(box, other)
    return len(cards)


def walk(tab: Any) -> list[str]:
    """Press the arrow key to the end; what stood beside the slider."""
    said = [tab.inner_text("#where")]
    while tab.is_enabled("#next"):
        tab.keyboard.press("ArrowRight")
        said.append(tab.inner_text("#where"))
    return said


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


HOSTILE = [
    "</script><script>window.hit=1</script>",
    "<!--<script>",
    '"><img src=x onerror="window.hit=1">',
    "한글𝒩\n\0]]>",
]


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


def test_empty_arrays_have_cards(show: Callable[..., Any]) -> None:
    x = Tensor(np.zeros((0, 3)), requires_grad=True)
    tab = show(viz.step((x * 2.0).sum() + 1.0, names={"x": x}))
    walk(tab)
    check_layout(tab)


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


def test_a_page_in_a_notebook_works_in_its_frame(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text("<!doctype html>" + viz.step(demos.reuse())._repr_html_(), "utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#where").inner_text() == "forward 1 / 3"
    tab.close()


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


def test_words_on_an_arrow_touch_no_card(show: Callable[..., Any]) -> None:
    rects = """() => {
      const rect = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
      return [".words .local", ".plate"].map((kind) => [...document.querySelectorAll(kind)].map(rect));
    }"""
    for name in "layers", "network", "stack":
        tab = show(DEMOS[name]())
        for key in "0r":
            tab.keyboard.press(key)
            tab.keyboard.press("b")
            seen = 0
            while tab.is_enabled("#next"):
                tab.keyboard.press("ArrowRight")
                words, cards = tab.evaluate(rects)
                seen += len(words)
                assert not any(overlap(word, card) for word in words for card in cards), tab.inner_text("#where")
            assert seen > 5


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


def test_a_broadcast_input_says_that_its_gradient_is_summed(show: Callable[..., Any]) -> None:
    tab = show(DEMOS["network"]())
    tab.keyboard.press("b")
    said = []
    while tab.is_enabled("#next"):
        tab.keyboard.press("ArrowRight")
        said.append(tab.inner_text("#panel"))
    (words,) = [text for text in said if "fc1.bias (5) was broadcast to 4×5, so its gradient is summed" in text]
    assert "→ Σ" in words


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
