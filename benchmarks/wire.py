"""A stretch of wire between a browser and a server that counts what it carries to the browser."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_PIECE = 65536


class Wire:
    """Listens on a port of its own and passes everything on to the server's.

    Attributes
    ----------
    port : int
        Where the browser connects.
    carried : int
        Bytes carried to the browser since the last :meth:`reset`, as they are on the wire: compressed where
        the server compresses, files and sockets alike.
    """

    def __init__(self, server_port: int) -> None:
        self.carried = 0
        self._server_port = server_port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._open, daemon=True).start()

    def reset(self) -> None:
        """Count from zero."""
        self.carried = 0

    @property
    def kilobytes(self) -> float:
        """Kilobytes carried to the browser."""
        return self.carried / 1024

    def _open(self) -> None:
        while True:
            near, _address = self._door.accept()
            far = socket.create_connection(("127.0.0.1", self._server_port))
            threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, True), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if counted:
                    self.carried += len(piece)
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
