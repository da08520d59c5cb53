"""Recorded machines, written to a folder that is then read as if it were the root."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

RECORDED: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parents[1] / "data" / "machine_fixtures.json").read_text("utf-8")
)["trees"]


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., str]:
    """Write a tree of files: those of a recorded machine, changed (None leaves a file out), or only the ones given."""

    def grow(files: dict[str, str | None], machine: str = "") -> str:
        for name, text in {**RECORDED.get(machine, {}), **files}.items():
            if text is not None:
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return str(tmp_path)

    return grow
