"""How somebody works a page: by mouse, or by keyboard alone. The journeys are the same for both."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 400

# Where the focus is, whether that is where we want to be, and whether anybody can see it.
LOOK = """wanted => {
  const e = document.activeElement;
  const style = getComputedStyle(e), box = e.getClientRects()[0];
  const isDrawn = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== 'none'
    || [...e.querySelectorAll('path')].some(p => parseFloat(getComputedStyle(p).strokeWidth) > 3);
  const fifths = [.1, .3, .5, .7, .9];
  const spots = box ? fifths.flatMap(x => fifths.map(y => [x, y])) : [];
  const isOnTop = spots.some(([x, y]) => {
    const hit = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
    return hit && (e.contains(hit) || hit.contains(e));
  });
  // The browser draws the focus itself within frames and on the calendar of a date.
  const isItsOwn = e === document.body || e.tagName === 'IFRAME'
    || (e.type === 'date' && !e.matches(':focus'));
  const group = e.type === 'radio' && wanted.type === 'radio'
    && e.name === wanted.name && e.form === wanted.form;
  return {
    isThere: e === wanted || group, isVisible: isItsOwn || (isDrawn && isOnTop),
    what: e.outerHTML.slice(0, 160),
  };
}"""


class Hands(Protocol):
    def press(self, target: Locator) -> None: ...

    def write(self, target: Locator, words: str) -> None: ...

    def choose(self, target: Locator, option: str) -> None: ...

    def pick(self, target: Locator) -> None: ...

    def tick(self, target: Locator) -> None: ...

    def give(self, target: Locator, file: Path) -> None: ...

    def take(self, offered: Locator) -> None: ...

    def mark_first_line(self, target: Locator, words: str) -> None: ...


class Mouse:
    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, words: str) -> None:
        target.fill(words)

    def choose(self, target: Locator, option: str) -> None:
        target.select_option(label=option)

    def pick(self, target: Locator) -> None:
        target.check()

    def tick(self, target: Locator) -> None:
        target.check()

    def give(self, target: Locator, file: Path) -> None:
        target.set_input_files(file)

    def take(self, offered: Locator) -> None:
        offered.click()

    def mark_first_line(self, target: Locator, words: str) -> None:
        target.click(click_count=3, position={"x": 20, "y": 14})


class Keyboard:
    """Tab, arrows, Space, Enter and letters. Every stop on the way must show where the focus is."""

    def press(self, target: Locator) -> None:
        self.reach(target)
        target.page.keyboard.press("Enter")

    def write(self, target: Locator, words: str) -> None:
        self.reach(target)
        keys = target.page.keyboard
        if target.get_attribute("type") == "date":
            year, month, day = words.split("-")
            keys.type(f"{month}{day}{year}")  # the order of this browser’s own language
        else:
            keys.press("ControlOrMeta+a")
            keys.type(words)
        assert target.input_value() == words

    def choose(self, target: Locator, option: str) -> None:
        self.reach(target)
        keys = target.page.keyboard
        keys.press("Home")
        for _ in range(target.locator("option").count()):
            if target.locator("option:checked").inner_text().strip() == option:
                return
            keys.press("ArrowDown")
        assert target.locator("option:checked").inner_text().strip() == option

    def pick(self, target: Locator) -> None:
        self.reach(target)
        keys = target.page.keyboard
        for _ in range(40):
            if target.evaluate("e => e === document.activeElement"):
                break
            keys.press("ArrowDown")
        if not target.is_checked():
            keys.press("Space")
        assert target.is_checked()

    def tick(self, target: Locator) -> None:
        self.reach(target)
        target.page.keyboard.press("Space")
        assert target.is_checked()

    def give(self, target: Locator, file: Path) -> None:
        self.reach(target)
        with target.page.expect_file_chooser() as opened:
            target.page.keyboard.press("Enter")
        opened.value.set_files(file)

    def take(self, offered: Locator) -> None:
        """One of the list below the box in which somebody types."""
        offered.wait_for()
        keys = offered.page.keyboard
        for _ in range(offered.locator("xpath=../*").count()):
            if offered.get_attribute("aria-selected") == "true":
                break
            keys.press("ArrowDown")
        keys.press("Enter")

    def mark_first_line(self, target: Locator, words: str) -> None:
        self.reach(target)
        keys = target.page.keyboard
        keys.press("ControlOrMeta+Home")
        for _ in words:
            keys.press("Shift+ArrowRight")

    def reach(self, target: Locator) -> None:
        """Tab on until there; whatever Tab cannot reach, or takes more stops, fails."""
        page, wanted = target.page, target.element_handle()
        for _ in range(MOST_STOPS):
            seen: dict[str, Any] = page.evaluate(LOOK, wanted)
            assert seen["isVisible"], f"{page.url}: nobody sees the focus on {seen['what']}"
            if seen["isThere"]:
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{page.url}: Tab never came to {target}, last at {seen['what']}")


def _nothing(_: Page) -> None:
    pass


def _beginning(words: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(words)}")


@dataclass
class Visitor:
    """Somebody at a browser, who finds what they want by the words on it."""

    page: Page
    hands: Hands
    on_each_page: Callable[[Page], None] = _nothing
    has_scripts: bool = True
    acts: int = 0  # what they did, each box they went to being one

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.on_each_page(self.page)

    def follow(self, words: str) -> None:
        self.go(self.page.get_by_role("link", name=words).first)

    def press(self, words: str) -> None:
        self.go(self.page.get_by_role("button", name=words).first)

    def go(self, target: Locator) -> None:
        self.acts += 1
        target.wait_for()
        with self.page.expect_navigation():
            self.hands.press(target)
        self.on_each_page(self.page)

    def unfold(self, words: str) -> None:
        self.acts += 1
        self.hands.press(self.page.locator("summary", has_text=words).first)

    def write(self, label: str, words: str) -> None:
        self.acts += 1
        self.hands.write(self._labelled(label), words)

    def choose(self, label: str, option: str) -> None:
        self.acts += 1
        self.hands.choose(self._labelled(label), option)

    def pick(self, label: str) -> None:
        self.acts += 1
        self.hands.pick(self.page.get_by_role("radio", name=label).first)

    def tick(self, *labels: str) -> None:
        for label in labels:
            self.acts += 1
            self.hands.tick(self.page.get_by_role("checkbox", name=_beginning(label)).first)

    def give(self, label: str, file: Path) -> None:
        self.acts += 1
        self.hands.give(self._labelled(label), file)

    def sees(self, *words: str) -> None:
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one)

    def is_at(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)

    def _labelled(self, label: str) -> Locator:
        return self.page.get_by_label(label).locator("visible=true").first
