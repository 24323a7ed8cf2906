"""Photograph every screen of the real product, to be looked at by people.

    .venv/bin/python tools/take_screenshots.py --out FOLDER [--only NAME ...]
    .venv/bin/python tools/take_screenshots.py --readme

A real server over the demo data, with one delivery received and half inspected, and one released.
Every screen at 360, 768 and 1440 px: each width in one language by day and in the other by night,
and the phone both ways. Beside the pictures it says what axe finds, what is under 48 px and what is
wider than the screen. `--readme` takes the few small ones for docs/screenshots instead.
"""

import argparse
import base64
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations
from tests.browser import inspection, product
from tests.browser.seat import Seat

README = product.ROOT / "docs" / "screenshots"
LOOKS = (
    ("phone", "zh", "light"),
    ("phone", "en", "dark"),
    ("tablet", "en", "light"),
    ("tablet", "zh", "dark"),
    ("desktop", "zh", "light"),
    ("desktop", "en", "dark"),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A screen: whose it is, and what that person does until it stands there."""

    name: str
    person: str
    prepare: Callable[[Seat], None]
    whole: bool = False
    printed: bool = False


def main() -> None:
    """Take all pictures, or those named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, help="the folder for the pictures")
    parser.add_argument("--only", nargs="*", default=[], help="names of screens")
    parser.add_argument("--readme", action="store_true", help="take those of docs/screenshots")
    asked = parser.parse_args()
    if asked.out is None and not asked.readme:
        parser.error("say --out FOLDER or --readme")
    work = Path(tempfile.mkdtemp(prefix="countersign-screenshots-"))
    database = Database(f"sqlite:///{work / 'demo.sqlite3'}")
    migrate(database, migrations.FOLDERS)
    try:
        with (
            product.chromium() as browser,
            product.serving(database, product.copy_of_client(work)) as address,
        ):
            studio = Studio(browser, address)
            studio.furnish()
            if asked.readme:
                studio.for_readme(README)
            else:
                studio.take_all(asked.out, set(asked.only))
    finally:
        database.dispose()
        shutil.rmtree(work)


class Studio:
    """A server with something on it worth looking at, and people at devices of any looks."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.released = ""

    def seat(self, who: str, size: str, language: str, scheme: str) -> Seat:
        context = self.browser.new_context(
            viewport=product.SIZES[size],
            locale=product.LOCALES[language],
            color_scheme=scheme,
            has_touch=size != "desktop",
            device_scale_factor=1,
        )
        return Seat(context, self.address, who, language)

    def furnish(self) -> None:
        """One delivery goes all the way, another one stops before its measurements."""
        people = {
            who: self.seat(who, "desktop", "zh", "light").sign_in()
            for who in ("ann", "ben", "cleo", "dora")
        }
        inspection.receive(people["ann"])
        inspection.inspect(people["ben"])
        inspection.review(people["cleo"])
        inspection.decide(people["dora"])
        self.released = inspection.release(people["dora"])
        for _ in range(3):
            inspection.receive(people["ann"])
        inspection.check_documents(people["ben"])
        inspection.draw_samples(people["ben"])
        for person in people.values():
            person.context.close()

    def shots(self) -> tuple[Shot, ...]:
        return (
            Shot("worklist", "ben", lambda seat: seat.go("/")),
            Shot("task", "ben", lambda seat: _open(seat, "Inspect"), whole=True),
            Shot("task_documents", "ben", lambda seat: _open(seat, "Check the documents")),
            Shot("sign", "ben", _sign_dialog),
            Shot("start", "ann", lambda seat: seat.go("/start")),
            Shot("receive", "ann", inspection.fill_in_delivery, whole=True),
            Shot("done", "ann", _done),
            Shot("diagram", "eve", self._diagram),
            Shot("history", "eve", self._history, whole=True),
            Shot("history_printed", "eve", self._history, whole=True, printed=True),
            Shot("records", "eve", _records),
            Shot("verification", "eve", _verification),
            Shot("stock", "eve", lambda seat: seat.go("/stock")),
            Shot("lot", "eve", _lot, whole=True),
            Shot("settings", "eve", lambda seat: seat.go("/settings"), whole=True),
            Shot("sent", "ann", _sent),
        )

    def _diagram(self, seat: Seat) -> None:
        seat.go(f"/records/{self.released}")
        seat.page.locator(".djs-overlay").first.wait_for()

    def _history(self, seat: Seat) -> None:
        seat.go(f"/records/{self.released}")
        seat.page.locator("main label", has_text=seat.word("instance.history")).first.click()
        seat.page.locator(".manifestation").first.wait_for()

    def take_all(self, folder: Path, only: set[str]) -> None:
        """Take every screen in every look; print what stands in people's way."""
        folder.mkdir(parents=True, exist_ok=True)
        for size, language, scheme in LOOKS:
            look = f"{size}-{language}-{scheme}"
            if not only or "sign_in" in only:
                self._sign_in(folder, size, language, scheme)
            seats: dict[str, Seat] = {}
            for shot in self.shots():
                if only and shot.name not in only:
                    continue
                if shot.person not in seats:
                    seats[shot.person] = self.seat(shot.person, size, language, scheme).sign_in()
                seat = seats[shot.person]
                shot.prepare(seat)
                _take(seat, shot, folder / f"{shot.name}-{look}.png")
            for seat in seats.values():
                for line in {*seat.trouble, *seat.foreign}:
                    print(f"{look}: {line}")
                seat.context.close()

    def _sign_in(self, folder: Path, size: str, language: str, scheme: str) -> None:
        seat = self.seat("ann", size, language, scheme)
        seat.page.goto(self.address)
        seat.page.locator(".demo-account").first.wait_for()
        shot = Shot("sign_in", "ann", lambda _: None, whole=True)
        _take(seat, shot, folder / f"sign_in-{size}-{language}-{scheme}.png")
        seat.context.close()

    def for_readme(self, folder: Path) -> None:
        """Take the few pictures that README.md shows, small and compressed."""
        folder.mkdir(parents=True, exist_ok=True)
        wanted = (
            ("worklist", "phone", "zh", "light"),
            ("task", "phone", "en", "dark"),
            ("sign", "phone", "zh", "light"),
            ("diagram", "desktop", "en", "light"),
            ("history", "tablet", "zh", "light"),
        )
        shots = {shot.name: shot for shot in self.shots()}
        for name, size, language, scheme in wanted:
            seat = self.seat(shots[name].person, size, language, scheme).sign_in()
            shots[name].prepare(seat)
            seat.page.wait_for_timeout(300)
            picture = _as_webp(seat, seat.page.screenshot())
            (folder / f"{name}.webp").write_bytes(picture)
            print(f"{name}: {len(picture) / 1024:.0f} KB")
            seat.context.close()


def _open(seat: Seat, step: str) -> None:
    seat.open(inspection.called(seat, step))
    seat.page.locator("main input[id*='-'], main input[name*='-']").first.wait_for(state="attached")


def _sign_dialog(ben: Seat) -> None:
    _open(ben, "Inspect")
    inspection.measure(ben)
    ben.ask_to_sign()


def _done(ann: Seat) -> None:
    inspection.receive(ann)


def _records(eve: Seat) -> None:
    eve.go("/records")
    eve.page.locator("main label", has_text=eve.word("records.all")).first.click()
    eve.page.locator("main tbody tr").first.wait_for()


def _verification(eve: Seat) -> None:
    eve.go("/verification")
    eve.page.locator("main button[data-kind=primary]").click()
    eve.page.locator("main .notice").wait_for()


def _lot(eve: Seat) -> None:
    eve.go("/stock")
    eve.page.locator("main a[href^='/stock/lots/']").first.click()
    eve.page.locator(".ledger-table").first.wait_for()


def _sent(ann: Seat) -> None:
    """Start a process while the server cannot be reached."""
    ann.go("/start")
    ann.page.locator("main button[data-kind=primary]").first.wait_for()
    ann.page.route("**/api/commands/**", lambda route: route.abort())
    ann.page.locator("main button[data-kind=primary]").first.click()
    ann.page.locator("main .notice").wait_for()
    ann.page.locator("a[href='/sent']").first.click()
    ann.page.locator("main .panel, main li").first.wait_for()


def _take(seat: Seat, shot: Shot, path: Path) -> None:
    """Take one picture as it stands, and look for what keeps people out."""
    if shot.printed:
        seat.page.emulate_media(media="print")
    else:
        for line in seat.obstacles():
            print(f"{path.stem}: {line}")
    seat.page.wait_for_timeout(300)  # what fades in has done so
    seat.page.screenshot(path=str(path), full_page=shot.whole)
    if shot.printed:
        seat.page.emulate_media(media="screen")
        seat.page.pdf(path=str(path.with_suffix(".pdf")), format="A4")
    sys.stdout.flush()


def _as_webp(seat: Seat, content: bytes) -> bytes:
    """Write a picture as WebP, a quarter of its size as PNG; the browser can do that."""
    page = seat.context.new_page()
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    written: str = page.evaluate(
        """async (source) => {
          const image = new Image();
          image.src = source;
          await image.decode();
          const canvas = document.createElement("canvas");
          canvas.width = image.width;
          canvas.height = image.height;
          canvas.getContext("2d").drawImage(image, 0, 0);
          return canvas.toDataURL("image/webp", 0.8);
        }""",
        source,
    )
    page.close()
    return base64.b64decode(written.split(",", maxsplit=1)[1])


if __name__ == "__main__":
    main()
