"""Computations whose pages are walked in a real browser, and what is read from such a page."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tests.viz import demos
from tinygrad_edu import Tensor, nn, viz


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
