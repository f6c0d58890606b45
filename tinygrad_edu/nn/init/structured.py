"""Weights of a certain structure: the identity, orthogonal directions, mostly zeros."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...generator import generator as own_generator
from .filling import T, at_least_0, filled

if TYPE_CHECKING:
    from .filling import Generator


def eye_(tensor: T) -> T:
    """The identity: a dense layer that hands its input on, as far as there are units.

    Raises
    ------
    ValueError
        If `tensor` is not a matrix.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.eye_(tg.zeros((2, 3)))
    Tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    _check_axes("eye_", tensor, {2}, "a matrix")
    rows, columns = tensor.shape
    return filled(tensor, np.eye(rows, columns))


def dirac_(tensor: T, groups: int = 1) -> T:
    """The identity for convolutions: 1 in the middle of the kernel from each input channel to the output of its number.

    Parameters
    ----------
    tensor : Tensor, (out, in / groups, *kernel)
    groups : int
        Those of the convolution: each has an identity of its own.

    Raises
    ------
    ValueError
        If `tensor` has other than 3 to 5 axes, or its first does not divide into `groups`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.init.dirac_(tg.zeros((2, 1, 3)), groups=2)
    Tensor([[[0., 1., 0.]],
    <BLANKLINE>
            [[0., 1., 0.]]])
    """
    _check_axes("dirac_", tensor, {3, 4, 5}, "a kernel (out, in, *kernel) of 1 to 3 axes")
    out, inputs, *kernel = tensor.shape
    if groups < 1 or out % groups:
        raise ValueError(
            f"dirac_: expected groups that divide the {out} output channels, but got groups={groups}. "
            f"Take those of the convolution."
        )
    values = np.zeros((groups, out // groups, inputs, *kernel))
    if all(kernel):
        same = np.arange(min(out // groups, inputs))
        middles: Any = (slice(None), same, same, *(k // 2 for k in kernel))
        values[middles] = 1
    return filled(tensor, values.reshape(tensor.shape))


def orthogonal_(tensor: T, gain: float = 1, generator: Generator = None) -> T:
    """A random matrix whose rows, or columns if these are fewer, are orthogonal and of length `gain`.

    It keeps the length of what it is multiplied with, in every direction: for deep and recurrent networks. A kernel is
    taken as the matrix (out, in * kernel size).

    Parameters
    ----------
    tensor : Tensor
    gain : float
    generator : numpy.random.Generator, optional

    Raises
    ------
    ValueError
        For a tensor of fewer than two axes.

    Notes
    -----
    All orthogonal matrices are equally likely: the signs of R's diagonal are taken into Q.

    References
    ----------
    Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks,
    2014. Mezzadri, How to generate random matrices from the classical compact groups, 2007 (the signs).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = nn.init.orthogonal_(tg.zeros((2, 5))).data
    >>> [[round(abs(float(a @ b)), 5) for a in w] for b in w]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    _check_axes("orthogonal_", tensor, range(2, 100), "a weight of at least two axes, (out, in, ...)")
    if not tensor.size:
        return tensor
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    draws = generator or own_generator()
    q, r = np.linalg.qr(draws.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.where(r.diagonal() < 0, -gain, gain)
    return filled(tensor, (q if rows >= columns else q.T).reshape(tensor.shape))


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Generator = None) -> T:
    """A share of zeros in each column, and normal numbers elsewhere: every input reaches a few units only.

    Parameters
    ----------
    tensor : Tensor, (out, in)
    sparsity : float
        The share of zeros in each column, from 0 to 1, rounded up to whole numbers.
    std : float
        The standard deviation of the others.
    generator : numpy.random.Generator, optional

    Raises
    ------
    ValueError
        If `tensor` is not a matrix, `sparsity` not from 0 to 1, or `std` negative.

    References
    ----------
    Martens, Deep learning via Hessian-free optimization, 2010.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = nn.init.sparse_(tg.zeros((10, 3)), sparsity=0.75).data
    >>> (w == 0).sum(axis=0)  # 0.75 * 10, rounded up
    array([8, 8, 8])
    """
    _check_axes("sparse_", tensor, {2}, "a matrix (out, in)")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_: expected a sparsity in 0..1, but got {sparsity!r}. It is the share of zeros.")
    at_least_0("sparse_", "a standard deviation std", std)
    draws = generator or own_generator()
    values, places = draws.normal(0, std, tensor.shape), draws.random(tensor.shape).argsort(axis=0)
    return filled(tensor, np.where(places < math.ceil(sparsity * len(places)), 0.0, values))


def _check_axes(name: str, tensor: T, allowed: range | set[int], what: str) -> None:
    if tensor.ndim not in allowed:
        raise ValueError(f"{name}: expected {what}, but got shape {tensor.shape}.")
