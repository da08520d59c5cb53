"""What every live run gives: facts, whether they are recorded, and what could not be done."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from virtlearn import units
from virtlearn.errors import ImpossibleAmount
from virtlearn.model import Host, Workload, deploy
from virtlearn.tables import Shown

__all__ = ["Run", "data", "modelled", "recording", "within"]


@dataclass(frozen=True, repr=False, kw_only=True)
class Run(Shown):
    """What was asked of a machine.

    Parameters
    ----------
    recorded : str
        Where and when, for a recorded run; "" where it was done here.
    missing : tuple of str
        What could not be done here, and why.
    """

    recorded: str = ""
    missing: tuple[str, ...] = ()

    def _facts(self) -> list[tuple[str, ...]]:
        """Tell what was found; the first row is the head."""
        raise NotImplementedError

    def _rows(self) -> list[tuple[str, ...]]:
        rows = self._facts()
        between = [""] * (len(rows[0]) - 2)
        if self.recorded:
            rows.append(("recorded, not done here", *between, self.recorded))
        for why in self.missing:
            rows.append(("not here", *between, why))
        return rows


def within(name: str, value: float, least: float, most: float) -> None:
    """Refuse what would take for ever."""
    if not least <= value <= most:
        raise ImpossibleAmount(
            f"{name} is {value:g}; here it may be {least:g} to {most:g}. Try {name}={least:g}."
        )


def modelled(on: str) -> str:
    """Say how long the model takes for one more copy to answer."""
    program = Workload("program", cpu_cores=0.1, memory_mib=16)
    one = deploy(program, 1, host=Host(cores=1, memory_gib=64), on=on)
    return units.duration(one.start_s)


@functools.cache
def data(name: str) -> bytes:
    """Read a file that comes with the package."""
    return (resources.files("virtlearn") / "data" / name).read_bytes()


def recording(name: str) -> Any:
    """Read a recorded run, whose ``recorded`` says where and when."""
    return json.loads(data("recorded_runs.json"))[name]
