import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu.data import split


def sizes(m, ratios):
    return [len(part) for part in split(np.arange(m), ratios=ratios, seed=0)]


@given(
    m=st.integers(10, 300),
    weights=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    seed=st.integers(0, 9),
)
def test_parts_are_disjoint_complete_and_of_their_share(m, weights, seed):
    ratios = [weight / sum(weights) for weight in weights]
    X, y = np.arange(2 * m).reshape(m, 2), np.arange(m)
    if m * min(ratios) < 1:
        return
    parts = split(X, y, ratios=ratios, seed=seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([part_y for _, part_y in parts])), y)
    for (part_X, part_y), ratio in zip(parts, ratios, strict=True):
        np.testing.assert_array_equal(part_X, X[part_y])
        assert abs(len(part_y) - m * ratio) <= 1


def test_sizes_are_exactly_those_of_the_course():
    small = case("split.60_20_20")
    m = small.inputs["m"]
    small.check({"70/30": sizes(m, (0.7, 0.3)), "60/20/20": [len(part) for part in split(np.arange(m))]})


def test_a_million_samples_leave_one_percent_for_dev_and_test():
    big = case("split.big_data")
    m, dev, test = big.inputs["m"], big.inputs["dev"], big.inputs["test"]
    big.check(sizes(m, (1 - dev - test, dev, test)), "split")
    big.check(10_000 / (m + 20_000), "share_on_top")


@given(seed=st.integers(0, 20))
def test_stratified_parts_hold_every_label_in_its_share(seed):
    y = np.repeat([0, 1, 2], [500, 300, 200])
    parts = split(y, ratios=(0.7, 0.2, 0.1), stratify=y, seed=seed)
    assert [len(part) for part in parts] == [700, 200, 100]
    for part, ratio in zip(parts, (0.7, 0.2, 0.1), strict=True):
        np.testing.assert_allclose(np.bincount(part), ratio * np.array([500, 300, 200]), atol=1)
        assert (np.diff(part) < 0).any(), "the labels should be mixed"


def test_a_seed_repeats_the_split_and_without_one_manual_seed_decides():
    y = np.arange(50)
    first = split(y, seed=1)[0].tolist()
    assert split(y, seed=1)[0].tolist() == first
    assert split(y, seed=np.random.default_rng(1))[0].tolist() == first
    assert split(y, seed=2)[0].tolist() != first
    tg.manual_seed(1)
    assert split(y)[0].tolist() == first


def test_parts_are_copies():
    y = np.arange(10)
    split(y, seed=0)[0][:] = -1
    assert y.tolist() == list(range(10))


@pytest.mark.parametrize("ratios", [(0.6, 0.2), (0.7, 0.4), (1.2, -0.2), (1.0, 0.0), (1.0,), (), (float("nan"), 1.0)])
def test_ratios_that_are_not_shares_are_an_error(ratios):
    with pytest.raises(ValueError, match="split: ratios must be at least two positive numbers that sum to 1"):
        split(np.arange(10), ratios=ratios)


def test_an_empty_part_is_an_error():
    with pytest.raises(ValueError, match=r"3 samples in ratios \(0.98, 0.01, 0.01\) give sizes \[3, 0, 0\]"):
        split(np.arange(3), ratios=(0.98, 0.01, 0.01))


def test_arrays_that_do_not_fit_each_other_are_an_error():
    with pytest.raises(ValueError, match=r"same number of samples, but got \[3, 2\]"):
        split(np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match=r"one label for each of the 3 samples, but got shape \(2,\)"):
        split(np.ones(3), ratios=(0.7, 0.3), stratify=[0, 1])
    with pytest.raises(TypeError, match="dtype object"):
        split(np.array([[1], [2, 3]], dtype=object))
