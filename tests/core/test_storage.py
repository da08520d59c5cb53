"""What is stored once and what for each copy: by hand, and against sets of layers."""

from __future__ import annotations

import numpy as np
import pytest

from virtlearn import errors
from virtlearn.core.storage import clones_mib, full_copies_mib, pull_s, stored_mib

IMAGES, SIZES = [[1, 1, 0], [1, 0, 1]], [75, 10, 20]


def test_a_shared_base_is_stored_once():
    """By hand: 75 + 10 + 20, and 2 x 75 + 10 + 20 for whole copies."""
    assert stored_mib(IMAGES, SIZES) == 105
    assert full_copies_mib(IMAGES, SIZES) == 180


def test_a_layer_that_nobody_uses_is_not_stored():
    assert stored_mib([[1, 0]], [5, 1000]) == 5


def test_many_sizes_are_one_call():
    assert stored_mib(IMAGES, [SIZES, [1, 1, 1]]).tolist() == [105, 3]
    assert full_copies_mib(IMAGES, [SIZES, [1, 1, 1]]).tolist() == [180, 4]


def test_clones_store_one_base_and_their_changes():
    assert clones_mib(2048, 0.1, 10) == pytest.approx(4096)
    assert clones_mib(100, 0, [0, 1, 50]).tolist() == [100, 100, 100]
    assert clones_mib(100, 1, 3) == 400


def test_a_pull_leaves_out_what_is_there():
    assert pull_s(IMAGES, SIZES, cached=[0, 0, 0], mib_per_s=5).tolist() == [17, 19]
    assert pull_s(IMAGES, SIZES, cached=[1, 0, 0], mib_per_s=5).tolist() == [2, 4]
    assert pull_s(IMAGES, SIZES, cached=[1, 1, 1], mib_per_s=5).tolist() == [0, 0]


def test_many_speeds_are_one_call():
    assert pull_s(IMAGES, SIZES, cached=[1, 0, 0], mib_per_s=[5, 10]).tolist() == [[2, 4], [1, 2]]


def test_one_number_stands_for_every_layer():
    assert stored_mib(IMAGES, 10) == 30
    assert pull_s(IMAGES, SIZES, cached=1, mib_per_s=5).tolist() == [0, 0]


def test_no_images_take_no_disk():
    assert stored_mib(np.zeros((0, 3)), SIZES) == full_copies_mib(np.zeros((0, 3)), SIZES) == 0


def test_clones_agree_with_writing_one_after_the_other():
    rng = np.random.default_rng(6)
    for _ in range(1000):
        base, changed, copies = rng.random() * 4096, rng.random(), int(rng.integers(0, 30))
        disk = base
        for _ in range(copies):
            disk += changed * base
        assert clones_mib(base, changed, copies) == pytest.approx(disk, rel=1e-12)


def test_two_thousand_random_shelves_against_sets_of_layers():
    rng = np.random.default_rng(5)
    for _ in range(2000):
        n, m = rng.integers(1, 6, 2)
        used, size, there = (
            rng.integers(0, 2, (n, m)),
            rng.integers(0, 100, m),
            rng.integers(0, 2, m),
        )
        shelves = [{j for j in range(m) if row[j]} for row in used]
        assert stored_mib(used, size) == sum(size[j] for j in set.union(*shelves))
        assert full_copies_mib(used, size) == sum(size[j] for shelf in shelves for j in shelf)
        fetch = [sum(size[j] for j in shelf if not there[j]) / 4 for shelf in shelves]
        assert pull_s(used, size, cached=there, mib_per_s=4).tolist() == fetch


REFUSED = [
    (
        lambda: stored_mib([[1, 2]], [1, 1]),
        "images holds 2.0 at index (0, 1); it must be 0 or 1 (used).",
    ),
    (
        lambda: stored_mib([1, 0], [1, 1]),
        "images has the shape (2,); it must have a row for each image and a column for each layer.",
    ),
    (
        lambda: stored_mib(IMAGES, [1, 2]),
        "layers_mib has the shape (2,), but there are 3 layers; give one for each.",
    ),
    (
        lambda: full_copies_mib(IMAGES, [1, -2, 3]),
        "layers_mib holds -2.0 at index 1; it must be finite and at least 0.",
    ),
    (lambda: clones_mib(-1, 0.5, 2), "base_mib is -1.0; it must be finite and at least 0."),
    (lambda: clones_mib(1, 0.5, 2.5), "copies is 2.5; it must be a whole number of at least 0."),
    (lambda: clones_mib(1, 1.5, 2), "changed_fraction is 1.5; it must lie between 0 and 1."),
    (
        lambda: clones_mib([1, 2], 0.5, [1, 2, 3]),
        "base_mib (2,), changed_fraction (), copies (3,) cannot be lined up; they must broadcast.",
    ),
    (
        lambda: pull_s(IMAGES, SIZES, cached=[0, 0, 0], mib_per_s=0),
        "mib_per_s is 0.0; it must be finite and greater than 0.",
    ),
    (
        lambda: pull_s(IMAGES, SIZES, cached=[0, 0], mib_per_s=1),
        "cached has the shape (2,), but there are 3 layers; give one number for each.",
    ),
    (
        lambda: pull_s(IMAGES, SIZES, cached=[0, 0.5, 1], mib_per_s=1),
        "cached holds 0.5 at index 1; it must be 0 or 1 (there already).",
    ),
    (
        lambda: pull_s(IMAGES, [SIZES, SIZES], cached=[0, 0, 0], mib_per_s=[1, 2, 3]),
        "layers_mib (2,), mib_per_s (3,) cannot be lined up; mib_per_s has one number for each row of layers_mib.",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[r[1][:40] for r in REFUSED])
def test_refused_with_a_sentence(call, message):
    with pytest.raises(errors.VirtlearnError) as refused:
        call()
    assert str(refused.value) == message
