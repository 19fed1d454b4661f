"""A door to the warm servers for what other programs start, as git does: a small program takes all there, and waits."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_KNOCK = Path(__file__).with_name("knock.py")
_MOST = 1 << 18  # bytes of arguments and variables


class Door:
    """Starts `cortexlock` warm, in this process, for the programs that run `command`, from entry to exit.

    Attributes:
        command: For a shell: what stands for `cortexlock`.
    """

    def __init__(self) -> None:
        """Make the door."""
        self._place = TemporaryDirectory(prefix="door-")  # the path of a socket is short
        place = Path(self._place.name, "door")
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(str(place))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.command = shlex.join([sys.executable, "-I", "-S", str(_KNOCK), str(place)])

    def __enter__(self) -> Self:
        """Open it."""
        self._listening.listen()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it, when those that came have ended."""
        self._listening.shutdown(socket.SHUT_RD)
        self._thread.join()
        self._listening.close()
        self._place.cleanup()

    def _serve(self) -> None:
        """Serve one after the other."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:  # it is closed
                return
            with connection:
                body, files, _, _ = socket.recv_fds(connection, _MOST, 3)
                asked = json.loads(body.decode("utf-8", "surrogateescape"))
                for file in files:
                    os.set_inheritable(file, False)  # noqa: FBT003 - as it is called
                stdin, stdout, stderr = files
                command = [sys.executable, "-m", "cortexlock", *asked["arguments"]]
                process = subprocess.Popen(
                    command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=asked["directory"], env=asked["environment"]
                )
                for file in files:
                    os.close(file)
                connection.sendall(str(process.wait()).encode())
