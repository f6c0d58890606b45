import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu.data import DataLoader


@given(m=st.integers(1, 50), size=st.integers(1, 60), shuffle=st.booleans())
def test_an_epoch_visits_every_sample_once(m, size, shuffle):
    X, y = np.arange(2 * m).reshape(m, 2), np.arange(m)
    loader = DataLoader(X, y, batch_size=size, shuffle=shuffle, seed=0)
    batches = list(loader)
    assert len(batches) == len(loader)
    assert [len(batch_y) for _, batch_y in batches[:-1]] == [size] * (len(loader) - 1)
    np.testing.assert_array_equal(np.sort(np.concatenate([batch_y for _, batch_y in batches])), y)
    for batch_X, batch_y in batches:
        np.testing.assert_array_equal(batch_X, X[batch_y])


def test_batches_of_one_array_are_bare():
    assert [batch.tolist() for batch in DataLoader([1, 2, 3], batch_size=2)] == [[1, 2], [3]]


def test_drop_last_leaves_out_the_smaller_batch():
    loader = DataLoader(np.arange(7), batch_size=3, drop_last=True)
    assert len(loader) == 2
    assert [batch.tolist() for batch in loader] == [[0, 1, 2], [3, 4, 5]]


def test_epochs_differ_and_a_new_loader_of_the_same_seed_repeats_them():
    def epochs():
        loader = DataLoader(np.arange(100), batch_size=100, shuffle=True, seed=3)
        return [next(iter(loader)).tolist() for _ in range(2)]

    first, second = epochs()
    assert first != second
    assert epochs() == [first, second]


def test_without_a_seed_the_order_comes_from_manual_seed():
    loader = DataLoader(np.arange(100), batch_size=100, shuffle=True)
    tg.manual_seed(1)
    first = next(iter(loader)).tolist()
    tg.manual_seed(1)
    assert next(iter(loader)).tolist() == first


def test_batches_in_the_given_order_are_views():
    X = np.arange(4)
    assert all(np.shares_memory(batch, X) for batch in DataLoader(X, batch_size=3))


def test_updates_per_epoch_are_those_of_the_course():
    kinds = case("batch.kinds")
    X = np.empty(kinds.inputs["m"])
    kinds.check([len(DataLoader(X, batch_size=size)) for size in kinds.inputs["sizes"]])
    big = case("epoch.100000")
    big.check(len(DataLoader(np.empty(big.inputs["samples"]), batch_size=big.inputs["batch"])))
    bigger = case("epoch.5_million")
    X = np.broadcast_to(np.uint8(0), (bigger.inputs["samples"],))  # one byte, seen five million times
    bigger.check([len(DataLoader(X, batch_size=size)) for size in bigger.inputs["batch"]])


def test_a_last_smaller_batch_counts_as_in_the_course():
    ceil = case("epoch.ceil")
    loader = DataLoader(np.arange(ceil.inputs["m"]), batch_size=ceil.inputs["batch"])
    ceil.check({"iterations": len(loader), "sizes": [len(batch) for batch in loader]})


def test_usual_batch_sizes_are_powers_of_two():
    usual = case("batch.sizes_powers_of_two")
    usual.check([len(next(iter(DataLoader(np.arange(1024), batch_size=n)))) for n in usual.inputs["sizes"]])


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, None])
def test_a_batch_size_below_one_or_no_integer_is_an_error(batch_size):
    with pytest.raises(ValueError, match=f"batch_size must be an integer of at least 1, but got {batch_size!r}"):
        DataLoader([1, 2], batch_size=batch_size)


def test_a_loader_without_any_batch_is_an_error():
    with pytest.raises(ValueError, match=r"got 2 samples for batch_size=3 with drop_last=True"):
        DataLoader([1, 2], batch_size=3, drop_last=True)


def test_arrays_that_do_not_fit_each_other_are_an_error():
    with pytest.raises(ValueError, match=r"same number of samples, but got \[3, 2\] \(shapes \(3, 1\), \(2,\)\)"):
        DataLoader(np.ones((3, 1)), np.ones(2))
    with pytest.raises(ValueError, match=r"at least one sample, but got shape \(0, 4\)"):
        DataLoader(np.ones((0, 4)))
    with pytest.raises(ValueError, match=r"array 1 has shape \(\)"):
        DataLoader(np.ones(2), 1.0)
    with pytest.raises(TypeError, match="at least one array, but got none"):
        DataLoader()


def test_a_tensor_is_refused_with_the_way_out():
    with pytest.raises(TypeError, match=r"DataLoader: expected an array, but got a Tensor. Pass t.numpy\(\)"):
        DataLoader(tg.Tensor([1.0, 2.0]))


@pytest.mark.parametrize("seed", [-1, 1.5, True, "0"])
def test_what_cannot_seed_a_generator_is_an_error(seed):
    with pytest.raises(ValueError, match="DataLoader: seed must be"):
        DataLoader([1, 2], shuffle=True, seed=seed)
