"""A network that can be cut: a small TCP proxy between a browser and the server.

What a browser's own "offline" switch leaves reachable (service workers, connections that are open)
is cut here like a cable: nothing goes through, and whoever connects is refused.
"""

import socket
import threading
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

_CHUNK = 65536


class Cable:
    """Forwards a port to the server; can be cut, and can swallow what the server answers."""

    def __init__(self, server_port: int) -> None:
        self._server = server_port
        self._listener: socket.socket | None = None
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.port = 0
        self.swallows = False
        """While true, requests arrive and every answer is lost on its way back."""
        self.swallowed = 0
        """Bytes of answers that were lost."""
        self.carried = 0
        """Bytes of requests that went through."""

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()

    def mend(self) -> None:
        """Let everything through, on the same port as before."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Let nothing through, at once."""
        listener, self._listener = self._listener, None
        if listener is not None:
            _close(listener)
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _close(end)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                return
            with self._lock:
                self._ends |= {near, far}
            for source, target, answers in ((near, far, False), (far, near, True)):
                forward = partial(self._forward, source, target, answers=answers)
                threading.Thread(target=forward, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, *, answers: bool) -> None:
        try:
            while chunk := source.recv(_CHUNK):
                if answers and self.swallows:
                    self.swallowed += len(chunk)
                    break
                target.sendall(chunk)
                self.carried += 0 if answers else len(chunk)
        except OSError:
            pass  # cut, or hung up
        _close(source)
        _close(target)
        with self._lock:
            self._ends -= {source, target}


def _close(end: socket.socket) -> None:
    with suppress(OSError):  # not connected any more
        end.shutdown(socket.SHUT_RDWR)
    end.close()
