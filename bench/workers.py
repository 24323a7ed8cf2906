"""Processes that serve one database together, and threads of one that do: what two cores give."""

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from api import installation
from api.app import create_app
from api.context import EngineAccess
from bench.product import TENANT, Product, without_password_hash
from engine.store.database import Database

Request = dict[str, Any]
Answering = Callable[[Sequence[Request]], float]
"""Answers requests as they come from several at once; gives the seconds on the wall."""


class Server(Product):
    """A server over a database that another process has made."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.dispatcher = installation.dispatcher(database)
        self.app = create_app(
            EngineAccess(dispatcher=self.dispatcher, tenant=TENANT),
            secret_key="bench",  # noqa: S106
            web=Path("/nonexistent"),
        )
        self.cookie = ""


def portable(request: Request) -> Request:
    """Give a request as it goes to another process."""
    return {**request, "wsgi.input": request["wsgi.input"].getvalue(), "wsgi.errors": None}


def answer(product: Product, request: Request) -> None:
    """Answer a request of a device, all of whose envelopes have to be accepted."""
    answered = json.loads(product.call(request))
    for one in answered["answers"]:
        said = json.loads(one["receipt"]["body"])
        if said["outcome"] != "accepted":
            raise RuntimeError(said)


@contextmanager
def threads(product: Product, count: int) -> Iterator[Answering]:
    """Give `count` threads of one process that answer together."""
    with ThreadPoolExecutor(count) as pool:

        def answered(requests: Sequence[Request]) -> float:
            begun = time.perf_counter()
            list(pool.map(partial(answer, product), requests))
            return time.perf_counter() - begun

        yield answered


@contextmanager
def processes(url: str, count: int) -> Iterator[Answering]:
    """Give `count` processes over one database that answer together, each its share."""
    context = get_context("spawn")
    lines: list[Connection] = []
    running = []
    for _ in range(count):
        mine, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(url, theirs), daemon=True)
        process.start()
        running.append(process)
        lines.append(mine)

    def answered(requests: Sequence[Request]) -> float:
        shares = [[portable(each) for each in requests[one::count]] for one in range(count)]
        begun = time.perf_counter()
        for line, share in zip(lines, shares, strict=True):
            line.send(share)
        told = [line.recv() for line in lines]
        spent = time.perf_counter() - begun
        if wrong := [each for each in told if each is not None]:
            raise RuntimeError(wrong[0])
        return spent

    try:
        yield answered
    finally:
        for line in lines:
            line.send(None)
        for process in running:
            process.join()


def _serve(url: str, line: Connection) -> None:
    with without_password_hash():
        database = Database(url)
        server = Server(database)
        while (share := line.recv()) is not None:
            line.send(_told(server, share))
        database.dispose()


def _told(server: Server, share: Sequence[Request]) -> str | None:
    """Answer a share; give what went wrong."""
    try:
        for each in share:
            answer(
                server,
                {
                    **each,
                    "wsgi.input": io.BytesIO(each["wsgi.input"]),
                    "wsgi.errors": io.StringIO(),
                },
            )
    except Exception as wrong:  # noqa: BLE001  # the other process says it
        return repr(wrong)
    return None
