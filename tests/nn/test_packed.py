import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.nn.test_recurrent import every_layer, flat, randn
from tinygrad_edu import nn
from tinygrad_edu.nn.utils.rnn import (
    PackedSequence,
    invert_permutation,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)
from tinygrad_edu.testing import check_gradients

several_lengths = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def sequences(lengths, *rest):
    return [randn(t, *rest, seed=k) for k, t in enumerate(lengths)]


# ---- packing ----


def test_rows_stand_in_the_order_of_steps_and_then_of_lengths():
    packed = pack_sequence([tg.Tensor([1, 2]), tg.Tensor([3, 4, 5]), tg.Tensor([6])], enforce_sorted=False)
    assert packed.data.tolist() == [3, 1, 6, 4, 2, 5]
    assert packed.batch_sizes.tolist() == [3, 2, 1]
    assert packed.sorted_indices.tolist() == [1, 0, 2]
    assert packed.unsorted_indices.tolist() == [1, 0, 2]


@given(lengths=several_lengths, batch_first=st.booleans())
def test_packing_and_laying_out_again_gives_the_padded_sequences(lengths, batch_first):
    parts = sequences(lengths, 2)
    padded = pad_sequence(parts, batch_first)
    packed = pack_padded_sequence(padded, lengths, batch_first, enforce_sorted=False)
    assert len(packed.data) == sum(lengths)
    again, found = pad_packed_sequence(packed, batch_first)
    np.testing.assert_array_equal(again.data, padded.data)
    assert found.tolist() == lengths
    for one, wanted in zip(unpack_sequence(packed), parts, strict=True):
        np.testing.assert_array_equal(one.data, wanted)
    for one, wanted in zip(unpad_sequence(padded, lengths, batch_first), parts, strict=True):
        np.testing.assert_array_equal(one.data, wanted)


@given(lengths=several_lengths, left=st.booleans(), batch_first=st.booleans())
def test_padding_is_the_value_on_the_side_that_was_asked_for(lengths, left, batch_first):
    parts = sequences(lengths, 2)
    padded = pad_sequence(parts, batch_first, -9.0, "left" if left else "right").data
    padded = padded if batch_first else padded.swapaxes(0, 1)
    t = max(lengths)
    assert padded.shape == (len(lengths), t, 2)
    for row, part in zip(padded, parts, strict=True):
        kept = row[t - len(part) :] if left else row[: len(part)]
        np.testing.assert_array_equal(kept, part)
        assert (row == -9.0).sum() == (t - len(part)) * 2


def test_padding_keeps_integers():
    padded = pad_sequence([tg.Tensor([1, 2, 3]), tg.Tensor([4])], batch_first=True)
    assert padded.tolist() == [[1, 2, 3], [4, 0, 0]]
    assert padded.dtype == np.int64


def test_an_empty_sequence_can_be_padded_but_not_packed():
    parts = [tg.Tensor([1.0, 2.0]), tg.zeros(0)]
    padded = pad_sequence(parts)
    assert padded.tolist() == [[1.0, 0.0], [2.0, 0.0]]
    assert [part.tolist() for part in unpad_sequence(padded, [2, 0])] == [[1.0, 2.0], []]
    with pytest.raises(ValueError, match="Leave empty sequences out"):
        pack_sequence(parts)


def test_total_length_and_padding_value_of_the_layout():
    padded, lengths = pad_packed_sequence(pack_sequence(sequences([2, 1])), True, -1.0, total_length=3)
    assert padded.shape == (2, 3)
    assert padded.data[:, 2].tolist() == [-1.0, -1.0]
    assert padded.data[1, 1] == -1.0
    assert lengths.tolist() == [2, 1]


def test_one_permutation_gives_the_other():
    packed = PackedSequence(tg.zeros((4, 1)), [3, 1], sorted_indices=[2, 0, 1])
    assert packed.unsorted_indices.tolist() == [1, 2, 0]
    assert PackedSequence(tg.zeros((4, 1)), [3, 1], None, [1, 2, 0]).sorted_indices.tolist() == [2, 0, 1]
    assert invert_permutation(tg.Tensor([2, 0, 1])).tolist() == [1, 2, 0]


def test_packed_sequences_can_be_copied():
    packed = pack_sequence(sequences([1, 3], 2), enforce_sorted=False)
    for other in (copy.copy(packed), copy.deepcopy(packed), pickle.loads(pickle.dumps(packed))):
        assert isinstance(other, PackedSequence)
        for a, b in zip(other, packed, strict=True):
            np.testing.assert_array_equal(a.data, b.data)


def test_gradients_pass_through_packing_and_padding():
    def f(a, b):
        packed = pack_sequence([a, b], enforce_sorted=False)
        padded, _ = pad_packed_sequence(packed._replace(data=packed.data**2))
        return padded

    check_gradients(f, randn(2, 2), randn(3, 2), order=2)


# ---- recurrent layers over packed sequences ----


@every_layer
@given(lengths=several_lengths, bidirectional=st.booleans(), with_states=st.booleans())
def test_each_packed_sequence_is_run_as_if_it_were_alone(kind, lengths, bidirectional, with_states):
    layer = kind(2, 3, num_layers=2, bidirectional=bidirectional, dtype="float64")
    parts = sequences(lengths, 2)
    h = randn(2 + 2 * bidirectional, len(lengths), 3)
    pair = kind is nn.LSTM
    hx = ((h, -h) if pair else h) if with_states else None
    output, last = layer(pack_sequence(parts, enforce_sorted=False), hx)
    assert isinstance(output, PackedSequence)
    for k, (one, part) in enumerate(zip(unpack_sequence(output), parts, strict=True)):
        own = ((h[:, k], -h[:, k]) if pair else h[:, k]) if with_states else None
        wanted, ends = layer(tg.Tensor(part), own)
        np.testing.assert_allclose(one.data, wanted.data, rtol=1e-10, atol=1e-12)
        for found, end in zip(flat(last), flat(ends), strict=True):
            np.testing.assert_allclose(found[:, k], end, rtol=1e-10, atol=1e-12)


def test_each_packed_sequence_is_projected_as_if_it_were_alone():
    layer = nn.LSTM(2, 3, bidirectional=True, proj_size=1, dtype="float64")
    parts, h, c = sequences([1, 3, 2], 2), randn(2, 3, 1), randn(2, 3, 3)
    output, (h_n, c_n) = layer(pack_sequence(parts, enforce_sorted=False), (h, c))
    for k, (one, part) in enumerate(zip(unpack_sequence(output), parts, strict=True)):
        wanted, (h_end, c_end) = layer(tg.Tensor(part), (h[:, k], c[:, k]))
        np.testing.assert_allclose(one.data, wanted.data, rtol=1e-10)
        np.testing.assert_allclose(h_n.data[:, k], h_end.data, rtol=1e-10)
        np.testing.assert_allclose(c_n.data[:, k], c_end.data, rtol=1e-10)


@every_layer
def test_sequences_of_one_length_may_be_packed_too(kind):
    layer = kind(2, 3, bidirectional=True, dtype="float64")
    x = randn(4, 3, 2)
    output, last = layer(pack_padded_sequence(x, [4, 4, 4]))
    wanted, ends = layer(tg.Tensor(x))
    np.testing.assert_allclose(pad_packed_sequence(output)[0].data, wanted.data, rtol=1e-12)
    for found, end in zip(flat(last), flat(ends), strict=True):
        np.testing.assert_allclose(found, end, rtol=1e-12)


@every_layer
def test_gradients_through_packed_sequences_to_second_order(kind):
    layer = kind(2, 2, bidirectional=True, dtype="float64")

    def f(padded, h):
        packed = pack_padded_sequence(padded, [2, 3, 1], batch_first=True, enforce_sorted=False)
        output, last = layer(packed, (h, h) if kind is nn.LSTM else h)
        return output.data.sum() + (flat_tensors(last)[-1] ** 2).sum()

    check_gradients(f, randn(3, 3, 2), randn(2, 3, 2), order=2)


def flat_tensors(states):
    return states if isinstance(states, tuple) else (states,)


def test_padding_gets_no_gradient():
    x = tg.Tensor(randn(3, 2, 2), requires_grad=True)
    output, _ = nn.GRU(2, 3, dtype="float64")(pack_padded_sequence(x, [3, 1]))
    output.data.sum().backward()
    assert (x.grad[1:, 1] == 0).all()
    assert (x.grad[:, 0] != 0).all()


# ---- errors ----


def test_lengths_that_do_not_fit_are_named():
    x = tg.zeros((3, 2, 1))
    with pytest.raises(ValueError, match=r"expected 2 whole numbers as lengths, .* but got \[1, 2, 3\]"):
        pack_padded_sequence(x, [1, 2, 3])
    with pytest.raises(ValueError, match=r"expected 2 whole numbers as lengths, .* but got \[1.5, 1.0\]"):
        pack_padded_sequence(x, [1.5, 1.0])
    with pytest.raises(ValueError, match=r"expected lengths in 1..3, .* but got \[4, 1\]"):
        pack_padded_sequence(x, [4, 1])
    with pytest.raises(ValueError, match=r"expected lengths in 1..3, .* but got \[3, 0\]. Leave empty sequences out"):
        pack_padded_sequence(x, [3, 0])
    with pytest.raises(ValueError, match=r"lengths that do not grow, .* but got \[1, 3\]. Pass enforce_sorted"):
        pack_padded_sequence(x, [1, 3])
    with pytest.raises(ValueError, match=r"unpad_sequence: expected lengths in 0..3"):
        unpad_sequence(x, [4, 1])


def test_input_that_cannot_be_packed_or_padded_is_named():
    with pytest.raises(ValueError, match=r"expected an input of shape \(t, n, ...\), but got shape \(3,\)"):
        pack_padded_sequence(tg.zeros(3), [3])
    with pytest.raises(ValueError, match="expected at least one sequence, but got shape"):
        pack_padded_sequence(tg.zeros((3, 0)), [])
    with pytest.raises(ValueError, match=r"pad_sequence: expected at least one sequence, .* got shapes \[\]"):
        pad_sequence([])
    with pytest.raises(ValueError, match=r"pad_sequence: expected .* all of one shape .* got shapes \[\(2, 1\)"):
        pad_sequence([tg.zeros((2, 1)), tg.zeros((2, 2))])
    with pytest.raises(ValueError, match="padding_side 'right' or 'left', but got 'top'"):
        pad_sequence([tg.zeros(2)], padding_side="top")
    with pytest.raises(ValueError, match=r"total_length of at least 2, .* but got 1"):
        pad_packed_sequence(pack_sequence(sequences([2, 1])), total_length=1)


@pytest.mark.parametrize("sizes", [[1, 2], [2, 2], [], [3, 0], [[3]]])
def test_batch_sizes_that_do_not_fit_are_named(sizes):
    with pytest.raises(ValueError, match="PackedSequence: expected batch_sizes of at least 1 that do not grow"):
        PackedSequence(tg.zeros((3, 1)), sizes)


@every_layer
def test_packed_data_of_another_size_is_named(kind):
    with pytest.raises(ValueError, match=rf"{kind.__name__}: expected packed data of shape \(rows, 2\), .* \(3, 1\)"):
        kind(2, 3)(pack_sequence(sequences([2, 1], 1)))
    h = tg.zeros((1, 1, 3))
    with pytest.raises(ValueError, match=r"h_0 of shape \(1, 2, 3\), but got shape \(1, 1, 3\)"):
        kind(2, 3)(pack_sequence(sequences([2, 1], 2)), (h, h) if kind is nn.LSTM else h)
