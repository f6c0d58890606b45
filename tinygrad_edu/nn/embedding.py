"""Layers that look up vectors by number."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from .. import dtypes, memory
from ..ops.embedding import row_number
from ..ops.operands import detached
from . import functional, init
from .checks import check_size, shape_of
from .functional.embedding import check_table
from .module import Module
from .parameter import Parameter


class _Table(Module):
    """Abstract: a vector for each of `num_embeddings` numbers."""

    num_embeddings: int
    embedding_dim: int
    padding_idx: int | None
    max_norm: float | None
    norm_type: float
    scale_grad_by_freq: bool
    sparse: bool

    def _set_up(self, padding_idx: int | None, given: Any, freeze: bool, dtype: DTypeLike | None) -> None:
        """Check the sizes, and make the weight: drawn, or `given`."""
        name, size = type(self).__name__, (self.num_embeddings, self.embedding_dim)
        check_size(name, "num_embeddings", size[0])
        check_size(name, "embedding_dim", size[1])
        self.padding_idx = row_number(name, padding_idx, size[0])
        if given is not None and np.shape(detached(given)) != size:
            raise ValueError(f"{name}: expected a _weight of shape {size}, but got {np.shape(detached(given))}.")
        start = np.zeros(size, dtype or dtypes.get_default_dtype()) if given is None else detached(given)
        self.weight = Parameter(start, requires_grad=not freeze)
        check_table(name, self.weight, self.sparse)
        if given is None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the vectors anew from the standard normal distribution; the one for padding is 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0
            memory.stamp(self.weight.data)

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, *args: Any, **options: Any) -> Self:
        """A layer with these vectors, a copy of them; frozen, unless told otherwise.

        Parameters
        ----------
        embeddings : Tensor or array, (num_embeddings, embedding_dim)
        freeze : bool
            Whether they stay as they are in training.
        *args, **options
            The other settings, as in the constructor after its two sizes; `padding_idx` is not set to 0.

        Examples
        --------
        >>> import numpy as np
        >>> from tinygrad_edu import nn
        >>> layer = nn.Embedding.from_pretrained(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
        >>> layer(np.array([1]))
        Tensor([[3., 4.]])
        >>> layer.weight.requires_grad
        False
        """
        shape = shape_of(f"{cls.__name__}.from_pretrained", embeddings)
        if len(shape) != 2:
            raise ValueError(
                f"{cls.__name__}.from_pretrained: expected embeddings of shape (num_embeddings, embedding_dim), "
                f"but got shape {shape}."
            )
        make: Any = cls
        layer = make(*shape, *args, _weight=embeddings, **options)
        layer.weight.requires_grad_(not freeze)
        return layer  # type: ignore[no-any-return]


class Embedding(_Table):
    """A vector, learned, for each of `num_embeddings` numbers: words, categories, positions.

    It is a linear layer for one-hot rows that never makes them.

    Parameters
    ----------
    num_embeddings : int
        How many vectors there are.
    embedding_dim : int
        The length of each.
    padding_idx : int, optional
        The number that stands for nothing: its vector starts at 0 and gets no gradient. A negative one counts from the
        last.
    max_norm : float, optional
        Vectors longer than this are made so long, in place, whenever they are read.
    norm_type : float
        The p of the p-norm that says how long a vector is.
    scale_grad_by_freq : bool
        Divide the gradient of each vector by how often it was read in the batch.
    sparse : bool
        PyTorch's argument; only False.
    _weight : array, optional
        The vectors to start with; else they are drawn from the standard normal distribution.
    _freeze : bool
        Whether they stay as they are in training.
    dtype : dtype, optional
        Of the vectors; the default dtype if None.

    Attributes
    ----------
    weight : Parameter of shape (num_embeddings, embedding_dim)

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> layer = nn.Embedding(10, 3, padding_idx=0)
    >>> layer
    Embedding(10, 3, padding_idx=0)
    >>> layer(np.array([[1, 2, 0, 0]])).shape
    (1, 4, 3)
    >>> layer(np.array([0])).data
    array([[0., 0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse = sparse
        self._set_up(padding_idx, _weight, _freeze, dtype)

    def forward(self, input: Any) -> Any:
        """The vectors of the numbers `input`.  (...) -> (..., embedding_dim)

        Raises
        ------
        IndexError
            For a number outside 0..num_embeddings-1; the error says where it stands.
        """
        return functional.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq
        )

    def extra_repr(self) -> str:
        """The settings that are not the usual ones, as PyTorch writes them."""
        shown = [str(self.num_embeddings), str(self.embedding_dim)]
        shown += [f"{k}={v}" for k in ("padding_idx", "max_norm") if (v := getattr(self, k)) is not None]
        shown += [f"norm_type={self.norm_type}"] if self.norm_type != 2 else []
        return ", ".join([*shown, *(["scale_grad_by_freq=True"] if self.scale_grad_by_freq else [])])


class EmbeddingBag(_Table):
    """The sum, mean or maximum of the vectors of a bag of numbers: a text as the mean of its words, say.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        How many vectors there are, and the length of each.
    max_norm, norm_type, scale_grad_by_freq, sparse, _weight, dtype
        As in `Embedding`.
    mode : {"mean", "sum", "max"}
    include_last_offset : bool
        Whether the offsets have one more number, where the last bag ends.
    padding_idx : int, optional
        The number that stands for nothing: it does not count.

    Attributes
    ----------
    weight : Parameter of shape (num_embeddings, embedding_dim)

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> layer = nn.EmbeddingBag(10, 3, mode="sum")
    >>> layer
    EmbeddingBag(10, 3, mode='sum')
    >>> layer(np.array([1, 2, 4, 5]), np.array([0, 3])).shape
    (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse, self.mode, self.include_last_offset = sparse, mode, include_last_offset
        self._set_up(padding_idx, _weight, False, dtype)

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """One vector for each bag.  (b, l), or (l,) with offsets (b,) -> (b, embedding_dim)"""
        return functional.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """The settings that are not the usual ones, as PyTorch writes them."""
        shown = [str(self.num_embeddings), str(self.embedding_dim)]
        shown += [f"max_norm={self.max_norm}"] if self.max_norm is not None else []
        shown += [f"norm_type={self.norm_type}"] if self.norm_type != 2 else []
        shown += ["scale_grad_by_freq=True"] if self.scale_grad_by_freq else []
        padding = [f"padding_idx={self.padding_idx}"] if self.padding_idx is not None else []
        return ", ".join([*shown, f"mode={self.mode!r}", *padding])
