"""A proxy between a client and its scheduler, as in front of a service."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class Proxy:
    """Passes on what comes to a port of its own, and waits until the other side listens."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._answered = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"df://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """End all connections at a moment at which nobody waits for an answer."""
        # A client asks 50 ms after it was answered.
        while not 0.005 < time.monotonic() - self._answered < 0.02:
            time.sleep(0.001)
        for end in self._sockets:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = self._connect()
            self._sockets += [client, server]
            threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _connect(self) -> socket.socket:
        while True:
            try:
                return socket.create_connection(self._to)
            except ConnectionRefusedError:
                time.sleep(0.02)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while asked := client.recv(1 << 16):
                server.sendall(asked)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while answer := server.recv(1 << 16):
                client.sendall(answer)
                self._answered = time.monotonic()
