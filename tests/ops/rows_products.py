import itertools
from string import ascii_letters

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.ops import contraction
from tinygrad_edu.testing.strategies import arrays, broadcastable, shapes


def outer(a, b):
    return np.array([[x * y for y in b.flat] for x in a.flat]).reshape(a.size, b.size)


def tensordot(a, b, axes=2):
    if isinstance(axes, int):
        axes = (range(a.ndim - axes, a.ndim), range(axes))
    of_a, of_b = ([k % x.ndim for k in np.atleast_1d(list(np.atleast_1d(i))).astype(int)] for i, x in
                  zip(axes, (a, b), strict=True))  # fmt: skip
    rest_a, rest_b = ([k for k in range(x.ndim) if k not in of] for of, x in ((of_a, a), (of_b, b)))
    found = np.zeros([a.shape[k] for k in rest_a] + [b.shape[k] for k in rest_b])
    for i in np.ndindex(found.shape):
        for summed in itertools.product(*(range(a.shape[k]) for k in of_a)):
            at_a = dict(zip(rest_a + of_a, (*i[: len(rest_a)], *summed), strict=True))
            at_b = dict(zip(rest_b + of_b, (*i[len(rest_a) :], *summed), strict=True))
            found[i] += a[tuple(at_a[k] for k in range(a.ndim))] * b[tuple(at_b[k] for k in range(b.ndim))]
    return found


def dot(a, b):
    return tensordot(a, b, ([-1], [-2 if b.ndim > 1 else -1])) if a.ndim and b.ndim else tensordot(a, b, 0)


def inner(a, b):
    return tensordot(a, b, ([-1], [-1])) if a.ndim and b.ndim else tensordot(a, b, 0)


@st.composite
def summed(draw):
    a = list(draw(shapes()))
    n = draw(st.integers(0, len(a)))
    of_a = draw(st.permutations(range(len(a))))[:n]
    b = [a[k] for k in of_a] + list(draw(shapes(max_dims=2, min_side=1)))
    order = draw(st.permutations(range(len(b))))
    of_b = [order.index(k) - draw(st.sampled_from([0, len(b)])) for k in range(n)]
    axes = (of_a[0], of_b[0]) if n == 1 and draw(st.booleans()) else (of_a, of_b)
    return draw(call(arrays(tuple(a)), arrays(tuple(b[k] for k in order)), axes=st.just(axes)))


@st.composite
def last_with_first(draw):
    a = draw(shapes())
    n = draw(st.integers(0, len(a)))
    return draw(call(arrays(a), arrays((*a[len(a) - n :], *draw(shapes(max_dims=2)))), axes=n))


@st.composite
def dotted(draw, place):
    """Two arrays whose axes that are summed over are equally long; now and then a number."""
    a, b = list(draw(shapes())), list(draw(shapes()))
    if a and b:
        b[max(-len(b), place)] = a[-1]
    return draw(call(arrays(tuple(a)), arrays(tuple(b))))


# Subscripts, and the shapes of the operands by letters.
EINSUMS = [
    "ij,jk->ik", "ij->ji", "ij->", "ji", "ii", "ii->i", "iij->ij", "iij->j", "iii->i", "iijj->ij", "ijij->", "i,i",
    "i,j->ij", "i,j,k->", "ij,jk,kl->il", "ij,jk,ki->", "i,->i", "->", "ii,ij->j", "aab,bcc->ac", "aBc,B->Ba",
    "i j , jk -> ik", "ab,ab->ab", "ij,j->", "bij,bjk->bik",
]  # fmt: skip
WILD = ["...ij,...jk->...ik", "...ij,...jk", "...,...", "...i->...", "i...,i->...", "...ii->...i", "...->..."]


def einsum(*operands, subscripts, optimize=True):
    """The definition, in a loop over all letters."""
    given, _, result = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    if "->" not in subscripts:
        result = "".join(sorted(c for c in set(given) - set(",.") if given.count(c) == 1))
        result = ("..." if "..." in given else "") + result
    extra = [x.ndim - len(t.replace("...", "")) for t, x in zip(terms, operands, strict=True)]
    wild = "XYZ"[: max(extra)]
    terms = [t.replace("...", wild[len(wild) - n :]) for t, n in zip(terms, extra, strict=True)]
    result = result.replace("...", wild)
    sizes = {}
    for t, x in zip(terms, operands, strict=True):
        for c, n in zip(t, x.shape, strict=True):
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    found = np.zeros([sizes[c] for c in result])
    for places in itertools.product(*map(range, sizes.values())):
        at = dict(zip(sizes, places, strict=True))
        factors = [
            x[tuple(0 if n == 1 else at[c] for c, n in zip(t, x.shape, strict=True))]
            for t, x in zip(terms, operands, strict=True)
        ]
        found[tuple(at[c] for c in result)] += np.prod(factors)
    return found


@st.composite
def contracted(draw, every):
    subscripts = draw(st.sampled_from(every))
    terms = subscripts.replace(" ", "").partition("->")[0].split(",")
    sizes = {c: 0 if draw(st.integers(0, 19)) == 19 else draw(st.integers(1, 3)) for c in "".join(terms)}
    wild = draw(broadcastable(len(terms), max_dims=2))
    found = []
    for term, extra in zip(terms, wild, strict=True):
        before, dots, after = term.partition("...")
        found.append((*(sizes[c] for c in before), *(extra if dots else ()), *(sizes[c] for c in after)))
    return draw(call(*map(arrays, found), subscripts=subscripts, optimize=st.booleans()))


def with_text(op):
    return lambda *operands, subscripts, optimize: op(subscripts, *operands, optimize=optimize)


def with_lists(op):
    """Letters by their place in the alphabet, -1 for an ellipsis."""

    def axes(term):
        before, dots, after = term.partition("...")
        return [*map(ascii_letters.index, before), *([...] if dots else []), *map(ascii_letters.index, after)]

    def called(*operands, subscripts, optimize):
        given, arrow, result = subscripts.replace(" ", "").lower().partition("->")
        parts = [part for x, term in zip(operands, given.split(","), strict=True) for part in (x, axes(term))]
        return op(*parts, *([axes(result)] if arrow else []), optimize=optimize)

    return called


def put_diagonals(a, term):
    """Element by element: where the places of equal letters are equal."""
    letters = "".join(dict.fromkeys(term))
    sizes = dict(zip(letters, a.shape, strict=True))
    found = np.zeros([sizes[letter] for letter in term])
    for i in np.ndindex(a.shape):
        place = dict(zip(letters, i, strict=True))
        found[tuple(place[letter] for letter in term)] = a[i]
    return found


@st.composite
def spread_diagonals(draw):
    term = draw(st.sampled_from(["ii", "iij", "iji", "iiji", "ijij", "ij"]))
    n = len(set(term))
    return draw(call(arrays(shapes(min_dims=n, max_dims=n)), term=term))


ROWS = [
    Row(tg.outer, outer, call(arrays(shapes(max_dims=2)), arrays(shapes(max_dims=2)))),
    Row(tg.tensordot, tensordot, summed(), "named axes"),
    Row(tg.tensordot, tensordot, last_with_first(), "last axes"),
    Row(tg.dot, dot, dotted(-2)),
    Row(tg.inner, inner, dotted(-1)),
    Row(contraction.einsum, einsum, contracted(EINSUMS)),
    Row(contraction.einsum, einsum, contracted(WILD), "with ellipsis"),
    Row(tg.einsum, einsum, contracted([*EINSUMS, *WILD]), "as text", call_as=with_text),
    Row(tg.einsum, einsum, contracted([*EINSUMS, *WILD]), "as lists", call_as=with_lists),
    Row(contraction.put_diagonals, put_diagonals, spread_diagonals()),
]
