"""Descriptions of images beside archives of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.errors import InputError, UsageError
from cortexlock.lock.capture import capture_archive, write
from cortexlock.lock.image_comparison import compare, nearest
from cortexlock.model.predictor import Predictor
from cortexlock.predictors.capture import Said
from cortexlock.predictors.comparison import Change
from tests.support.image_archives import Packing, config_of, distribution, docker, layer, layout, packed, python_image

SITE = "usr/local/lib/python3.11/site-packages"
CUDA = "usr/local/cuda/version.json"


def _image(version: str, cuda: str = "12.4.1") -> tuple[list[bytes], bytes, str]:
    files = {**distribution(SITE, "six", version), CUDA: f'{{"cuda": {{"version": "{cuda}"}}}}' if cuda else ""}
    layers = [layer(python_image()), layer(files)]
    return layers, config_of(layers, PATH="/usr/local/bin"), "our/image:1"


def _saved(path: Path, version: str, cuda: str = "12.4.1", *, how: Packing = "") -> Path:
    path.write_bytes(packed(layer(docker(*_image(version, cuda))), how))
    return path


def _described(archive: Path) -> Predictor:
    return capture_archive(archive, None, Said(), prefix=None, platform=None).captured.predictor


@pytest.mark.parametrize("how", ["", "gzip", "zstd"])
def test_archives_are_captured(tmp_path: Path, how: Packing) -> None:
    old, new = _saved(tmp_path / "old.tar", "1.0", how=how), _saved(tmp_path / "new.tar", "1.1", "12.6.0", how=how)
    before, after = _described(old), _described(new)
    write(tmp_path / "old.yaml", before)
    write(tmp_path / "new.yaml", after)
    expected = (
        Change("fact", "digest", before.digest, after.digest),
        Change("fact", "cuda", "12.4", "12.6"),
        Change("pip", "six", "1.0", "1.1"),
    )
    for first in (old, tmp_path / "old.yaml"):
        for second in (new, tmp_path / "new.yaml"):
            assert compare(first, second) == expected
    assert compare(old, tmp_path / "old.yaml") == compare(tmp_path / "old.yaml", old) == ()


def test_what_was_said_counts_where_nothing_is_found(tmp_path: Path) -> None:
    archive = _saved(tmp_path / "image.tar", "1.0", "")
    predictor = replace(_described(archive), platform="cuda", cuda="12.1", type="python", cortex_version="0.31.0")
    assert nearest(predictor, archive).predictor == predictor
    assert nearest(predictor, _saved(tmp_path / "new.tar", "1.0", "12.2")).predictor.cuda == "12.2"


def test_what_is_neither(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = _saved(tmp_path / "image.tar", "1.0")
    write(tmp_path / "image.yaml", _described(archive))
    (tmp_path / "utf-16.yaml").write_bytes((tmp_path / "image.yaml").read_text().encode("utf-16"))
    for name in ("missing", "utf-16.yaml", "."):
        with pytest.raises(InputError):
            compare(tmp_path / "image.yaml", tmp_path / name)
    images = [_image("1.0"), (*_image("1.1")[:2], "our/other:2")]
    (tmp_path / "several.tar").write_bytes(layer(layout(images)))
    assert compare(tmp_path / "image.yaml", tmp_path / "several.tar")[0].name == "digest"
    hint = "capture several.tar -o FILE` in its place; there say which: --image our/image:1 or our/other:2"
    with pytest.raises(UsageError, match="2 images are in it") as caught:
        compare(archive, tmp_path / "several.tar")
    assert hint in str(caught.value.hint)
    with pytest.raises(SystemExit) as ended:
        main(["predictors", "diff", str(archive), str(tmp_path / "several.tar")])
    assert (ended.value.code, hint in capsys.readouterr().err.replace("\n", " ")) == (2, True)
