"""Every worked case of the laws of running many, with the test or paper that its value comes from."""

from __future__ import annotations

import json
import math
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

FILE = Path(__file__).parents[1] / "data" / "next_cases.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


def infinite(value):
    """Read "inf" wherever it stands in a value of JSON."""
    if isinstance(value, list):
        return [infinite(x) for x in value]
    return math.inf if value == "inf" else value


def answer(case):
    module, name = case["law"].rsplit(".", 1)
    law = getattr(import_module(f"virtlearn.{module}"), name)
    return law(**{key: infinite(value) for key, value in case["inputs"].items()})


def agrees(got, expected, tolerance):
    if isinstance(expected, str):
        return got == expected
    if isinstance(got, tuple):
        pairs = zip(got, expected, strict=True)
        return all(agrees(part, right, tolerance) for part, right in pairs)
    if tolerance == 0:
        return np.asarray(got).tolist() == expected
    return got == pytest.approx(np.asarray(expected, dtype=float), rel=tolerance, abs=1e-12)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_law_gives_what_its_source_says(case):
    if case["expected"] == "refuses":
        with pytest.raises(ValueError, match=r"."):
            answer(case)
    elif isinstance(case["expected"], dict):
        got = answer(case)
        for name, right in case["expected"].items():
            assert agrees(getattr(got, name), right, case["tolerance"]), name
    else:
        assert agrees(answer(case), case["expected"], case["tolerance"])


def test_every_case_names_its_source_once():
    assert all(case["source"] for case in CASES)
    assert len({case["id"] for case in CASES}) == len(CASES) == 128
