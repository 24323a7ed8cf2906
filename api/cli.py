"""countersign: the command line. Every change it makes goes through the dispatcher too."""

import io
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
import qrcode
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from api import installation, mailing
from api.app import create_app
from api.context import EngineAccess
from api.settings import Settings, from_environment
from api.story import tell
from api.story.teller import TaleRefused
from api.tls import Certificates, certificates, fingerprint, own_address
from engine.actors import engine_actor
from engine.background.schedule import Schedule
from engine.background.work import BackgroundWork
from engine.commands.definitions import DeployDefinition
from engine.definitions import DefinitionRefused, read_package
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.outcomes import Accepted, Outcome, Rejected
from engine.store.database import Database
from engine.store.migration import migrate
from engine.verification import verify
from processes import migrations, registry
from processes.generated import SIZES
from processes.generated import generate as generate_data
from processes.ledger import item_import
from processes.ledger.distribution.shipment_file import FileUnreadable, import_shipments
from processes.ledger.file_import import ImportRefused, import_gudid
from processes.ledger.gudid import NotGudid, file_hash
from processes.ledger.item_import import Progress

console = Console(highlight=False)
SHOWN = 50
"""How many bad records of an import are printed; all of them are kept."""


@click.group()
def main() -> None:
    """Countersign · 会签: processes of medical device makers, executed and on the record."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # what is said is read, also through a pipe
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def _said(text: Mapping[str, str]) -> str:
    """Give a text in the language of the terminal: Chinese for zh, else English."""
    said = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    language = next((each for each in said if each), "")  # as POSIX: the first that says anything
    return text["zh" if language.lower().startswith("zh") else "en"]


def _open() -> tuple[Settings, Dispatcher]:
    settings = from_environment()
    database = Database(settings.database)
    migrate(database, migrations.FOLDERS)
    return settings, installation.dispatcher(database, server_key=settings.server_key)


@main.command()
@click.option("--demo", is_flag=True, help="Fill it with demo people, devices and processes.")
def init(*, demo: bool) -> None:
    """Make the database, the tenant and its configuration; safe to repeat."""
    settings, dispatcher = _open()
    begun = time.monotonic()
    made = installation.prepare(dispatcher, settings.tenant, demo=demo)
    spent = time.monotonic() - begun
    console.print(f"Database ready in {spent:.1f} s: {made}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=int)
@click.option("--server", type=click.Choice(["waitress", "granian"]), default="waitress")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes of granian that serve one PostgreSQL database.",
)
@click.option("--demo", is_flag=True, help="Fill the database with demo data if it is empty.")
@click.option("--tls", is_flag=True, help="HTTPS on the local network, by an authority of its own.")
def serve(host: str, port: int, server: str, workers: int, *, demo: bool, tls: bool) -> None:
    """Serve the product; with --demo, print the demo accounts."""
    if tls:
        os.environ["COUNTERSIGN_SECURE_COOKIES"] = "1"
    settings, dispatcher = _open()
    _require_workers(workers, granian=tls or server == "granian", database=dispatcher.database)
    installation.prepare(dispatcher, settings.tenant, demo=demo)
    accounts = installation.demo_accounts() if demo else []
    access = EngineAccess(dispatcher=dispatcher, tenant=settings.tenant, demo_accounts=accounts)
    app = create_app(
        access,
        secret_key=settings.secret_key,
        web=settings.web,
        secure_cookies=settings.secure_cookies,
    )
    if tls:
        address = own_address()
        made = certificates(settings.folder / "tls", address)
        _announce_tls(address, port, made, accounts)
        dispatcher.database.dispose()
        _granian("0.0.0.0", port, demo=demo, workers=workers, tls=made)  # noqa: S104  # for the phones around
        return
    _announce(host, port, accounts)
    if server == "granian":
        dispatcher.database.dispose()  # its worker opens its own
        _granian(host, port, demo=demo, workers=workers)
        return
    signal.signal(signal.SIGTERM, _stopped)
    schedule = Schedule(BackgroundWork(dispatcher))
    schedule.start()
    mails = mailing.started(dispatcher, settings.tenant)
    try:
        _waitress(app, host, port)
    finally:
        schedule.stop()
        if mails is not None:
            mails.stop()


def _stopped(_signal: int, _frame: object) -> None:
    """Stop as with Ctrl+C: what is under way is answered, the background work is ended."""
    raise SystemExit(0)


def _announce(host: str, port: int, accounts: list[Any]) -> None:
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104  # compared only
    console.print(f"\n  Countersign · 会签   [bold]http://{shown}:{port}/[/bold]\n")
    _list(accounts)


def _announce_tls(address: str, port: int, made: Certificates, accounts: list[Any]) -> None:
    """Show the address as a picture for the phone's camera, and by what to know the authority."""
    link = f"https://{address}:{port}/"
    code = qrcode.QRCode(border=2)
    code.add_data(link)
    drawn = io.StringIO()
    code.print_ascii(out=drawn, invert=True)
    console.print(f"\n  Countersign · 会签   [bold]{link}[/bold]\n\n{drawn.getvalue()}")
    console.print(
        f"  Root of this installation's authority: {link}authority.crt\n"
        f"  SHA-256 {fingerprint(made.root)}\n"
        "  How to install it on a phone: docs/https.md · 在手机上的安装方法见 docs/https.md\n"
    )
    _list(accounts)


def _list(accounts: list[Any]) -> None:
    if accounts:
        table = Table("user name", "password", "who", "roles", box=None, pad_edge=False)
        for account in accounts:
            name = f"{account['name']['en']} {account['name']['zh']}"
            table.add_row(
                account["username"], account["password"], name, " ".join(account["roles"])
            )
        console.print(table)
        console.print("\n  Stop with Ctrl+C.\n")


def _waitress(app: Any, host: str, port: int) -> None:
    from waitress import serve as run  # noqa: PLC0415  # the server that was not chosen stays out

    run(
        app,
        host=host,
        port=port,
        threads=8,
        ident="countersign",
        max_request_body_size=80_000_000,
        clear_untrusted_proxy_headers=False,  # settings.client_address says whom to believe
    )


def _require_workers(workers: int, *, granian: bool, database: Database) -> None:
    """Refuse more processes than can share the database."""
    if workers == 1:
        return
    if not granian:
        raise click.UsageError("More than one worker needs --server granian.")
    if database.is_sqlite:
        raise click.UsageError(
            "SQLite has one owner: serve it by one worker, or set COUNTERSIGN_DATABASE to a "
            "PostgreSQL database."
        )


def _granian(
    host: str, port: int, *, demo: bool, workers: int, tls: Certificates | None = None
) -> None:
    """Granian loads the application in processes of their own, each with its background work: what
    is to be done is claimed, or answered once by its id, whoever asks."""
    from granian import Granian  # noqa: PLC0415

    if demo:
        os.environ["COUNTERSIGN_DEMO"] = "1"  # all that the other process is told
    Granian(
        "api.wsgi:application",
        address=host,
        port=port,
        interface="wsgi",
        workers=workers,
        blocking_threads=8,
        factory=True,
        log_access=False,
        ssl_cert=None if tls is None else tls.certificate,
        ssl_key=None if tls is None else tls.key,
    ).serve()


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--change", help="Number of the change order that releases this version.")
def deploy(folder: Path, change: str | None) -> None:
    """Check, compile and put in force the process in FOLDER. Once the installation is live, it
    takes a change order that names the package."""
    settings, dispatcher = _open()
    installation.prepare(dispatcher, settings.tenant, demo=False)
    try:
        package = read_package(folder)
    except DefinitionRefused as refused:
        for problem in refused.problems:
            console.print(f"  {problem.file}: {_said(problem.message)}  [{problem.code}]")
        sys.exit(1)
    command = DeployDefinition(
        command_id=new_id(), files=package.files, process_id=package.process_id, change=change
    )
    outcome = dispatcher.dispatch(command, engine_actor(settings.tenant, "command line"))
    if isinstance(outcome, Rejected):
        console.print(f"package {package.hash}")  # what a change order has to name
    _report(outcome)
    if isinstance(outcome, Accepted):
        result = outcome.result
        console.print(
            f"{result['process_id']} version {result['version']} is in force "
            f"({result['definition_hash'][:12]}…)"
        )
        for warning in result["warnings"]:
            console.print(f"  warning: {_said(warning)}")
        for note in result["notes"]:
            console.print(f"  offline: {_said(note)}")


def _report(outcome: Outcome) -> None:
    """Print a refusal and leave with an error."""
    if isinstance(outcome, Accepted):
        return
    console.print(f"[bold]Refused[/bold] ({outcome.reason}): {_said(outcome.message)}")
    for error in outcome.errors:
        console.print(f"  {error.path}  {_said(error.message)}  [{error.code}]")
    sys.exit(1)


@main.command(name="verify")
def verify_record() -> None:
    """Re-check every chain, rebuild every projection, compare, and name what differs."""
    settings, dispatcher = _open()
    begun = time.monotonic()
    with dispatcher.database.reading() as db:
        report = verify(db, settings.tenant, registry.checks())
    spent = time.monotonic() - begun
    counted = ", ".join(f"{count} {what}" for what, count in sorted(report.checked.items()))
    console.print(f"Checked in {spent:.1f} s: {counted}")
    for difference in report.differences:
        place = (
            difference.stream
            if difference.seq is None
            else (f"{difference.stream} entry {difference.seq}")
        )
        console.print(f"  {difference.code}  {place}: {_said(difference.message)}")
    if not report.whole:
        console.print(f"[bold]{len(report.differences)} differences.[/bold]")
        sys.exit(1)
    console.print("The record is whole.")


@main.group(name="import")
def import_() -> None:
    """Bring data in from outside."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def gudid(file: Path) -> None:
    """Read the FDA's device file into items with their package levels. Stop it when you like:
    it goes on where it stopped."""
    settings, dispatcher = _open()
    installation.prepare(dispatcher, settings.tenant, demo=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with ProgressBar(*columns, console=console) as bar:
        task = bar.add_task("Reading", total=1.0)

        def report(done: Progress, share: float) -> None:
            bar.update(task, completed=share, description=f"{done.records_read} devices")

        actor = engine_actor(settings.tenant, "import")
        try:
            done = import_gudid(dispatcher, actor, file, report)
        except (NotGudid, ImportRefused) as stopped:
            console.print(_said(stopped.message))
            sys.exit(1)
    console.print(
        f"{done.records_read} records: {done.accepted} items new or changed, "
        f"{done.unchanged} as before, {done.refused} that could not be used."
    )
    with dispatcher.database.reading() as db:
        for bad in item_import.problems(db, settings.tenant, file_hash(file))[:SHOWN]:
            console.print(f"  record {bad.number}: {_said(bad.reason)}")


@import_.command(name="shipments")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file_of_shipments(file: Path) -> None:
    """Post the shipments of a CSV file, each past the same gates as a person's."""
    settings, dispatcher = _open()
    refused = 0
    try:
        for order, outcome in import_shipments(
            dispatcher, engine_actor(settings.tenant, "import"), file
        ):
            if isinstance(outcome, Accepted):
                console.print(f"  {order}: {outcome.result['shipment_number']}")
            else:
                refused += 1
                console.print(f"  {order}: refused. {_said(outcome.message)}")
    except FileUnreadable as bad:
        console.print(f"[bold]Nothing was posted.[/bold] {_said(bad.refusal.message)}")
        sys.exit(1)
    sys.exit(1 if refused else 0)


@main.group()
def demo() -> None:
    """Data to try the product on."""


@demo.command()
@click.option("--size", type=click.Choice(sorted(SIZES)), default="small", show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same data."
)
@click.option(
    "--answers",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where to write the expected answers; beside the database when not given.",
)
def generate(size: str, seed: int, answers: Path | None) -> None:
    """Generate lots, orders, units and shipments with known defects, and the expected answers."""
    settings, dispatcher = _open()
    installation.prepare(dispatcher, settings.tenant, demo=False)
    begun = time.monotonic()
    expected = generate_data(dispatcher, settings.tenant, size, seed)
    path = answers or settings.folder / f"expected_{size}_{seed}.json"
    path.write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(f"Generated in {time.monotonic() - begun:.0f} s. Expected answers: {path}")


@demo.command()
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def story(language: str) -> None:
    """Tell one story on a fresh database: an order, a bad lot, its nonconformity, a change, a
    recall of what was shipped; then verify, and the mass balance of every lot."""
    settings, dispatcher = _open()
    installation.prepare(dispatcher, settings.tenant, demo=True)
    begun = time.monotonic()
    try:
        say = partial(console.print, markup=False, soft_wrap=True)
        ending = tell(dispatcher, settings.tenant, say, language)
    except TaleRefused as refused:
        console.print(f"[bold]The story stops here.[/bold] {refused}")
        console.print("It is told on a fresh database; was it told on this one before?")
        sys.exit(1)
    counted = ", ".join(f"{count} {what}" for what, count in sorted(ending.report.checked.items()))
    console.print(f"\nTold in {time.monotonic() - begun:.0f} s. Checked: {counted}")
    if not ending.whole:
        console.print("[bold]The record or a balance is not whole.[/bold]")
        sys.exit(1)
    console.print("The record is whole; no lot has a remainder.")


if __name__ == "__main__":
    main()
