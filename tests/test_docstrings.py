"""Every public name says what goes in, what comes out, and in which order: numpydoc's own validator reads it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from numpydoc.validate import Validator, get_doc_object, validate

import virtlearn

# Rooms whose docstrings are held to it.
ROOMS = ("arguments", "catalog", "charts", "core", "errors", "explore", "machine", "model")
ROOMS += ("study", "tables", "units")
# A parameter missing or unknown, no Returns or Yields section, sections in another order.
WANTED = {"GL07", "PR01", "PR02", "RT01", "YD01"}


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(virtlearn.__path__, "virtlearn."):
        room = found.name.split(".")[1]
        if room in ROOMS and not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def public() -> Iterator[tuple[str, Any]]:
    """Every public function and class, and the public methods of the classes, once each."""
    seen = set()
    for module in modules():
        for name in getattr(module, "__all__", []):
            value = getattr(module, name)
            is_function = inspect.isfunction(inspect.unwrap(value))
            if not (is_function or inspect.isclass(value)) or id(value) in seen:
                continue
            seen.add(id(value))
            # By its home: ``virtlearn.study.exercise`` is a function, and a module of that name.
            known_as = f"{value.__module__}.{name}"
            yield known_as, value
            if inspect.isclass(value):
                yield from _methods(known_as, value)


def _methods(owner: str, value: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(value).items():
        function = getattr(member, "__func__", member)
        if inspect.isfunction(function) and not name.startswith("_"):
            yield f"{owner}.{name}", function


NAMES = sorted(name for name, _ in public())


@pytest.mark.parametrize("name", NAMES)
def test_a_docstring_says_what_goes_in_and_what_comes_out(name: str) -> None:
    found = [(code, text) for code, text in validate(name)["errors"] if code in WANTED]
    assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_a_docstring_says_when_it_refuses_and_what_the_result_is(name: str) -> None:
    said = Validator(get_doc_object(Validator._load_obj(name)))
    entries = [*said.doc["Raises"], *said.doc["Returns"]]
    assert [entry.type for entry in entries if not entry.desc] == []


def test_the_validator_would_find_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from virtlearn.core import failure

    def bare(mtbf_h: float, mttr_h: float) -> float:
        """Share of time that something is up."""
        return mtbf_h / (mtbf_h + mttr_h)

    monkeypatch.setattr(failure, "bare", bare, raising=False)
    found = {code for code, _ in validate("virtlearn.core.failure.bare")["errors"]}
    assert {"PR01", "RT01"} <= found
