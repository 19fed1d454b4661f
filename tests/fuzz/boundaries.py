"""Fuzz what reads files of others: whatever the bytes, each reader gives a value or one of cortexlock's errors.

    python tests/fuzz/boundaries.py [--seconds 60] [--seed 0] [NAME …]

Each reader starts from a small corpus of right files, which are flipped, cut, doubled and mixed with words that matter
to its format; as many readers are tried at a time as there are processors. The first input that gives another
exception, or takes too long, is kept beside the corpus and ends it.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import requests

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cortexlock import workers  # noqa: E402 - the checkout that this file is in
from cortexlock.conda import prefix as conda_prefix  # noqa: E402 - as above
from cortexlock.conda import prefix_records  # noqa: E402 - as above
from cortexlock.conda.executable import mended_channels  # noqa: E402 - as above
from cortexlock.errors import CortexlockError, UsageError  # noqa: E402 - as above
from cortexlock.formats import json_text, source_archive, yaml_text  # noqa: E402 - as above
from cortexlock.inputs import conda_list, configuration, requirements_text  # noqa: E402 - as above
from cortexlock.lockfile import text as lockfile_text  # noqa: E402 - as above
from cortexlock.pip.indexes import file_rows, pages  # noqa: E402 - as above
from cortexlock.pip.indexes.kept_pages import KeptPage, KeptPages  # noqa: E402 - as above
from cortexlock.pip.indexes.locations import Location  # noqa: E402 - as above
from cortexlock.pip.indexes.page_filter import PageFilter  # noqa: E402 - as above
from cortexlock.pip.install import wheel_check  # noqa: E402 - as above
from cortexlock.pip.prefix.recorded_files import RecordError, read_record  # noqa: E402 - as above
from cortexlock.predictors import predictor_file  # noqa: E402 - as above
from cortexlock.replay import fetch  # noqa: E402 - as above
from cortexlock.replay.prefix import receipt  # noqa: E402 - as above
from tests.fuzz import archives  # noqa: E402 - as above
from tests.support.lockfiles import example  # noqa: E402 - as above

Reader = Callable[[Path], object]
SLOWEST = 10.0
"""Seconds that one input may take."""
WORDS = (
    *(
        b"&a ",
        b"*a",
        b"!!int ",
        b"[" * 200,
        b"{" * 200,
        b"../",
        b"/",
        b"\\",
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"9" * 5000,
    ),
    *(
        b"${TOKEN}",
        b"://",
        b"@",
        b"#egg=",
        b"::",
        b"=",
        b"==",
        b"<<: ",
        b"\n- ",
        b"null",
        b"NaN",
        b"0x",
        b"\\ud800",
        b"\r",
    ),
    *(b"-r ", b"-e ", b"--hash=sha256:", b",,", b'"', b"'", b"\xef\xbb\xbf", b"\xff\xfe", b"a" * 2000),
)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _record(path: Path) -> None:
    with suppress(RecordError):
        list(read_record(_text(path)))


def _json(path: Path) -> None:
    with suppress(json_text.JsonError):
        json_text.loads(path.read_bytes())


def _bundle(path: Path) -> None:
    path.replace(path.parent / fetch.INDEX_NAME)
    with suppress(UsageError):
        fetch.check_bundle(path.parent)


def _receipt(path: Path) -> None:
    path.replace(path.parent / receipt.RECEIPT_NAME)
    receipt.read_receipt(path.parent)


def _page(path: Path) -> None:
    """A page of an index, as a replay reads it in either format, and of the JSON what a lock leaves out of it."""
    for content_type in ("application/vnd.pypi.simple.v1+json", "text/html"):
        answer = requests.Response()
        answer.status_code, answer.raw = HTTPStatus.OK, io.BytesIO(path.read_bytes())
        answer.headers["Content-Type"], answer.url = content_type, "https://example.org/simple/demo/"
        session = SimpleNamespace(get=lambda *_, answer=answer, **__: answer)
        with suppress(CortexlockError):
            pages.locate(Location("default", "https://example.org/simple/"), "demo", "demo-1.0.zip", session)  # type: ignore[arg-type]  # all that is asked of it
    with suppress(json_text.JsonError, ValueError):
        file_rows.written(PageFilter(["py3-none-any"]).wanted(json_text.parsed(path.read_bytes())))


def _kept_page(path: Path) -> None:
    kept = KeptPages(path.parent / "pages", "key")
    url = "https://example.org/simple/demo/"
    kept.keep(KeptPage(url, url, file_rows.written([{"filename": "demo-1.0.zip", "url": "demo-1.0.zip"}]), "00"), {})
    (written,) = (each for each in (path.parent / "pages").rglob("*") if each.is_file())
    path.replace(written)
    found = kept.find(url)
    if found is not None:
        found.is_fresh(0)
        with suppress(ValueError):
            found.files("2020-06-01T00:00:00")


def _channel(path: Path) -> None:
    subdir = path.parent / "channel" / "linux-64"
    subdir.mkdir(parents=True)
    path.replace(subdir / "repodata.json")
    (path.parent / "copy").mkdir()
    with suppress(mended_channels.MalformedChannelError, mended_channels.UnreadableChannelError):
        mended_channels.mend([subdir.parent.as_uri()], ["linux-64"], path.parent / "copy")


def _conda_meta(path: Path) -> None:
    (path.parent / "conda-meta").mkdir()
    path.replace(path.parent / "conda-meta" / "demo-1.0-0.json")
    for reader in (prefix_records.read, conda_prefix.installed, conda_prefix.owners):
        reader(path.parent)


READERS: Mapping[str, Reader] = {
    "lockfile": lambda path: lockfile_text.loads(_text(path), file="cortexlock.cpu.yaml"),
    "predictor": lambda path: predictor_file.read(path, file="image.yaml"),
    "configuration": lambda path: configuration.parse(yaml_text.read(path, file="cortexlock.yaml")),
    "requirements": lambda path: requirements_text.read(path.parent, path.name),
    "conda-list": lambda path: conda_list.read(path, name="conda-packages.txt"),
    "record": _record,
    "json": _json,
    "bundle": _bundle,
    "wheel": wheel_check.check,
    "sdist": lambda path: source_archive.unpack(path, path.parent / "out"),
    "receipt": _receipt,
    "index-page": _page,
    "kept-page": _kept_page,
    "channel": _channel,
    "conda-meta": _conda_meta,
    "conda-archive": archives.read_conda_archive,
    "conda-members": archives.read_conda_members,
}


def corpus(name: str) -> list[bytes]:
    """Return the right files that a reader starts from."""
    kept = [path.read_bytes() for path in sorted((Path(__file__).parent / "corpus").glob(f"{name}*"))]
    made = {
        "lockfile": lambda: [lockfile_text.dumps(example()).encode()],
        "wheel": lambda: [archives.wheel()],
        "sdist": lambda: [archives.sdist()],
        "conda-archive": archives.conda_archives,
        "conda-members": archives.conda_members,
    }
    return [*kept, *(made[name]() if name in made else [])] or [b""]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return a file that is no longer quite right."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(5):
            case 0 if found:
                found[at % len(found)] ^= 1 << chance.randrange(8)
            case 1:
                found[at:at] = chance.choice(WORDS)
            case 2:
                del found[at : at + chance.choice((1, 8, 64, 4096))]
            case 3:
                end = min(len(found), at + chance.choice((1, 8, 64)))
                found[at:at] = found[at:end]
            case _:
                word = chance.choice(WORDS)
                found[at : at + len(word)] = word
    return bytes(found)


def fuzz(name: str, *, seconds: float, seed: int) -> int:
    """Try inputs on a reader for some time, and return how many.

    Raises:
        AssertionError: One ended in another exception, or took too long; it has been written beside the corpus.
    """
    chance, start, count = random.Random(seed), time.monotonic(), 0  # noqa: S311 - nothing secret
    right = corpus(name)
    while time.monotonic() - start < seconds:
        content = mutated(chance.choice(right), chance)
        begin = time.process_time()
        with TemporaryDirectory() as directory:
            path = Path(directory, "input.txt")
            path.write_bytes(content)
            try:
                with suppress(CortexlockError):
                    READERS[name](path)
            except Exception as error:
                (Path(__file__).parent / f"{name}.failed").write_bytes(content)
                raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error
        if time.process_time() - begin > SLOWEST:
            (Path(__file__).parent / f"{name}.failed").write_bytes(content)
            raise AssertionError(f"{name}: took {time.process_time() - begin:.0f} seconds")
        count += 1
    return count


def main() -> None:
    """Fuzz the readers that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*READERS, []], default=[])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", action="store_true", help="two seconds each")
    options = parser.parse_args()
    names = options.names or list(READERS)
    one = partial(fuzz, seconds=2 if options.smoke else options.seconds, seed=options.seed)
    with ProcessPoolExecutor(workers.processors()) as pool:
        for name, count in zip(names, pool.map(one, names), strict=True):
            print(f"{name}: {count} inputs", flush=True)  # noqa: T201 - a report


if __name__ == "__main__":
    main()
