"""Which packages of an environment others depend on."""

from __future__ import annotations

import json
from pathlib import Path

from cortexlock.conda.dependents import unneeded


def test_what_others_need_is_needed_by_and_by(tmp_path: Path) -> None:
    depends: dict[str, object] = {
        "python": ["openssl >=1.1,<1.2", "conda-forge::libffi", "_virtual"],
        "openssl": ["ca-certificates"],
        "tool": ["lib 1.*", "six"],
        "six": [],
        "lib": None,
        "ring": ["round"],
        "round": ["ring"],
        "odd": [5, ""],
    }
    (tmp_path / "conda-meta").mkdir()
    for name in {*depends, "ca-certificates", "libffi"}:
        record = {"name": name, "version": "1", "build": "0", "depends": depends.get(name, [])}
        (tmp_path / "conda-meta" / f"{name}-1-0.json").write_text(json.dumps(record))
    asked = {"openssl", "ca-certificates", "libffi", "tool", "lib", "ring", "round", "absent"}
    assert unneeded(tmp_path, asked) == {"tool", "lib", "ring", "round", "absent"}
    assert unneeded(tmp_path, {"lib", "six"}) == set()
    assert unneeded(tmp_path, ()) == set()
