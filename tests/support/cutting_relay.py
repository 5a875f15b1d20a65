"""A relay in front of PostgreSQL that cuts the connection around a COMMIT: before it arrives, or before its answer does."""

import contextlib
import selectors
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

_SOCKET: Final = ".s.PGSQL.5432"
# A simple query, as the driver sends it.
_COMMIT: Final = b"COMMIT\x00"

Cut = Literal["before", "after"]


class Relay:
    """Passes everything on, until `cut` is set: then the next COMMIT is cut off, once."""

    def __init__(self, real: Path, directory: Path) -> None:
        self._real = str(real / _SOCKET)
        self.directory = directory
        self.cut: Cut | None = None
        self.cuts = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / _SOCKET))
        self._listener.listen(8)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, selectors.DefaultSelector() as waiting:
            server.connect(self._real)
            waiting.register(client, selectors.EVENT_READ, server)
            waiting.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _events in waiting.select():
                    source: socket.socket = key.fileobj  # type: ignore[assignment]
                    target: socket.socket = key.data
                    try:
                        data = source.recv(65536)
                    except OSError:
                        return
                    if not data:
                        return
                    if source is client and self.cut is not None and _COMMIT in data:
                        how, self.cut = self.cut, None
                        self.cuts += 1
                        if how == "after":
                            server.sendall(data)
                            # The answer is there, so the commit is done; nobody gets to hear it.
                            server.recv(65536)
                        return
                    try:
                        target.sendall(data)
                    except OSError:
                        return

    def close(self) -> None:
        self._listener.close()


@contextlib.contextmanager
def relayed(real: Path) -> Iterator[Relay]:
    """A relay to the server whose sockets are in `real`."""
    with tempfile.TemporaryDirectory(prefix="relay-") as directory:
        relay = Relay(real, Path(directory))
        try:
            yield relay
        finally:
            relay.close()
