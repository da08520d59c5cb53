"""The board of cases: every tile, word, star and the headline follow from deployments tried one by one."""

import functools

import numpy as np
import pytest

import virtlearn as vl
from virtlearn import explore
from virtlearn.errors import DoesNotFit
from virtlearn.explore.story import _CASES
from virtlearn.model import choice as model

ORDER = ("best", "possible", "fails")


def positions(count, seed):
    rng = np.random.default_rng(seed)
    controls = explore.choice().controls
    return [
        {name: float(rng.choice(controls[name].positions)) for name in controls}
        for _ in range(count)
    ]


@functools.cache
def tried(case, on, host_gib):
    """Deploy a case without the library's own memory of it."""
    copies, mib, _ = _CASES[case]
    host = vl.Host(cores=16, memory_gib=host_gib)
    try:
        made = vl.deploy(vl.Workload("app", 0.1, mib), copies, host=host, on=on)
    except DoesNotFit:
        return None
    free = 1 - made.memory_mib / (1024 * host_gib)
    return made.start_s, made.blast_radius(), made.keeps("random I/O"), made.kernels, free


def expected(at):
    """For each case the free part of the host, for each platform that passes."""
    board = {}
    for case, (_, _, own) in _CASES.items():
        passing = {}
        for on in vl.platforms():
            made = tried(case, on, at["host_gib"])
            if made is None:
                continue
            start, lost, kept, kernels, free = made
            limits = (
                start <= min(own.start_s, at["start_s"]),
                lost <= min(own.lost, at["lost"]),
                kept >= max(own.kept, at["kept"]),
                kernels >= own.kernels,
            )
            if all(limits):
                passing[vl.platform(on).title] = free
        board[case] = passing
    return board


def test_tiles_words_and_headline_follow_from_deployments():
    for at in positions(60, 8):
        the_board_is_right(at)


@pytest.mark.slow
def test_so_it_is_at_a_thousand_positions():
    for at in positions(1000, 80):
        the_board_is_right(at)


def the_board_is_right(at):
    chart = explore.choice(**at).figure()
    tiles, *words = chart.data
    board = expected(at)
    titles = [vl.platform(on).title for on in vl.platforms()]
    written = {
        (int(x), int(y)): text
        for trace in words
        for x, y, text in zip(trace.x or (), trace.y or (), trace.text or (), strict=True)
    }
    won = dict.fromkeys(titles, 0)
    for column, (case, passing) in enumerate(board.items()):
        best = max(passing.values(), default=None)
        for row, title in enumerate(titles):
            end = "fails"
            if title in passing:
                end = "best" if passing[title] == best else "possible"
                assert f"{100 * passing[title]:.0f}" in written[column, row]
            won[title] += end == "best"
            assert ORDER[tiles.z[row][column]] == end, (case, title)
            assert written[column, row].strip("<b>")[0] == "\u2605\u2713\u2717"[ORDER.index(end)]
    most = max(won.values())
    if most:
        assert chart.headline == f"Best in {most} of 6 cases: {max(won, key=won.get)}"
    else:
        assert chart.headline == "No platform passes in any case"
    passes = [sum(title in passing for passing in board.values()) for title in titles]
    shown = [value for name, value in chart.facts.items() if name.startswith("passes_")]
    assert shown == passes


def test_demands_are_asked_of_what_was_tried_before():
    """What was deployed once is not deployed again: only demands have changed."""
    explorer = explore.choice()
    explorer.at(explorer.reach({"lost": 5}))
    before = model._try.cache_info().misses
    for lost in explorer.controls["lost"].positions:
        explorer.at(explorer.reach({"lost": lost, "start_s": 0.5}))
    assert model._try.cache_info().misses == before


def test_words_in_cells_are_short_enough_for_a_page():
    for at in positions(20, 9):
        for trace in explore.choice(**at).figure().data[1:]:
            for text in trace.text or ():
                assert max(map(len, text.split("<br>"))) <= 16
                assert text.count("<br>") <= 1
            assert trace.textfont.size >= 11


def test_a_limit_that_cannot_change_a_tile_is_idle_and_no_other():
    for at in [*positions(6, 13), {"host_gib": 16, "start_s": 0.05, "lost": 1, "kept": 1}]:
        explorer = explore.choice(**at)
        for name in ("start_s", "lost", "kept"):
            control = explorer.controls[name]
            tables = {explorer.at({**at, name: p}).table() for p in control.positions}
            assert bool(control.idle(explorer.values)) == (len(tables) == 1)
