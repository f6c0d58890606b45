"""Sums of products in Einstein's notation. The gradient of an einsum is an einsum."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from .shape import broadcast_to, reshape

Operand = Any


@functools.lru_cache(maxsize=1024)
def _terms(subscripts: str, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """The letters of each operand and of the result, with letters in place of each ellipsis.

    Raises
    ------
    ValueError
        If the subscripts make no sense, or are not for operands of so many axes.
    """
    given, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    if len(terms) != len(ndims):
        raise ValueError(
            f"einsum: expected one operand for each of the {len(terms)} terms of {subscripts!r}, but got {len(ndims)}. "
            f"Separate the terms by commas."
        )
    names = [_checked(term, subscripts) for term in (*terms, result)]
    extra = [n - len(letters) for n, letters in zip(ndims, names, strict=False)]
    for i, (term, more) in enumerate(zip(terms, extra, strict=True)):
        if more < 0 or (more and "..." not in term):
            raise ValueError(
                f"einsum: expected operands[{i}] to have {len(names[i])} axes for {term!r} in {subscripts!r}, but got "
                f"{ndims[i]}. Write one letter for each axis, or '...' for those that only broadcast."
            )
    free = [letter for letter in ascii_letters if letter not in subscripts]
    wild = "".join(free[: max((more for more, term in zip(extra, terms, strict=True) if "..." in term), default=0)])
    full = [term.replace("...", wild[len(wild) - more :]) for term, more in zip(terms, extra, strict=True)]
    if arrow:
        out = result.replace("...", wild)
        if wild and "..." not in result:
            raise ValueError(
                f"einsum: expected '...' in the result too, as it stands for {len(wild)} axes of an operand, but got "
                f"{subscripts!r}. Write letters for axes that shall be summed over."
            )
    else:  # NumPy's rule: what the ellipsis stands for, then all letters that occur once, sorted
        occurrences = Counter("".join(names))
        out = wild + "".join(sorted(letter for letter, n in occurrences.items() if n == 1))
    strange = [letter for letter in out if letter not in "".join(full)]
    if strange or len(set(out)) < len(out):
        what = f"{strange[0]!r}, which no operand has" if strange else "a letter twice"
        raise ValueError(
            f"einsum: expected a result of letters of the operands, each once, but got {what}, in {subscripts!r}. "
            f"A letter left out after '->' is summed over."
        )
    return tuple(full), out


def _checked(term: str, subscripts: str) -> str:
    """The letters of a term."""
    letters = term.replace("...", "", 1)
    if not all(letter in ascii_letters for letter in letters):
        raise ValueError(
            f"einsum: expected letters, commas, '...' and one '->', but got {term!r} in {subscripts!r}. "
            f"Write e.g. 'ij,jk->ik'."
        )
    return letters


def _sizes(terms: Sequence[str], found: Sequence[shapes.Shape]) -> dict[str, int]:
    """The size of each letter; what has size 1 is stretched."""
    sizes: dict[str, int] = {}
    for letters, shape in zip(terms, found, strict=True):
        for letter, n in zip(letters, shape, strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    return sizes


def _einsum_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    try:
        terms, _ = _terms(params["subscripts"], tuple(map(len, found)))
    except ValueError as error:
        return str(error)
    sizes = _sizes(terms, found)
    for i, (letters, shape) in enumerate(zip(terms, found, strict=True)):
        for letter, n in zip(letters, shape, strict=True):
            if n not in (1, sizes[letter]):
                return (
                    f"{name}: expected one size for each letter of {params['subscripts']!r}, but got "
                    f"{shapes.listed(names, found)}: {letter!r} is {sizes[letter]}, and {n} in operands[{i}]."
                )
    return None


def _einsum_slope(g: Any, i: int, arrays: Sequence[Any], subscripts: str, optimize: Any) -> Any:
    """The gradient for ``arrays[i]``: the product of ``g`` and all others, summed over the letters it has not.

    A letter that only this operand has was summed over: there the gradient is constant. A letter that it has twice
    named a diagonal: there the gradient is times δ, the identity matrix.
    """
    terms, out = _terms(subscripts, tuple(np.ndim(x) if isinstance(x, (int, float)) else x.ndim for x in arrays))
    sizes = _sizes(terms, [() if isinstance(x, (int, float)) else x.shape for x in arrays])
    others = [*terms[:i], *terms[i + 1 :]]
    letters = "".join(dict.fromkeys(terms[i]))
    kept = "".join(letter for letter in letters if letter in out or letter in "".join(others))
    gx = einsum(",".join([out, *others]) + "->" + kept, g, *arrays[:i], *arrays[i + 1 :], optimize=optimize)
    if kept != letters:
        lengths = dict(zip(kept, gx.shape, strict=True))
        gx = reshape(gx, [lengths.get(letter, 1) for letter in letters])
    shape = tuple(sizes[letter] for letter in letters)
    gx = gx if gx.shape == shape else broadcast_to(gx, shape)
    return gx if letters == terms[i] else _on_diagonals(gx, letters, terms[i], sizes)


def _on_diagonals(gx: Any, letters: str, term: str, sizes: dict[str, int]) -> Any:
    """`gx`, whose axes are `letters`, put where all axes of one letter in `term` have the same index: times δ."""
    fresh = iter(letter for letter in ascii_letters if letter not in term)
    wanted, deltas = "", []
    for letter in term:
        if letter in wanted:
            deltas.append(letter + next(fresh))
        wanted += deltas[-1][1] if letter in wanted else letter
    identities = [np.eye(sizes[delta[0]], dtype=gx.dtype) for delta in deltas]
    return einsum(",".join([letters, *deltas]) + "->" + wanted, gx, *identities)


@differentiable(
    each=lambda g, y, i, arrays, subscripts, optimize: _einsum_slope(g, i, arrays, subscripts, optimize),
    symbol="Σ×",
    explain=_einsum_error,
)
def einsum(subscripts: str, *operands: Operand, optimize: Any = True) -> Any:
    """The product of all operands, summed over the letters that the result has not.

    ``einsum("ij,jk->ik", a, b)[i, k] = sum(a[i, j] * b[j, k] over j)``

    Gradient: for an operand, the einsum of ``g`` and all other operands with the letters of this operand as result.

    Parameters
    ----------
    subscripts : str
        The axes of each operand as letters, after ``->`` those of the result; without ``->``, those that occur once,
        sorted. A letter twice in one term takes the diagonal; ``...`` stands for axes that broadcast.
    *operands : Tensors or arrays
    optimize : bool, str or path
        How `numpy.einsum` chooses the order of the products.

    Raises
    ------
    ValueError
        If the subscripts do not fit the operands.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> a = tg.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> tg.einsum("ii", a), tg.einsum("ij->j", a)
    (Tensor(5.), Tensor([4., 6.]))
    """
    if not isinstance(subscripts, str):
        raise TypeError(
            f"einsum: expected subscripts as text, but got {type(subscripts).__name__}. "
            f"Write e.g. einsum('ij,jk->ik', a, b)."
        )
    return np.asarray(np.einsum(subscripts, *operands, optimize=optimize))
