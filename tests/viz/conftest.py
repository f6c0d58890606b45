"""A real browser for the tests of the stepping page.

Needs Chromium and Playwright. With ``REQUIRE_BROWSER=1`` their absence is a failure, otherwise a skip.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tinygrad_edu import viz

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
