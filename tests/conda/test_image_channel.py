"""The channel of an image's records."""

from __future__ import annotations

import json
from pathlib import Path

from cortexlock.conda import image_channel
from cortexlock.model.predictor import CondaRecord

RECORDS = (CondaRecord("pip", "19.3.1"), CondaRecord("python", "3.6.9", "h265db76_0", ("openssl >=1.1.1,<1.1.2.0a0",)))


def test_records_are_as_in_repodata_and_only_these(tmp_path: Path) -> None:
    url = image_channel.write(tmp_path / "image", RECORDS)
    assert url == (tmp_path / "image").as_uri()
    repodata = json.loads((tmp_path / "image" / "linux-64" / "repodata.json").read_text())
    pip, python = repodata["packages"].values()
    assert (python["name"], python["version"], python["build"]) == ("python", "3.6.9", "h265db76_0")
    assert python["depends"] == ["openssl >=1.1.1,<1.1.2.0a0"]
    assert list(repodata["packages"])[1] == "python-3.6.9-h265db76_0.tar.bz2"
    assert pip["build"] == image_channel.build(RECORDS[0]) != ""
    assert json.loads((tmp_path / "image" / "noarch" / "repodata.json").read_text())["packages"] == {}


def test_pip_goes_with_its_python_where_nothing_says_otherwise(tmp_path: Path) -> None:
    image_channel.write(tmp_path / "image", RECORDS)
    repodata = json.loads((tmp_path / "image" / "linux-64" / "repodata.json").read_text())
    assert next(iter(repodata["packages"].values()))["depends"] == ["python 3.6.*"]


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        image_channel.write(tmp_path / name, RECORDS)
    first, second = ((tmp_path / name / "linux-64" / "repodata.json").read_bytes() for name in ("a", "b"))
    assert first == second
