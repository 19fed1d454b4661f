"""A program in place of `cortexlock`: the tests' process starts it warm, with all that this one was given.

usage: knock.py DOOR ARGUMENT...
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path


def main() -> int:
    """Knock, and end as the program ends."""
    door, *arguments = sys.argv[1:]
    asked = {"arguments": arguments, "directory": str(Path.cwd()), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(door)
        socket.send_fds(connection, [json.dumps(asked).encode("utf-8", "surrogateescape")], [0, 1, 2])
        return int(connection.recv(16)) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
