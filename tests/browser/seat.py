"""A person at a device: what they do there, in their language, and what went wrong on the page."""

import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext, Locator, Page, expect

from api import installation
from tests.browser.product import WEB

PATIENCE = 60
"""Seconds until what is waited for counts as not coming."""
expect.set_options(timeout=PATIENCE * 1000)
_T = TypeVar("_T")


@cache
def _catalogue(language: str) -> dict[str, str]:
    path = WEB / "src" / "i18n" / f"{language}.json"
    words: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return words


@cache
def _axe() -> str:
    path = WEB / "node_modules" / "axe-core" / "axe.min.js"
    return path.read_text(encoding="utf-8")


class Seat:
    """A person at a device: their page, and what went wrong on it."""

    def __init__(
        self,
        context: BrowserContext,
        address: str,
        username: str,
        language: str = "en",
        *,
        account: Mapping[str, Any] | None = None,
    ) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.address = address
        self.account = account or next(
            each for each in installation.demo_accounts() if each["username"] == username
        )
        self.language = language
        self.trouble: list[str] = []
        self.foreign: list[str] = []
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.trouble.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(request.url)

    def word(self, key: str) -> str:
        """Give a sentence of the client in this person's language, up to what is filled in."""
        return _catalogue(self.language)[key].split("{", maxsplit=1)[0].strip()

    def sign_in(self) -> "Seat":
        self.page.goto(f"{self.address}/")
        self.page.locator("input[name=username]").fill(self.account["username"])
        self.page.locator("input[type=password]").fill(self.account["password"])
        self.page.keyboard.press("Enter")
        # The sign-in page has a heading of its own: going on before it has left would cut the
        # request short that signs in.
        self.page.locator("main.sign-in").wait_for(state="detached")
        self.page.locator("main h1").wait_for()
        return self

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.page.locator("main h1").wait_for()

    def ask(self, path: str) -> Any:
        """Ask the server what it tells this person now, past what the device has kept."""
        return self.context.request.get(f"{self.address}{path}").json()

    def offered(self, activity: str) -> str:
        """Wait until the server offers work by the name of its step; give the work item's id."""
        return until(lambda: self._find(activity), f"{activity} on the worklist")

    def _find(self, activity: str) -> str | None:
        items = self.ask("/api/worklist")["items"]
        named = (i for i in items if activity == i["activity_names"][self.language])
        return next((str(item["work_item_id"]) for item in named), None)

    def open(self, activity: str) -> None:
        """Open work from the worklist by the name of its step, once it is there."""
        item = self.offered(activity)
        self.go("/")
        self.page.locator(f"main a[href='/work/{item}']").click()
        self.page.locator("main form").wait_for()

    def sign(self) -> None:
        """Press the main action, and sign in the dialog that shows what is signed."""
        dialog = self.ask_to_sign()
        dialog.get_by_label(self.word("sign.username")).fill(self.account["username"])
        dialog.get_by_label(self.word("sign.password")).fill(self.account["password"])
        dialog.locator("button[type=submit]").click()
        self.page.locator("[role=status]", has_text=self.word("done.signed")).first.wait_for()

    def ask_to_sign(self) -> Locator:
        """Press the main action of a signed step; give the dialog that shows what is signed."""
        self.page.keyboard.press("Tab")  # leave the field, as people do
        self.page.get_by_role("button", name=self.word("work.sign_and_complete")).click()
        dialog = self.page.locator("dialog[open]")
        dialog.wait_for()
        return dialog

    def complete(self) -> None:
        """Press the main action of a step that is not signed."""
        self.page.keyboard.press("Tab")
        self.page.get_by_role("button", name=self.word("work.complete")).click()
        self.page.locator("[role=status]", has_text=self.word("done.completed")).first.wait_for()

    def obstacles(self) -> list[str]:
        """Say what keeps people with a handicap from using the screen as it stands.

        axe's findings that are serious or critical; what a finger in a glove misses (48 px, our
        own rule: axe asks for 24); a page that is wider than the screen, a table or an answer that
        is cut off. Looked at from the end of the page, where the bar with the main action covers
        nothing: elsewhere it lies over whatever happens to be scrolled under it.
        """
        self.page.evaluate(_axe())
        found: list[str] = self.page.evaluate(_FIND_OBSTACLES)
        return [f"{self.page.url.removeprefix(self.address)}: {each}" for each in found]


_FIND_OBSTACLES = """async () => {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  const { violations } = await axe.run(document, { runOnly: rules });
  const found = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
  const inText = "p:not(.row) a, dd a, td a, .bjs-powered-by, .djs-container *";
  for (const part of document.querySelectorAll("a, button, input, select, textarea, summary")) {
    if (part.matches(inText) || part.closest("label, .segments, .skip")) continue;
    if (part.matches(".visually-hidden, .skip") || !part.checkVisibility()) continue;
    const { width, height } = part.getBoundingClientRect();
    if (width > 1 && (width < 47.5 || height < 47.5))
      found.push(`${part.tagName}.${part.className}: ${width | 0} × ${height | 0} px`);
  }
  for (const part of document.querySelectorAll(".form-segment, .form-table-scroll"))
    if (part.scrollWidth > part.clientWidth + 1)
      found.push(`${part.className} is ${part.scrollWidth - part.clientWidth} px too narrow`);
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) found.push(`the page is ${over} px wider than the screen`);
  return found;
}"""


def until(look: Callable[[], _T | None], what: str) -> _T:
    """Look again and again until there is something."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {PATIENCE} s")
