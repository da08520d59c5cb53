"""The policies are what textbooks mean by their names, where their answers differ."""

from __future__ import annotations

import numpy as np
import pytest

from virtlearn import errors
from virtlearn.core.packing import place
from virtlearn.model.policies import POLICIES, best_fit, get_policy


@pytest.mark.parametrize(
    ("name", "hosts"),
    [
        ("first-fit", [0, 1, 2, 0, 0]),
        ("next-fit", [0, 1, 2, 2, 2]),
        ("best-fit", [0, 1, 2, 1, 0]),
        ("worst-fit", [0, 1, 2, 2, 0]),
    ],
)
def test_five_items_where_textbooks_differ(name, hosts):
    """By hand: 6, 8, 5 on three hosts of 10 leave 4, 2, 5 (of 10); a 2 and another 2 come."""
    assert place([[6], [8], [5], [2], [2]], [[10]] * 3, get_policy(name)).tolist() == hosts


def test_next_fit_goes_on_from_the_host_used_last_and_round_the_circle():
    """By hand: 3 is too much for host 0 and 1, so host 2; then 2 stays, and 2 more go round to host 0."""
    assert place([[3], [2], [2]], [[2], [2], [5]], get_policy("next-fit")).tolist() == [2, 2, 0]


def test_next_fit_and_worst_fit_differ():
    """By hand: 7, 6 on two hosts of 10 leave 3 and 4; 1 to host 1, then worst-fit sees a tie."""
    demand, capacity = [[7], [6], [1], [1]], [[10], [10]]
    assert place(demand, capacity, get_policy("next-fit")).tolist() == [0, 1, 1, 1]
    assert place(demand, capacity, get_policy("worst-fit")).tolist() == [0, 1, 1, 0]


def test_the_dot_product_goes_where_the_shapes_agree():
    """By hand: memory-hungry (1, 4) of (10, 10): 0.1 x 0.8 + 0.4 x 0.2 = 0.16 against 0.1 x 0.2 + 0.4 x 0.8 = 0.34."""
    free = np.array([[8.0, 2.0], [2.0, 8.0]])
    score = get_policy("dot-product")(np.array([1.0, 4.0]), free, np.full((2, 2), 10.0), -1)
    np.testing.assert_allclose(score, [0.16, 0.34])


def test_resources_count_as_fractions_of_the_largest_host():
    """By hand: 1 of 2 cores left weighs more than 400 of 1000 MiB, whatever the units."""
    free, capacity = np.array([[1.0, 0.0], [0.0, 400.0]]), np.array([[2.0, 1000.0], [2.0, 1000.0]])
    need = np.zeros(2)
    assert get_policy("worst-fit")(need, free, capacity, -1).argmax() == 0
    assert get_policy("best-fit")(need, free, capacity, -1).argmax() == 1


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_a_resource_that_no_host_has_does_not_disturb(policy):
    assert place([[1, 0], [1, 0]], [[2, 0], [2, 0]], policy)[0] >= 0


def test_a_function_is_a_policy():
    assert get_policy(best_fit) is best_fit
    assert all(get_policy(name) is policy for name, policy in POLICIES.items())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("worst", "There is no placement policy called 'worst'. Did you mean worst-fit?"),
        ([1], f"There is no placement policy called [1]. Known: {', '.join(sorted(POLICIES))}."),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(name, message):
    with pytest.raises(errors.UnknownName) as refused:
        get_policy(name)
    assert str(refused.value) == message
