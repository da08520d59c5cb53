"""Following a load: by hand, against a slow second autoscaler in plain Python, and over random loads."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.scaling import (
    copies_by_utilization,
    follow_load,
    limit_change,
    rollout,
    settle,
)

UP = (("copies", 4, 15), ("percent", 100, 15))
DOWN = (("percent", 100, 15),)


# ---------------------------------------------------------------- slow, obvious second implementations


def slow_percent(use, ask):
    """Whole per cents in exact fractions."""
    return math.floor(100 * sum(map(Fraction, use)) / sum(map(Fraction, ask)))


def slow_copies(use, ask, state, target, now, down=0.1, up=0.1):
    """Read one copy after the other, as the controller's groups do."""
    counted = [i for i, s in enumerate(state) if s == 0]
    metrics = {i: use[i] for i in counted}
    ratio = slow_percent(metrics.values(), [ask[i] for i in metrics]) / target
    unmeasured = [i for i, s in enumerate(state) if s == 2]
    starting = [i for i, s in enumerate(state) if s == 1]
    if not unmeasured and not (starting and ratio > 1):
        return now if 1 - down <= ratio <= 1 + up else math.ceil(ratio * len(counted))
    for i in unmeasured:
        if ratio < 1:
            metrics[i] = ask[i] * max(100, target) // 100
        elif ratio > 1:
            metrics[i] = 0
    if ratio > 1:
        metrics |= dict.fromkeys(starting, 0)
    again = slow_percent(metrics.values(), [ask[i] for i in metrics]) / target
    if 1 - down <= again <= 1 + up or (ratio < 1 < again) or (again < 1 < ratio):
        return now
    proposal = math.ceil(again * len(metrics))
    return now if (again < 1 and proposal > now) or (again > 1 and proposal < now) else proposal


def slow_settle(wanted, copies, past, ages, up, down):
    young = [p for p, age in zip(past, ages, strict=True) if age < up]
    younger = [p for p, age in zip(past, ages, strict=True) if age < down]
    if copies < min([wanted, *young]):
        return min([wanted, *young])
    return min(copies, max([wanted, *younger]))


def slow_limit(wanted, copies, least, most, up, down, select, events):
    """Look at every policy and every event."""

    def start(period):
        inside = [(a, r) for a, r, age in events if age < period]
        return copies - sum(a for a, _ in inside) + sum(r for _, r in inside)

    if wanted > copies:
        if select[0] == "disabled":
            return min(copies, most)
        offers = [
            start(p) + v if kind == "copies" else math.ceil(start(p) * (1 + v / 100))
            for kind, v, p in up
        ]
        limit = max(offers) if select[0] == "max" else min(offers)
        return min(wanted, most, max(limit, copies))
    if wanted < copies:
        if select[1] == "disabled":
            return copies
        offers = [
            start(p) - v if kind == "copies" else int(start(p) * (1 - v / 100))
            for kind, v, p in down
        ]
        limit = min(offers) if select[1] == "max" else max(offers)
        return max(wanted, least, min(limit, copies))
    return wanted


def slow_follow(load, start, copies, target, size, sync, least, most, up_window, down_window):
    """Keep every copy's start time, every proposal and every change in lists; times are fractions."""
    born = [-Fraction(10**9)] * copies
    past, changes, wanted, ready, unserved = [], [], [], [], []
    for k, cores in enumerate(load):
        now = k * sync
        up = [b for b in born if now - b >= start and b < now]
        served = min(cores, len(up) * size)
        states = [0] * len(up) + [1] * (len(born) - len(up))
        use = [served / len(up)] * len(up) + [0] * (len(born) - len(up))
        proposal = slow_copies(use, [size] * len(born), states, target, len(born))
        ages = [now - at for at, _ in past]
        count = slow_settle(proposal, len(born), [p for _, p in past], ages, up_window, down_window)
        events = [(max(c, 0), max(-c, 0), now - at) for at, c in changes]
        count = slow_limit(count, len(born), least, most, UP, DOWN, ("max", "max"), events)
        past.append((now, proposal))
        changes.append((now, count - len(born)))
        born = born[:count] + [now] * (count - len(born))
        wanted.append(count)
        ready.append(len(up))
        unserved.append(float(max(cores - len(up) * size, 0)))
    return wanted, ready, unserved


# ---------------------------------------------------------------- the proposal


def test_a_per_cent_is_cut_and_not_rounded():
    """By hand: 54.9 % of 50 is 54 / 50 = 1.08 and holds; 55 is 1.1, still inside; 56 grows to ceil(11.2)."""
    use = [[549] * 10, [550] * 10, [559] * 10, [560] * 10]
    assert copies_by_utilization(use, 1000, target_percent=50).tolist() == [10, 10, 10, 12]


def test_a_ratio_is_multiplied_in_double_precision_as_the_controller_does():
    """50 x 1.1 is 55.00000000000001, so with a tolerance below it is 56; in fractions it would be 55."""
    got = copies_by_utilization([[55] * 50], 100, target_percent=50, tolerance_up=0.05)
    assert got.tolist() == [56]


def test_a_copy_that_reports_nothing_never_makes_a_change_larger():
    """By hand, target 50: nine at 20 % would be 4 of 9; with the tenth at 100 % it is 28 %, so 6 of 10."""
    use = [200] * 9 + [0]
    silent = [0] * 9 + [2]
    assert copies_by_utilization(use[:9], 1000, target_percent=50).item() == 4
    assert copies_by_utilization(use, 1000, target_percent=50, state=silent).item() == 6


def test_starting_copies_stay_out_when_it_shrinks_and_count_as_idle_when_it_grows():
    """By hand: one of two at 20 % shrinks to ceil(0.4 * 1); at 90 % over both it is 45 %, inside."""
    got = copies_by_utilization([[20, 0], [90, 0]], 100, target_percent=50, state=[0, 1])
    assert got.tolist() == [1, 2]


def test_more_copies_listed_than_set_are_not_what_is_held():
    """Rolling update: 6 listed, 5 set, use on target."""
    assert copies_by_utilization([50] * 6, 100, target_percent=50, copies=5).item() == 5


@st.composite
def pods(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = int(rng.integers(1, 12))
    state = rng.choice([0, 0, 0, 1, 2], n)
    state[0] = 0
    return {
        "used": rng.integers(0, 2000, n),
        "requested": rng.choice([100, 500, 999, 1000], n),
        "state": state,
        "target_percent": int(rng.integers(1, 200)),
        "copies": int(rng.integers(1, 15)),
    }


@settings(deadline=None, max_examples=1000)
@given(pods())
def test_a_proposal_agrees_with_reading_copy_after_copy(case):
    slow = slow_copies(
        case["used"].tolist(),
        case["requested"].tolist(),
        case["state"].tolist(),
        case["target_percent"],
        case["copies"],
    )
    assert copies_by_utilization(**case).item() == slow


@settings(deadline=None, max_examples=300)
@given(pods(), st.integers(1, 500))
def test_more_use_never_means_fewer_copies_where_all_are_counted(case, more):
    case |= {"state": 0, "copies": None}
    before = copies_by_utilization(**case).item()
    after = copies_by_utilization(**case | {"used": case["used"] + more}).item()
    held = case["used"].size
    assert after >= min(before, held)


# ---------------------------------------------------------------- settling and limits


def test_a_proposal_as_old_as_the_window_is_forgotten():
    """Open at the old end: at 300 s it is out; a closed window would say 5."""
    ages = [[299.9], [300]]
    assert settle(3, copies=100, past=[5], past_age_s=ages).tolist() == [5, 3]


def test_a_change_as_old_as_the_period_no_longer_counts():
    """By hand: 10 copies, 5 of them new; within the period the start was 5, so 5 + 4 and twice 5 allow 10."""
    grown = {"copies": 10, "most": 100, "added": [5]}
    assert limit_change(50, added_age_s=[14.9], **grown).item() == 10
    assert limit_change(50, added_age_s=[15], **grown).item() == 20


def test_growth_rounds_up_and_shrinking_cuts_down():
    """By hand: 10 % of 15 more is 16.5, so 17; less is 13.5, so 13. Rounding would say 16 or 14."""
    tenth = (("percent", 10, 60),)
    assert limit_change(99, copies=15, most=99, up=tenth).item() == 17
    assert limit_change(1, copies=15, most=99, down=tenth).item() == 13


def test_the_least_change_is_the_smaller_one_both_ways():
    both = (("copies", 2, 60), ("percent", 50, 60))
    given = {"copies": 10, "most": 100, "up": both, "down": both}
    assert limit_change([99, 1], select_up="min", select_down="min", **given).tolist() == [12, 8]
    assert limit_change([99, 1], **given).tolist() == [15, 5]
    stuck = limit_change([99, 1], select_up="disabled", select_down="disabled", **given)
    assert stuck.tolist() == [10, 10]


@settings(deadline=None, max_examples=500)
@given(st.integers(0, 2**32))
def test_settling_agrees_with_a_look_at_every_proposal(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 6))
    past, ages = rng.integers(1, 20, n), rng.choice([0, 60, 299, 300, 301], n)
    wanted, copies = (int(x) for x in rng.integers(1, 20, 2))
    up, down = rng.choice([0, 60, 61, 300], 2)
    got = settle(
        wanted, copies=copies, past=past, past_age_s=ages, up_window_s=up, down_window_s=down
    )
    assert got.item() == slow_settle(wanted, copies, past.tolist(), ages.tolist(), up, down)


@settings(deadline=None, max_examples=800)
@given(st.integers(0, 2**32))
def test_limits_agree_with_a_look_at_every_policy_and_event(seed):
    rng = np.random.default_rng(seed)
    kinds = ("copies", "percent")

    def policies():
        return [
            (str(rng.choice(kinds)), int(rng.integers(1, 150)), int(rng.choice([15, 60])))
            for _ in range(rng.integers(1, 4))
        ]

    up, down = policies(), policies()
    select = [str(rng.choice(["max", "min", "disabled"])) for _ in range(2)]
    n = int(rng.integers(0, 4))
    ages = rng.choice([0, 14, 15, 59, 60], 2 * n)
    changed = rng.integers(0, 9, 2 * n)
    events = [(int(c), 0, int(a)) for c, a in zip(changed[:n], ages[:n], strict=True)]
    events += [(0, int(c), int(a)) for c, a in zip(changed[n:], ages[n:], strict=True)]
    wanted, copies = (int(x) for x in rng.integers(1, 60, 2))
    least, most = 1, int(rng.integers(60, 90))
    got = limit_change(
        wanted,
        copies=copies,
        least=least,
        most=most,
        up=up,
        down=down,
        select_up=select[0],
        select_down=select[1],
        added=changed[:n],
        added_age_s=ages[:n],
        removed=changed[n:],
        removed_age_s=ages[n:],
    )
    assert got.item() == slow_limit(wanted, copies, least, most, up, down, select, events)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10**4), st.integers(1, 50), st.integers(1, 50))
def test_a_limit_never_turns_a_change_round_nor_passes_the_wish(wanted, copies, more):
    got = limit_change(wanted, copies=copies, most=copies + more).item()
    assert min(wanted, copies) <= got <= max(wanted, copies)


# ---------------------------------------------------------------- following


def lost(load, **rule):
    """Core seconds of work that no copy did."""
    return float(follow_load(load, **rule).unserved_cores.sum() * rule.get("sync_s", 15))


def test_one_spike_costs_more_the_longer_a_copy_takes_to_start():
    """By hand: 6 and 2 cores for 15 s; 6 x 4 + 2 x 4 for a minute; and for 240 s."""
    spike = [2.0] * 2 + [10.0] * 60
    assert lost(spike, start_s=0.2, copies=4) == 120
    assert lost(spike, start_s=60, copies=4) == 480
    assert lost(spike, start_s=240, copies=4) >= 1860


def test_copies_present_at_the_start_are_ready_at_once():
    """Forgetting them would leave the first steps unserved."""
    got = follow_load([3, 3, 3], start_s=1000, copies=4, target_percent=75)
    assert got.ready.tolist() == [4, 4, 4]
    assert got.unserved_cores.tolist() == [0, 0, 0]


def test_a_copy_is_ready_when_exactly_its_start_time_is_over():
    """0.3 s in steps of 0.1 s are three steps, although 0.1 + 0.1 + 0.1 is more than 0.3."""
    got = follow_load([4, 4, 4, 4, 4], start_s=0.3, copies=2, sync_s=0.1, most=4)
    assert got.ready.tolist() == [2, 2, 2, 4, 4]


def test_a_load_beyond_every_count_stays_unserved_for_ever():
    got = follow_load([50] * 40, start_s=1, copies=2, most=10)
    assert got.wanted[-1] == 10
    assert got.unserved_cores[-1] == 40


def test_a_load_that_is_gone_is_followed_down_only_after_the_window():
    """By hand: the last proposal of 20 is made at 15 s, so it holds the count until 300 s later."""
    got = follow_load([10, 10] + [0.1] * 30, start_s=1, copies=20)
    held = np.flatnonzero(got.wanted == 20)[-1]
    assert held * 15 == 15 + 285
    assert got.wanted[-1] == 1


def random_rule(rng):
    """Draw a rule whose times are whole numbers of twentieths, so that fractions are exact."""
    least = int(rng.integers(1, 4))
    most = least + int(rng.integers(0, 40))
    return {
        "start_s": float(rng.choice([0, 0.25, 15, 16, 45, 100])),
        "copies": int(rng.integers(least, most + 1)),
        "target_percent": int(rng.integers(10, 120)),
        "copy_cores": float(rng.choice([0.25, 0.5, 1, 2])),
        "sync_s": float(rng.choice([5, 7.5, 15, 30])),
        "least": least,
        "most": most,
        "up_window_s": float(rng.choice([0, 15, 60])),
        "down_window_s": float(rng.choice([0, 30, 300])),
    }


def random_load(rng, steps):
    return rng.integers(0, 64, steps) / 4 * rng.choice([0.25, 1, 4])


def test_following_agrees_with_an_autoscaler_that_keeps_lists():
    rng = np.random.default_rng(7)
    for _ in range(400):
        rule, load = random_rule(rng), random_load(rng, int(rng.integers(1, 50)))
        got = follow_load(load, **rule)
        exact = {
            k: Fraction(v) for k, v in rule.items() if k in {"start_s", "copy_cores", "sync_s"}
        }
        slow = slow_follow(
            [Fraction(x) for x in load],
            exact["start_s"],
            rule["copies"],
            rule["target_percent"],
            exact["copy_cores"],
            exact["sync_s"],
            rule["least"],
            rule["most"],
            rule["up_window_s"],
            rule["down_window_s"],
        )
        assert got.wanted.tolist() == slow[0]
        assert got.ready.tolist() == slow[1]
        assert got.unserved_cores.tolist() == slow[2]


def test_a_batch_of_loads_and_rules_is_the_loop_over_them():
    rng = np.random.default_rng(8)
    rules = [random_rule(rng) for _ in range(30)]
    loads = np.array([random_load(rng, 60) for _ in rules])
    batch = follow_load(loads, **{name: [rule[name] for rule in rules] for name in rules[0]})
    for i, rule in enumerate(rules):
        alone = follow_load(loads[i], **rule)
        for together, one in zip(batch, alone, strict=True):
            assert together[i].tolist() == one.tolist()
    assert batch.wanted.dtype == batch.ready.dtype == np.int64


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32))
def test_counts_stay_between_their_ends_and_nothing_is_served_twice(seed):
    rng = np.random.default_rng(seed)
    rule, load = random_rule(rng), random_load(rng, 30)
    got = follow_load(load, **rule)
    assert (got.wanted >= rule["least"]).all()
    assert (got.wanted <= rule["most"]).all()
    assert (got.ready <= np.append(rule["copies"], got.wanted[:-1])).all()
    served = load - got.unserved_cores
    assert (got.unserved_cores >= 0).all()
    assert (served <= got.ready * rule["copy_cores"]).all()


# ---------------------------------------------------------------- replacing copies


def slow_rollout(copies, surge, missing):
    """Start and stop one copy after the other as soon as it is allowed."""
    old, new, starting, waves, least, most = copies, 0, 0, 0, copies, copies
    while old or starting:
        while True:
            if new + starting < copies and old + new + starting < copies + surge:
                starting += 1
            elif old and old + new > copies - missing:
                old -= 1
            else:
                break
            least, most = min(least, old + new), max(most, old + new + starting)
        if starting:
            new, starting, waves = new + starting, 0, waves + 1
    return least, most, waves


def test_a_rolling_update_stays_between_missing_and_surge():
    """The field's example: ten copies, three more and two less allowed."""
    least, most, _ = rollout(10, max_surge=3, max_unavailable=2, start_s=1)
    assert (least.item(), most.item()) == (8, 13)


def test_a_percentage_is_rounded_up_for_the_surge_and_down_for_the_missing():
    """By hand: 25 % of 10 is 2.5, so 3 and 2; of 1 it is 1 and 0; both rounded alike would be 8 to 12."""
    got = rollout([10, 1], max_surge="25%", max_unavailable="25%", start_s=1)
    assert got.least_up.tolist() == [8, 1]
    assert got.most_running.tolist() == [13, 2]


def test_a_rolling_update_agrees_with_starting_one_copy_after_the_other():
    tried = 0
    for copies in range(13):
        for surge in range(6):
            for missing in range(6):
                if surge + missing:
                    got = rollout(copies, max_surge=surge, max_unavailable=missing, start_s=2)
                    least, most, waves = slow_rollout(copies, surge, missing)
                    assert [x.item() for x in got] == [least, most, 2.0 * waves]
                    tried += 1
    assert tried == 13 * 35


# ---------------------------------------------------------------- refusals

REFUSALS = [
    (
        lambda: copies_by_utilization([5], [10], target_percent=0),
        errors.ImpossibleCount,
        "target_percent is 0.0; it must be a whole number of at least 1, and below 2**53.",
    ),
    (
        lambda: copies_by_utilization([5], [0], target_percent=50),
        errors.ImpossibleAmount,
        "requested holds 0.0 at index 0; it must be finite and greater than 0.",
    ),
    (
        lambda: copies_by_utilization([5, 5], 10, target_percent=50, state=[1, 2]),
        errors.ImpossibleCount,
        "No copy is counted (state 0), so nothing can be said. Wait for one.",
    ),
    (
        lambda: copies_by_utilization([5], 10, target_percent=50, state=[3]),
        errors.ImpossibleCount,
        "state holds 3.0 at index 0; it must be a whole number from 0 to 2.",
    ),
    (
        lambda: settle(3, copies=3, past=[1, 2], past_age_s=[1, 2, 3]),
        errors.ShapeMismatch,
        "past (2,), past_age_s (3,) cannot be lined up; each past proposal has its age.",
    ),
    (
        lambda: limit_change(3, copies=3, up=[("pods", 4, 15)]),
        errors.UnknownName,
        "a policy of up is 'pods', which is not known. Known: copies, percent.",
    ),
    (
        lambda: limit_change(3, copies=3, down=[]),
        errors.ImpossibleCount,
        'down has no policy, so nothing says how fast the count may change. Give one, or say select_down="disabled".',
    ),
    (
        lambda: limit_change(3, copies=3, least=5, most=4),
        errors.ImpossibleCount,
        "least is 5 and most is 4; least must not be above most.",
    ),
    (
        lambda: follow_load([1], start_s=1, copies=5, most=4),
        errors.ImpossibleCount,
        "copies is 5, but least is 1 and most is 4. Start with a count between them.",
    ),
    (
        lambda: follow_load([1, -1], start_s=1, copies=5),
        errors.ImpossibleAmount,
        "load_cores holds -1.0 at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: follow_load([1], start_s=math.inf, copies=5),
        errors.ImpossibleAmount,
        "start_s is inf; it must be finite and at least 0.",
    ),
    (
        lambda: rollout(3, max_surge=0, max_unavailable=0, start_s=1),
        errors.ImpossibleCount,
        "max_surge and max_unavailable are both 0, so no copy could ever be replaced. Allow one more, or one missing.",
    ),
    (
        lambda: rollout(3, max_surge="a few", max_unavailable=0, start_s=1),
        errors.ImpossibleCount,
        "max_surge is 'a few'; give a whole number, or a text as \"25%\".",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
