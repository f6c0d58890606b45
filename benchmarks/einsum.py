"""Contractions in Einstein's notation, forward and backward, against NumPy's einsum of the same contractions."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "a product of matrices, of batches, a chain, attention scores, a row of sums: einsum forward and backward"
TARGETS = [("tinygrad_edu", "numpy", 1.3)]
CHECKED_STEPS = 1
TOLERANCE = 1e-2

# For each contraction: its operands' sizes, and that of the gradient for each operand, of g and the other operands.
CONTRACTIONS = {
    "ij,jk->ik": ("ik,jk->ij", "ik,ij->jk"),
    "bij,bjk->bik": ("bik,bjk->bij", "bik,bij->bjk"),
    "ij,jk,kl->il": ("il,jk,kl->ij", "il,ij,kl->jk", "il,ij,jk->kl"),
    "bhqd,bhkd->bhqk": ("bhqk,bhkd->bhqd", "bhqk,bhqd->bhkd"),
    "ij,j->i": ("i,j->ij", "i,ij->j"),
}


def data(quick: bool) -> Any:
    """Two arrays or more for each contraction; a letter has the same size everywhere."""
    rng = np.random.default_rng(0)
    sizes = (
        dict.fromkeys("bhijkldq", 4) if quick else dict(zip("bhijkldq", (8, 8, 128, 160, 96, 64, 32, 64), strict=True))
    )
    return [
        [rng.standard_normal([sizes[letter] for letter in term], np.float32) for term in terms]
        for terms in (subscripts.partition("->")[0].split(",") for subscripts in CONTRACTIONS)
    ]


def numpy(*operands: Any) -> Any:
    """Each contraction, and for each operand the contraction that is its gradient, of ``(y**2).sum() / 2``."""
    result: dict[str, Any] = {}

    def step() -> None:
        grads = []
        for (subscripts, slopes), arrays in zip(CONTRACTIONS.items(), operands, strict=True):
            y = np.einsum(subscripts, *arrays, optimize=True)
            for i, slope in enumerate(slopes):
                grads.append(np.einsum(slope, y, *arrays[:i], *arrays[i + 1 :], optimize=True))
        result.update({str(i): g for i, g in enumerate(grads)})

    return step, lambda: result


def tinygrad_edu(*operands: Any) -> Any:
    import tinygrad_edu as tg

    tensors = [[tg.Tensor(a, requires_grad=True) for a in arrays] for arrays in operands]

    def step() -> None:
        for subscripts, xs in zip(CONTRACTIONS, tensors, strict=True):
            for x in xs:
                x.grad = None
            y = tg.einsum(subscripts, *xs)
            y.backward(y.data, keep=False)

    return step, lambda: {str(i): x.grad for i, x in enumerate(x for xs in tensors for x in xs)}


def torch(*operands: Any) -> Any:
    import torch

    tensors = [[torch.tensor(a, requires_grad=True) for a in arrays] for arrays in operands]

    def step() -> None:
        for subscripts, xs in zip(CONTRACTIONS, tensors, strict=True):
            for x in xs:
                x.grad = None
            y = torch.einsum(subscripts, *xs)
            y.backward(y.detach())

    return step, lambda: {str(i): x.grad.numpy() for i, x in enumerate(x for xs in tensors for x in xs)}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
