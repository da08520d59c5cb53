"""Sums and products over a tree, against loops that anybody can follow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.tree import depth, leaves, path_product, path_sum, subtree_sum

GUEST_WITH_TWO_CONTAINERS = [-1, 0, 1, 1]


def slow_subtree_sum(parent, x):
    total = [float(v) for v in x]
    for i in reversed(range(1, len(parent))):
        total[parent[i]] += total[i]
    return total


def slow_path(parent, x, combine):
    total = []
    for i, value in enumerate(x):
        total.append(float(value) if i == 0 else combine(total[parent[i]], float(value)))
    return total


def slow_depth(parent):
    steps = []
    for p in parent:
        steps.append(0 if p < 0 else steps[p] + 1)
    return steps


def random_tree(rng, n):
    """Half of the trees are numbered level by level, half anyhow."""
    parent = np.array([-1, *(int(rng.integers(0, i)) for i in range(1, n))])
    return np.sort(parent) if rng.random() < 0.5 else parent


@st.composite
def trees(draw):
    n = draw(st.integers(1, 30))
    return [-1, *(draw(st.integers(0, i - 1)) for i in range(1, n))]


def test_a_host_needs_what_everything_inside_it_needs():
    """By hand: 10 + 20 in the guest of 256, and 100 on the host."""
    assert subtree_sum(GUEST_WITH_TWO_CONTAINERS, [100, 256, 10, 20]).tolist() == [
        386.0,
        286.0,
        10.0,
        20.0,
    ]


def test_a_start_takes_the_sum_of_the_phases_on_its_path():
    assert path_sum(GUEST_WITH_TWO_CONTAINERS, [1, 8, 0.5, 1]).tolist() == [1.0, 9.0, 9.5, 10.0]


def test_a_copy_is_up_if_its_whole_path_is():
    assert path_product(GUEST_WITH_TWO_CONTAINERS, [0.5, 0.5, 1, 0.5]).tolist() == [
        0.5,
        0.25,
        0.25,
        0.125,
    ]


def test_depth_and_leaves_of_a_tree_that_is_not_numbered_by_level():
    """Node 1 and its child 2 come before the root's second child, 3."""
    parent = [-1, 0, 1, 0, 3, 3]
    assert depth(parent).tolist() == [0, 1, 2, 1, 2, 2]
    assert leaves(parent).tolist() == [2, 4, 5]


def test_a_tree_may_be_one_node():
    assert subtree_sum([-1], [7]).tolist() == [7.0]
    assert path_sum([-1], 7).tolist() == [7.0]
    assert (depth([-1]).tolist(), leaves([-1]).tolist()) == ([0], [0])


def test_walks_agree_with_loops_over_the_nodes_on_two_thousand_trees():
    rng = np.random.default_rng(1)
    for _ in range(2000):
        parent = random_tree(rng, int(rng.integers(1, 30)))
        x = rng.random(parent.size) * rng.choice([0, 1, 1e9], parent.size)
        np.testing.assert_allclose(subtree_sum(parent, x), slow_subtree_sum(parent, x), rtol=1e-13)
        np.testing.assert_allclose(
            path_sum(parent, x), slow_path(parent, x, float.__add__), rtol=1e-13
        )
        np.testing.assert_allclose(
            path_product(parent, x), slow_path(parent, x, float.__mul__), rtol=1e-13
        )
        assert depth(parent).tolist() == slow_depth(parent)
        assert leaves(parent).tolist() == sorted(set(range(parent.size)) - set(parent.tolist()))


@settings(deadline=None)
@given(trees(), st.integers(1, 4), st.randoms(use_true_random=False))
def test_a_batch_of_numbers_is_the_loop_over_its_rows(parent, rows, random):
    x = np.array([[random.random() for _ in parent] for _ in range(rows)])
    for walk in (subtree_sum, path_sum, path_product):
        np.testing.assert_allclose(walk(parent, x), [walk(parent, row) for row in x], rtol=1e-13)


@settings(deadline=None)
@given(trees())
def test_the_root_has_everything_and_a_leaf_only_itself(parent):
    x = np.arange(len(parent)) + 0.5
    total = subtree_sum(parent, x)
    assert total[0] == pytest.approx(x.sum())
    assert total[leaves(parent)].tolist() == x[leaves(parent)].tolist()


@settings(deadline=None)
@given(trees())
def test_counting_ones_along_a_path_gives_the_depth(parent):
    assert (path_sum(parent, np.ones(len(parent))) - 1).tolist() == depth(parent).tolist()


def test_one_number_stands_for_every_node():
    assert subtree_sum(GUEST_WITH_TWO_CONTAINERS, 1).tolist() == [4.0, 3.0, 1.0, 1.0]


def test_the_numbers_given_are_left_alone():
    x = np.ones(4)
    subtree_sum(np.array(GUEST_WITH_TWO_CONTAINERS), x)
    assert x.tolist() == [1.0] * 4


def test_a_chain_of_a_thousand_nodes_is_summed_to_its_end():
    chain = np.arange(-1, 999)
    assert subtree_sum(chain, 1).tolist() == list(range(1000, 0, -1))
    assert path_sum(chain, 1)[-1] == depth(chain)[-1] + 1 == 1000


def test_a_million_leaves_are_summed():
    star = np.r_[-1, np.zeros(10**6, dtype=int)]
    assert subtree_sum(star, 1)[0] == 10**6 + 1
    assert leaves(star).size == 10**6


def test_answers_are_floats_and_indices_are_int64():
    assert subtree_sum(np.array([-1, 0], dtype=np.int32), np.array([1, 2])).dtype == np.float64
    assert depth([-1, 0]).dtype == leaves([-1, 0]).dtype == np.int64


REFUSALS = [
    (
        lambda: depth([]),
        errors.NotATree,
        "parent is []; it must be a list of whole numbers, one for each node.",
    ),
    (
        lambda: depth([-1.0, 0.0]),
        errors.NotATree,
        "parent is [-1.0, 0.0]; it must be a list of whole numbers, one for each node.",
    ),
    (
        lambda: depth([[-1], [0, 1]]),
        errors.NotATree,
        "parent is [[-1], [0, 1]]; it must be a list of whole numbers, one for each node.",
    ),
    (
        lambda: depth([-1, 10**30]),
        errors.NotATree,
        "parent is [-1, 1000000000000000000000000000000]; it must be a list of whole numbers, one for each node.",
    ),
    (
        lambda: leaves([0, 0]),
        errors.NotATree,
        "parent[0] is 0; the first node is the root, and its parent is -1.",
    ),
    (
        lambda: subtree_sum([-1, 2, 0], [1, 1, 1]),
        errors.NotATree,
        "parent[1] is 2; a parent must come before its child, so 0 to 0.",
    ),
    (
        lambda: path_sum([-1, 0, -1], [1, 1, 1]),
        errors.NotATree,
        "parent[2] is -1; a parent must come before its child, so 0 to 1.",
    ),
    (
        lambda: subtree_sum([-1, 0], [1, -2]),
        errors.ImpossibleAmount,
        "x holds -2.0 at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: path_sum([-1, 0], [[1, 1], [np.nan, 1]]),
        errors.ImpossibleAmount,
        "x holds nan at index (1, 0); it must be finite and at least 0.",
    ),
    (
        lambda: path_product([-1, 0], np.inf),
        errors.ImpossibleAmount,
        "x is inf; it must be finite and at least 0.",
    ),
    (
        lambda: path_product([-1, 0], [1e300, 1e300]),
        errors.ImpossibleAmount,
        "x grows beyond the largest number (1.8e308) on its way; use a larger unit.",
    ),
    (
        lambda: subtree_sum([-1, 0], [1, 2, 3]),
        errors.ShapeMismatch,
        "x has the shape (3,), but there are 2 nodes; give one for each.",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"), REFUSALS, ids=[m[:40] for _, _, m in REFUSALS]
)
def test_what_is_no_tree_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
