"""What an image may at most hold: an archive is a stranger's, and must cost no more than a real image does.

The largest images that are published have some 500,000 files, layers of 20 GB, and a tenth of that where compressed.
"""

from __future__ import annotations

from cortexlock.errors import IntegrityError

NAMES = 1_000_000  # names that are kept of all layers together
DEPTH = 256  # directories in a path; also bounds the recursion over them
PATH_LENGTH = 4096  # characters of a path, as in Linux
EXTENDED_HEADER = 1 << 20  # bytes of a pax header, or of a long name
DOCUMENT = 1 << 23  # bytes of a manifest or of a configuration
STORED_FILE = 1 << 26  # bytes of a file whose content is kept: interpreters have up to 30 MB
STORED = 1 << 30  # bytes of all kept contents together, on disk
REREADS = 32  # layers that are read again because of hard links and unusual names
UNPACKED_ALWAYS = 1 << 30  # bytes that any layer may unpack to
UNPACKED_RATIO = 200  # how much more than that a compressed layer may unpack to
LAYERS = 1000  # layers of an image; Docker has a limit of 127
OUTER_MEMBERS = 20_000  # members of an archive of archives: three for each layer and image
WINDOW_LOG = 27  # bytes of a zstd window, as a power of two: what its own command takes without being asked


def damaged(what: str, where: str) -> IntegrityError:
    """Make the error of an archive that cannot be trusted."""
    return IntegrityError(what, where=where, hint="save the image anew: the archive is damaged or was tampered with")
