"""Sequences of several lengths: padded to one length, or packed, so that recurrent layers skip the padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from ...creation import as_tensor
from ...ops.axes import swapaxes
from ...ops.joining import concatenate
from ...tensor import Tensor
from ..checks import shape_of


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """The rows of all steps of several sequences one after another, without padding; the longest sequence first.

    Made by `pack_padded_sequence` and `pack_sequence`; recurrent layers take it, and give one.

    Attributes
    ----------
    data : Tensor, (rows, ...)
        First the first steps of all sequences, then the second steps of those that have one, and so on.
    batch_sizes : Tensor of int64, (t,)
        How many sequences still run at each step.
    sorted_indices : Tensor of int64, (n,), or None
        Which sequence of the batch comes first, second, ... here; None where they came sorted.
    unsorted_indices : Tensor of int64, (n,), or None
        The place here of each sequence of the batch: the permutation that undoes the other.

    Raises
    ------
    ValueError
        If the sizes grow, or do not add up to the rows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import pack_sequence
    >>> packed = pack_sequence([tg.Tensor([1.0, 2.0, 3.0]), tg.Tensor([4.0])])
    >>> packed.data, packed.batch_sizes
    (Tensor([1., 4., 2., 3.]), Tensor([2, 1, 1]))
    """

    __slots__ = ()

    def __new__(cls, data: Any, batch_sizes: Any, sorted_indices: Any = None, unsorted_indices: Any = None) -> Self:
        """Check what belongs together, and find the permutation that undoes the given one."""
        data, sizes = as_tensor(data), as_tensor(batch_sizes, np.int64)
        steps = sizes.tolist() if sizes.ndim == 1 else []
        if not steps or steps != sorted(steps, reverse=True) or steps[-1] < 1 or sum(steps) != len(data):
            raise ValueError(
                f"PackedSequence: expected batch_sizes of at least 1 that do not grow and add up to the {len(data)} "
                f"rows of the data, but got {sizes.tolist()}. Let pack_padded_sequence make it."
            )
        if sorted_indices is None or unsorted_indices is None:
            sorted_indices, unsorted_indices = _permutations(sorted_indices, unsorted_indices)
        return super().__new__(cls, data, sizes, _as_index(sorted_indices), _as_index(unsorted_indices))

    def __getnewargs__(self) -> tuple[Any, ...]:
        """What copies and pickles keep."""
        return tuple(self)


def _as_index(indices: Any) -> Tensor | None:
    """`indices` as a tensor of integers; None stays None."""
    return None if indices is None else as_tensor(indices, np.int64)


def _permutations(given: Any, undoing: Any) -> tuple[Any, Any]:
    """Both permutations, where at the most one is known."""
    if given is None and undoing is None:
        return None, None
    return (given, invert_permutation(given)) if undoing is None else (invert_permutation(undoing), undoing)


def invert_permutation(permutation: Any) -> Tensor:
    """The permutation that undoes `permutation`.

    Examples
    --------
    >>> from tinygrad_edu.nn.utils.rnn import invert_permutation
    >>> invert_permutation([2, 0, 1])
    Tensor([1, 2, 0])
    """
    return as_tensor(np.argsort(as_tensor(permutation).data))


def _checked_lengths(name: str, lengths: Any, n: int, least: int, most: int) -> np.ndarray:
    """`lengths` as an array of n integers in least..most."""
    found = as_tensor(lengths).data
    if found.shape != (n,) or found.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: expected {n} whole numbers as lengths, one for each sequence, but got {found.tolist()}. "
            f"With batch_first=True the first axis of the input counts the sequences, otherwise the second."
        )
    if n and not (found.min() >= least and found.max() <= most):
        raise ValueError(
            f"{name}: expected lengths in {least}..{most}, as the input has {most} steps, but got {found.tolist()}. "
            f"{'Leave empty sequences out.' if least else 'Cut what is longer.'}"
        )
    return found


def _padded_shape(name: str, input: Any, batch_first: bool) -> tuple[int, int]:
    """The number of steps and of sequences."""
    shape = shape_of(name, input)
    if len(shape) < 2:
        wanted = "(n, t, ...)" if batch_first else "(t, n, ...)"
        raise ValueError(f"{name}: expected an input of shape {wanted}, but got shape {shape}. Add the missing axis.")
    return (shape[1], shape[0]) if batch_first else (shape[0], shape[1])


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs padded sequences: the padding is left out.

    Parameters
    ----------
    input : Tensor or array, (t, n, ...) or, with `batch_first`, (n, t, ...)
    lengths : sequence of int
        The length of each sequence, in 1..t.
    batch_first : bool
        Whether the first axis counts the sequences, not the steps.
    enforce_sorted : bool
        Whether it is an error if the longest does not come first; otherwise they are sorted here, and the layers and
        `pad_packed_sequence` put them back into their order.

    Raises
    ------
    ValueError
        If the lengths do not fit, or are not sorted.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import pack_padded_sequence
    >>> padded = tg.Tensor([[1.0, 0.0], [2.0, 3.0]])
    >>> packed = pack_padded_sequence(padded, [1, 2], batch_first=True, enforce_sorted=False)
    >>> packed.data, packed.sorted_indices
    (Tensor([2., 1., 3.]), Tensor([1, 0]))
    """
    t, n = _padded_shape("pack_padded_sequence", input, batch_first)
    if not n:
        raise ValueError(f"pack_padded_sequence: expected at least one sequence, but got shape {input.shape}.")
    lengths = _checked_lengths("pack_padded_sequence", lengths, n, 1, t)
    if enforce_sorted and (np.diff(lengths) > 0).any():
        raise ValueError(
            f"pack_padded_sequence: expected lengths that do not grow, the longest first, but got {lengths.tolist()}. "
            f"Pass enforce_sorted=False to have them sorted, and put back into their order afterwards."
        )
    order = np.argsort(-lengths, kind="stable")
    sizes = (np.arange(lengths.max())[:, None] < lengths).sum(1)  # (t, n) -> (t,)
    steps = np.repeat(np.arange(len(sizes)), sizes)
    sequences = order[np.concatenate([np.arange(k) for k in sizes])]
    input = as_tensor(input)
    data = input[sequences, steps] if batch_first else input[steps, sequences]
    return PackedSequence(data, sizes, None if enforce_sorted else order)


def _laid_out(rows: Any, places: np.ndarray, padding_value: float) -> Any:
    """The rows at `places`, and the padding where there is -1.  (rows, ...), (t, n) -> (t, n, ...)"""
    padding = np.full((1, *rows.shape[1:]), padding_value, rows.dtype)
    return concatenate([rows, padding])[places]


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Tensor]:
    """Lays packed sequences out again, padded to one length; undoes `pack_padded_sequence`.

    Parameters
    ----------
    sequence : PackedSequence
    batch_first : bool
        Whether the first axis shall count the sequences, not the steps.
    padding_value : float
        What stands after the end of a sequence.
    total_length : int, optional
        The number of steps; the longest sequence's if None.

    Returns
    -------
    tuple of Tensors
        The sequences, (t, n, ...) or (n, t, ...), and their lengths, (n,).

    Raises
    ------
    ValueError
        If `total_length` is less than the longest sequence.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import pack_sequence, pad_packed_sequence
    >>> pad_packed_sequence(pack_sequence([tg.Tensor([1.0, 2.0, 3.0]), tg.Tensor([4.0])]), batch_first=True)
    (Tensor([[1., 2., 3.],
            [4., 0., 0.]]), Tensor([3, 1]))
    """
    sizes = sequence.batch_sizes.data
    t, n = len(sizes), int(sizes[0])
    if total_length is not None and total_length < t:
        raise ValueError(
            f"pad_packed_sequence: expected a total_length of at least {t}, the longest sequence, but got "
            f"{total_length}. Cut afterwards: padded[:{total_length}]."
        )
    runs = np.arange(n) < sizes[:, None]  # (t, n)
    places = np.full((total_length or t, n), -1)
    places[:t][runs] = np.arange(runs.sum())
    lengths = runs.sum(0)
    if sequence.unsorted_indices is not None:
        places, lengths = places[:, sequence.unsorted_indices.data], lengths[sequence.unsorted_indices.data]
    return _laid_out(sequence.data, places.T if batch_first else places, padding_value), as_tensor(lengths)


def pad_sequence(
    sequences: Sequence[Any], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Sequences of several lengths side by side, padded to the longest.  (t_i, ...) -> (t, n, ...)

    Parameters
    ----------
    sequences : sequence of Tensors or arrays, (t_i, ...)
    batch_first : bool
        Whether the first axis shall count the sequences, not the steps.
    padding_value : float
        What fills the shorter ones up.
    padding_side : {"right", "left"}
        Whether it stands after or before them.

    Raises
    ------
    ValueError
        If there are none, or they differ in more than their length.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import pad_sequence
    >>> pad_sequence([tg.Tensor([1.0, 2.0, 3.0]), tg.Tensor([4.0])], batch_first=True)
    Tensor([[1., 2., 3.],
            [4., 0., 0.]])
    """
    parts = [as_tensor(sequence) for sequence in sequences]
    shapes = [part.shape for part in parts]
    if not parts or not all(shapes) or len({shape[1:] for shape in shapes}) > 1:
        raise ValueError(
            f"pad_sequence: expected at least one sequence, all of one shape but for their length on the first axis, "
            f"but got shapes {shapes}."
        )
    if padding_side not in ("right", "left"):
        raise ValueError(f"pad_sequence: expected the padding_side 'right' or 'left', but got {padding_side!r}.")
    t = max(map(len, parts))
    places, start = np.full((len(parts), t), -1), 0
    for row, part in zip(places, parts, strict=True):
        first = t - len(part) if padding_side == "left" else 0
        row[first : first + len(part)] = np.arange(start, start + len(part))
        start += len(part)
    return _laid_out(concatenate(parts), places if batch_first else places.T, padding_value)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences one by one, without their padding; undoes `pad_sequence`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import unpad_sequence
    >>> unpad_sequence(tg.Tensor([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]), [3, 1], batch_first=True)
    [Tensor([1., 2., 3.]), Tensor([4.])]
    """
    t, n = _padded_shape("unpad_sequence", padded_sequences, batch_first)
    found = _checked_lengths("unpad_sequence", lengths, n, 0, t).tolist()
    sequences = as_tensor(padded_sequences)
    sequences = sequences if batch_first else swapaxes(sequences, 0, 1)
    return [sequences[i, :length] for i, length in enumerate(found)]


def pack_sequence(sequences: Sequence[Any], enforce_sorted: bool = True) -> PackedSequence:
    """Packs sequences of several lengths.

    Parameters
    ----------
    sequences : sequence of Tensors or arrays, (t_i, ...)
    enforce_sorted : bool
        As in `pack_padded_sequence`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import pack_sequence
    >>> pack_sequence([tg.Tensor([1.0, 2.0, 3.0]), tg.Tensor([4.0])]).data
    Tensor([1., 4., 2., 3.])
    """
    lengths = [len(sequence) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The packed sequences one by one; undoes `pack_sequence`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.utils.rnn import pack_sequence, unpack_sequence
    >>> unpack_sequence(pack_sequence([tg.Tensor([1.0, 2.0, 3.0]), tg.Tensor([4.0])]))
    [Tensor([1., 2., 3.]), Tensor([4.])]
    """
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)
