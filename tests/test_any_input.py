"""Whatever is typed or sent: only the package's own errors come out, short enough to read, and what holds always holds.

The suite asks each verb a few dozen times. ``VIRTLEARN_INPUTS=5000`` asks it 5,000 times.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import fractions
import functools
import importlib
import inspect
import itertools
import math
import os
import pkgutil
import random
import struct
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn.errors import VirtlearnError

INPUTS = int(os.environ.get("VIRTLEARN_INPUTS", "40"))
many = settings(
    max_examples=INPUTS,
    deadline=None,
    derandomize=INPUTS < 1000,  # the suite is the same every time; a long run looks further
    database=None,
    suppress_health_check=list(HealthCheck),
)
MOST_LETTERS = 600  # of a message: what was typed is shown cut, however long it was


class Rude:
    """An object that no rule expects, and that cannot be compared or counted."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("nobody compares me")

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return "<rude>"


HOST = vl.Host(cores=16, memory_gib=64)
APP = vl.Workload("web", cpu_cores=0.5, memory_mib=256)
RUNS = vl.deploy(APP, copies=3, host=HOST, on="containers-in-vms", per_vm=2)

NUMBERS = (
    *(0, 1, -1, 0.1, 1.5, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1e308, -1e308, 2**53 + 1),
    *(2**63, -(2**63), 2**64, 10**30, 10**199, 10**400, -(10**400), True, False, 1j),
    *(np.float64(0.5), np.int8(3), np.uint64(2**64 - 1), np.bool_(True), np.float16(np.inf)),
    *(decimal.Decimal("0.1"), decimal.Decimal("sNaN"), decimal.Decimal("1e999"), np.longdouble(2)),
    *(fractions.Fraction(1, 3), fractions.Fraction(10**400, 3), np.datetime64("NaT", "s")),
)
TEXTS = (
    *("", " ", "3", "256 MiB", "nan", "web", "x" * 1000, "é" * 1000, "\ud800", "a\0b", "{0}%s\\"),
    *("containers", "virtual-machines", "a\nb\nc\nd\ne\nf", "<b>", "MEM-10", "02.1", b"web"),
)
ARRAYS = (
    *([], [[]], (), {}, set(), [1, [2, 3]], [None], ["a"], [math.nan], [1, -1], [2**70], {"a": 1}),
    *(np.array([]), np.array(3.0), np.zeros((0, 3)), np.zeros((2, 0)), np.ones((2, 3, 4))),
    *(np.array([1, 2], dtype=object), np.array(["a"]), np.array([1 + 2j])),
    *(np.array([None, 1]), np.arange(3)[::-1], np.broadcast_to(1.0, (2, 2)), range(3)),
    *([10**400], [[1, 2], [3]], [[[[[[1]]]]]], np.array([(1, 2.0)], dtype="i4,f8")),
)
OTHERS = (
    *(None, ..., NotImplemented, object(), object, Rude(), print, lambda: 1, lambda *a: a),
    *(datetime.date(2026, 1, 1), datetime.timedelta(1), slice(1), iter([1]), memoryview(b"ab")),
    *(HOST, APP, RUNS, [APP], [HOST, APP], vl.platform("containers"), vl, ValueError("x")),
)
# Drawn by hand: objects that refuse to be compared confuse a library that remembers what it drew.
Draw = Callable[[random.Random], Any]


def nasty_float(drawn: random.Random) -> float:
    """Any bits at all, as a float: huge, tiny, nan."""
    (number,) = struct.unpack("d", drawn.randbytes(8))
    return float(number)


def nasty(drawn: random.Random) -> Any:
    """Any value that somebody may type, paste or pass by accident."""
    makers: tuple[Draw, ...] = (
        *(lambda drawn, some=some: drawn.choice(some) for some in (NUMBERS, TEXTS, ARRAYS, OTHERS)),
        nasty_float,
        lambda drawn: drawn.randint(-(2 ** drawn.randint(1, 70)), 2 ** drawn.randint(1, 70)),
        lambda drawn: "".join(map(chr, drawn.choices(range(0x2FFF), k=drawn.randint(0, 20)))),
        lambda drawn: [nasty_float(drawn) for _ in range(drawn.randint(0, 3))],
    )
    return drawn.choice(makers)(drawn)


def often(kind: str) -> Iterator[random.Random]:
    """Sources of chance: the same in every run of the suite, new ones in a long run."""
    start = 0 if INPUTS < 1000 else random.SystemRandom().randrange(10**9)
    for number in range(start, start + INPUTS):
        yield random.Random(f"{kind} {number}")


@contextlib.contextmanager
def tells(given: Any) -> Iterator[None]:
    """Say with a failure what was given."""
    try:
        yield
    except Exception as error:
        error.add_note(f"given: {given!r:.2000}")
        raise


# Values with which a call gets far, by the argument's name; "" is any number.
GOOD: dict[str, tuple[Any, ...]] = {
    "": (0, 1, 0.5, 3, 100.0, [0.5, 0.25, 1.0], [[1.0, 2.0, 3.0]], 1e-300, 1e300),
    "parent": ([-1], [-1, 0, 0], [-1, 0, 1], [-1, 0, 0, 1, 1, 2]),
    "start": (0, 2, "workload"),
    "size": (3, (2, 2), 0),
    "discipline": ("time-shared", "space-shared"),
    "formula": ("2025", "linear"),
    "score": (lambda need, free, capacity, last: free[:, 0],),
    "executor": (None,),
    "trials": (1, 50),
    "steps": (1, 4),
    "hours": (10.0, 500.0),
    "k": (0, 1, 2),
    "pmf": ([0.25, 0.75], [[0.5, 0.5]]),
    "images": ([[1, 0, 1]], [[1, 1, 1], [0, 1, 1]]),
    "cached": (0, [1, 0, 1]),
    "demand": ([[1.0, 2.0], [3.0, 1.0]], [[1.0]]),
    "capacity": ([[4.0, 4.0]], [[4.0], [2.0]]),
    "threads": (1, 4),
    "copies": (1, 3, [1, 2], 40),
    "parallel": (1, 3),
    "nice": (0, -20, 19),
    "shares": (2, 1024, [100, 200, 300]),
    "name": ("web", "a", ""),
    "workload": (APP, [APP, APP]),
    "workloads": ([APP] * 3,),
    "host": (HOST, [HOST, HOST]),
    "hosts": ([HOST] * 2,),
    "on": (*vl.platforms(), vl.platform("containers")),
    "per_vm": (1, 2, 8),
    "policy": ("best-fit", "first-fit", lambda need, free, capacity, last: -free[:, 0]),
    "runs": ((), [APP], APP, [vl.OperatingSystem(runs=[APP])]),
    "node": ("workload", 0, 3),
    "at_least": (1, 2),
    "kind_of_work": ("computing", "random I/O"),
    "ref": ("MEM-10", "MEM-10:runc"),
    "words": ("redis", ""),
    "unit": ("MiB", "GiB"),
    "to": ("GiB", "s"),
    "id": ("02.1", "01.a"),
    "lesson": ("02",),
    "title": ("one",),
    "platform": (None, vl.platform("containers")),
    "layer": (None,),
    "digits": (3, 6),
    "noun": ("copy",),
    "nouns": (None, "copies"),
    "os_memory_mib": (256, 64),
}
# What takes as long as it says it does: a large number is an order, not an accident.
TAKES_TIME = {"trials", "steps", "hours", "size"}
# These arguments hold tools or belong to whoever writes a program, not to whoever types a value.
TOOLS = {
    "rng": lambda: np.random.default_rng(1),
    "executor": lambda: None,
    "digits": lambda: 3,
    "growth": lambda: (),
    "noun": lambda: "copy",
    "nouns": lambda: None,
}


def core_laws() -> Iterator[tuple[str, Callable[..., Any]]]:
    for found in pkgutil.iter_modules(vl.core.__path__):
        # The checks are for those who write laws, not for those who call them.
        if not found.name.startswith("_") and found.name != "check":
            module = importlib.import_module(f"virtlearn.core.{found.name}")
            for name in module.__all__:
                yield f"core.{found.name}.{name}", getattr(module, name)


def search(words: Any) -> Any:
    return vl.search(words)


def but(name: Any, os_memory_mib: Any) -> Any:
    return vl.platform("virtual-machines").but(name, os_memory_mib=os_memory_mib)


def but_any(name: Any, value: Any) -> Any:
    return vl.platform("virtual-machines").but(
        "slim", **{f"{name:.2000}" if isinstance(name, str) else "x": value}
    )


def compared(runs: Any, more: Any) -> Any:
    return repr(vl.compare(RUNS, runs, more))


VERBS: dict[str, Callable[..., Any]] = {
    **dict(core_laws()),
    **{name: getattr(vl, name) for name in ("Host", "Workload", "OperatingSystem", "Hypervisor")},
    **{name: getattr(vl, name) for name in ("VirtualMachine", "ContainerRuntime", "Container")},
    **{name: getattr(vl, name) for name in ("Deployment", "deploy", "place", "platform")},
    "compare": compared,
    "but": but,
    "but any": but_any,
    "search": search,
    "evidence": vl.evidence,
    **{name: getattr(vl.study, name) for name in ("check", "hint", "solution", "questions")},
    **{f"units.{name}": getattr(vl.units, name) for name in vl.units.__all__},
    **{
        f"Deployment.{name}": getattr(RUNS, name)
        for name in ("availability", "blast_radius", "copies_up_pmf", "cpu", "dies_with", "keeps")
    },
    **{f"Deployment.{name}": getattr(RUNS, name) for name in ("reach_pmf", "ready_s")},
}


def argument(name: str, drawn: random.Random) -> Any:
    """Mostly a good value, so that a call gets far, and a nasty one now and then."""
    if name in TOOLS:
        return TOOLS[name]()
    if drawn.random() < 2 / 3:
        return drawn.choice(GOOD.get(name, GOOD[""]))
    value = nasty(drawn)
    while name in TAKES_TIME and isinstance(value, (int, float)) and value > 1000:
        value = nasty(drawn)
    return value


@functools.cache
def names_of_arguments(verb: str) -> tuple[str, ...]:
    parameters = inspect.signature(VERBS[verb]).parameters.values()
    return tuple(one.name for one in parameters if one.kind is not one.VAR_KEYWORD)


def refused_well(error: VirtlearnError) -> None:
    assert len(str(error)) <= MOST_LETTERS, f"{len(str(error))} letters: {error!s:.300}"
    assert 1 <= len(str(error).splitlines()) <= 8, str(error)


def ask(verb: Callable[..., Any], given: dict[str, Any]) -> Any:
    """Ask once. Warnings are errors here: a learner's cell would show them in red."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "overflow")  # 10^300 MiB times 10^300 is infinity
        try:
            return verb(**given)
        except VirtlearnError as error:
            refused_well(error)
            return None


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_answers_or_refuses_in_its_own_words(verb: str) -> None:
    for drawn in often(verb):
        given = {name: argument(name, drawn) for name in names_of_arguments(verb)}
        with tells(given):
            answer = ask(VERBS[verb], given)
            if isinstance(answer, np.ndarray) and answer.dtype.kind == "f":
                assert not np.isnan(answer).any(), answer
            if type(answer).__module__.startswith("virtlearn"):
                assert repr(answer)


@pytest.mark.parametrize(
    "ask_it",
    [
        lambda x: vl.Host(cores=x, memory_gib=1),
        lambda x: vl.Workload(x),
        lambda x: vl.deploy(APP, copies=x, host=HOST, on="containers"),
        lambda x: vl.platform(x),
        lambda x: vl.evidence(x),
        lambda x: vl.study.check(x),
        lambda x: vl.explore.density(app_mib=x),
        lambda x: vl.units.plain(x),
        lambda x: vl.core.cpu.fair_share(x, capacity_cores=1),
    ],
)
def test_a_number_of_more_digits_than_python_writes_is_refused_like_any_other(
    ask_it: Callable[[Any], Any],
) -> None:
    with pytest.raises(VirtlearnError) as error:
        ask_it(10**5000)
    refused_well(error.value)


# --- what always holds


@st.composite
def deployments(draw: st.DrawFn) -> dict[str, Any]:
    """Anything that a learner may sensibly ask for: a platform, a host, an application."""
    return {
        "workload": vl.Workload(
            "app",
            cpu_cores=draw(st.floats(0.01, 8)),
            memory_mib=draw(st.floats(1, 20_000)),
            disk_mib=draw(st.floats(0, 5_000)),
        ),
        "host": vl.Host(
            cores=draw(st.integers(1, 256)),
            memory_gib=draw(st.floats(2, 900)),
            disk_gib=draw(st.none() | st.floats(1, 10_000)),
            max_pods=draw(st.none() | st.integers(1, 500)),
        ),
        "on": draw(st.sampled_from(vl.platforms())),
        "per_vm": draw(st.integers(1, 8)),
    }


def fits(copies: int, what: dict[str, Any]) -> vl.Deployment | None:
    try:
        return vl.deploy(copies=copies, **what)
    except VirtlearnError as error:
        refused_well(error)
        return None


@many
@given(deployments(), st.integers(1, 60))
def test_memory_grows_with_copies_and_what_is_said_to_fit_fits(
    what: dict[str, Any], copies: int
) -> None:
    some = fits(copies, what)
    if some is None:
        return
    assert some.copies == copies <= some.max_copies
    assert some.memory_mib <= what["host"].memory_mib * (1 + 1e-9)
    more = fits(copies + 1, what)
    assert (more is not None) == (copies + 1 <= some.max_copies)
    if more is not None:
        # A machine is as large as all the copies that it may hold, so that one more may cost nothing.
        assert more.memory_mib >= some.memory_mib
    if some.max_copies <= 2000:
        assert fits(some.max_copies, what) is not None
        assert fits(some.max_copies + 1, what) is None


@many
@given(deployments(), st.integers(1, 30))
def test_probabilities_are_probabilities_and_nothing_is_lost(
    what: dict[str, Any], copies: int
) -> None:
    some = fits(copies, what)
    if some is None:
        return
    up, reached = some.copies_up_pmf(), some.reach_pmf()
    for pmf in (up, reached):
        assert ((pmf >= 0) & (pmf <= 1)).all()
        assert pmf.sum() == pytest.approx(1)
    chances = [some.availability(at_least) for at_least in range(1, copies + 1)]
    assert all(0 <= low <= high <= 1 for high, low in itertools.pairwise(chances))
    assert 1 <= some.blast_radius() <= copies * (1 + 1e-9)


@many
@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=30),
    st.floats(0, 500),
    st.lists(st.floats(1e-3, 1e4), min_size=30, max_size=30),
)
def test_shares_sum_to_what_is_asked_or_to_what_there_is(
    demand: list[float], capacity: float, weight: list[float]
) -> None:
    got = vl.core.cpu.fair_share(demand, capacity_cores=capacity, weight=weight[: len(demand)])
    assert got.sum() == pytest.approx(min(sum(demand), capacity), rel=1e-9, abs=1e-12)
    assert (got <= np.array(demand) * (1 + 1e-12)).all()


# --- explorers

EXPLORERS = [name for name in vl.explore.__all__ if name not in {"Explorer", "Menu", "Slider"}]


@functools.cache
def explorer(name: str) -> vl.explore.Explorer:
    return getattr(vl.explore, name)()


def position(control: Any, drawn: random.Random) -> Any:
    """Where a control can stand, and where it cannot."""
    if isinstance(control, vl.explore.Menu):
        return drawn.choice([drawn.choice(control.options), nasty(drawn)])
    between = drawn.uniform(float(control.positions[0]), float(control.positions[-1]))
    return drawn.choice([drawn.choice(control.positions), between, nasty(drawn)])


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_answers_at_any_values_or_refuses_and_stays(name: str) -> None:
    one = explorer(name)
    for drawn in often(name):
        moved = {key: it for key, it in one.controls.items() if drawn.random() < 1 / 2}
        values = {key: position(it, drawn) for key, it in moved.items()}
        before = one.values
        with tells(values), warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                one.values = values
            except VirtlearnError as error:
                refused_well(error)
                assert one.values == before
                continue
            assert len(one.sentence) > 10
            assert len({len(row) for row in one.table()}) == 1


@pytest.mark.parametrize("name", EXPLORERS)
def test_whatever_a_front_end_sends_the_controls_stay_where_the_values_are(name: str) -> None:
    one = getattr(vl.explore, name)()
    panel = one.widget
    odd = (None, math.nan, math.inf, 1e300, "", "7", [], {}, True)
    for drawn in often(name):
        names = drawn.sample([*one.controls, "nobody"], k=drawn.randint(0, 3))
        moved = {key: drawn.choice([drawn.randint(-2, 60), drawn.choice(odd)]) for key in names}
        before = one.values
        with tells(moved):
            panel._heard(panel, {"kind": "set", "by": "test", "moved": moved}, [])
            for key, value in one.values.items():
                assert one.controls[key].check(value) == value
            if "nobody" in moved:
                assert one.values == before
            assert len(one.sentence) > 10
