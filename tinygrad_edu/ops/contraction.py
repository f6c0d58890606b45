"""Sums of products in Einstein's notation. The gradient of an einsum is an einsum."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Sequence
from string import ascii_letters
from typing import Any, NamedTuple

import numpy as np

from .. import shapes
from ..engine import differentiable
from .shape import broadcast_to, reshape

Operand = Any
_FEW = 10_000  # products, for which NumPy's plain loop takes less time than any preparation


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


class _Slope(NamedTuple):
    """How to make the gradient for one operand out of ``g`` and the others."""

    subscripts: str  # of the product of g and the others, summed over the letters that the operand has not
    kept: shapes.Shape  # 1 for a letter that only this operand has: it was summed over, so the gradient is constant
    shape: shapes.Shape  # what the product is stretched to, one axis for each letter
    diagonal: str | None  # the letters of the operand, where it has one of them several times


@functools.lru_cache(maxsize=1024)
def _slope(subscripts: str, found: tuple[shapes.Shape, ...], i: int) -> _Slope:
    terms, out = _terms(subscripts, tuple(map(len, found)))
    sizes = _sizes(terms, found)
    others = [*terms[:i], *terms[i + 1 :]]
    there = _sizes([out, *others], [tuple(sizes[letter] for letter in out), *found[:i], *found[i + 1 :]])
    letters = _once(terms[i])
    kept = "".join(letter for letter in letters if letter in there)
    return _Slope(
        ",".join([out, *others]) + "->" + kept,
        tuple(there.get(letter, 1) for letter in letters),
        tuple(sizes[letter] for letter in letters),
        terms[i] if len(letters) < len(terms[i]) else None,
    )


def _einsum_slope(g: Any, i: int, arrays: Sequence[Any], subscripts: str, optimize: Any) -> Any:
    """The gradient for ``arrays[i]``: the product of ``g`` and all others, summed over the letters it has not."""
    slope = _slope(subscripts, tuple(getattr(x, "shape", ()) for x in arrays), i)
    gx = einsum(slope.subscripts, g, *arrays[:i], *arrays[i + 1 :], optimize=optimize)
    if gx.shape != slope.shape:
        gx = broadcast_to(reshape(gx, slope.kept), slope.shape)
    return gx if slope.diagonal is None else put_diagonals(gx, slope.diagonal)


@differentiable(lambda g, y, a, term: einsum(f"{term}->{_once(term)}", g), kind="rearrangement")
def put_diagonals(a: Operand, term: str) -> Any:
    """Zeros with `a` on the diagonals that a term of an einsum takes: the adjoint of ``einsum("iij->ij", x)``.

    Gradient: the diagonals of ``g``.

    Examples
    --------
    >>> import numpy as np
    >>> put_diagonals(np.array([1.0, 4.0]), "ii")
    array([[1., 0.],
           [0., 4.]])
    """
    sizes = dict(zip(_once(term), np.shape(a), strict=True))
    out = np.zeros([sizes[letter] for letter in term], np.asarray(a).dtype)
    np.einsum(f"{term}->{_once(term)}", out)[...] = a  # of one operand the result is a view
    return out


def _once(term: str) -> str:
    """The letters of a term, each once."""
    return "".join(dict.fromkeys(term))


@functools.lru_cache(maxsize=1024)
def _path(subscripts: str, found: tuple[shapes.Shape, ...], optimize: Any) -> Any:
    """The order of the products, looked for once for all operands of these shapes."""
    if len(found) == 1 or math.prod(map(math.prod, found)) <= _FEW:
        return False
    return np.einsum_path(subscripts, *(np.broadcast_to(0.0, shape) for shape in found), optimize=optimize)[0]


@differentiable(
    each=lambda g, y, i, arrays, subscripts, optimize: _einsum_slope(g, i, arrays, subscripts, optimize),
    symbol="Σ×",
    explain=_einsum_error,
)
def einsum(subscripts: str, *operands: Operand, optimize: Any = True) -> Any:
    """The product of all operands, summed over the letters that the result has not: the op behind `tg.einsum`.

    Gradient: for an operand, the einsum of ``g`` and all other operands with the letters of this operand as result.

    Examples
    --------
    >>> import numpy as np
    >>> einsum("ij->j", np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([4., 6.])
    """
    if not isinstance(subscripts, str):
        raise TypeError(
            f"einsum: expected subscripts as text, but got {type(subscripts).__name__}. "
            f"Write e.g. einsum('ij,jk->ik', a, b)."
        )
    path = _path(subscripts, tuple(map(np.shape, operands)), optimize) if optimize is True else optimize
    return np.asarray(np.einsum(subscripts, *operands, optimize=path))
