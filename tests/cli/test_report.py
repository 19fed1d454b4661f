"""`cortexlock report`: one page, whole, with nothing of it taken for markup."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.cli.report_page import Reported, page
from cortexlock.lock.check import Checked
from cortexlock.lockfile.difference import difference
from cortexlock.model.package import FromIndex, PipPackage
from tests.support.lockfiles import example

_EXAMPLES = Path(__file__).parents[2] / "examples"
_VOID = {"meta", "!doctype"}


class _Balance(HTMLParser):
    """Collects the elements, and checks that each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as HTMLParser has it
        self.seen.append(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _balanced(text: str) -> list[str]:
    parser = _Balance()
    parser.feed(text)
    assert parser.open == []
    return parser.seen


def test_an_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(_EXAMPLES / "conda-channel", tmp_path / "p")
    with (tmp_path / "p" / "requirements.txt").open("a") as file:
        file.write("another\n")
    for target in ("one.html", "two.html"):
        with pytest.raises(SystemExit) as ended:
            main(["report", str(tmp_path / "p"), "-o", str(tmp_path / target)])
        assert not ended.value.code, capsys.readouterr().err
    text = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.html").read_text(encoding="utf-8")
    seen = _balanced(text)
    assert not {"script", "link", "img"} & set(seen)
    assert "://" not in text
    assert text.index("stale: requirements.txt") < text.index("How it stacks") < text.index("inflection 5.8 kB")
    assert (seen.count("caption"), seen.count("main"), seen.count("h1")) == (seen.count("table"), 1, 1)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path / "p"), "-o", "-", "--rev", "main"])
    assert ended.value.code == 2
    assert "--rev" in capsys.readouterr().err


def test_a_stranger_s_texts_are_text_and_tiles_fill_the_map() -> None:
    source = FromIndex("default")
    sized = [
        PipPackage(f"p{number}", "1", by=("<script>alert(1)</script>\x1b[31m",), source=source, size=10**number)
        for number in range(1, 9)
    ]
    lockfile = example()
    step = next(each for each in lockfile.pip_steps)
    new = replace(lockfile, steps=(*lockfile.steps[:-1], replace(step, packages=tuple(sized))))
    checked = Checked("cpu", "cortexlock.cpu.yaml", "stale")
    text = page('a"><b', [Reported(new, checked, difference(lockfile, new))], "main")
    assert "<script>" not in text
    assert "\x1b" not in text
    assert "script" not in _balanced(text)
    tiles = re.findall(r"left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%", text)
    assert len(tiles) >= 3
    area = sum(float(width) * float(height) for _left, _top, width, height in tiles)
    assert area == pytest.approx(100 * 100, rel=0.01)
    assert all(float(left) + float(width) < 100.1 for left, _top, width, _height in tiles)
