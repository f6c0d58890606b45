"""Mixtures of samples: pictures or rows of a table, each blended with another one, and their targets too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...generator import generator
from ...ops.operands import detached, operand, operands
from ...ops.selection import where
from ...ops.softmax import check_integers, check_labels, one_hot

Operand = Any  # a Tensor or an array


def _checked(name: str, x: Operand, y: Operand, alpha: float, num_classes: int | None) -> tuple[Any, Any]:
    """Samples and targets as floating numbers; labels as rows of zeros with a one."""
    if not alpha >= 0:
        raise ValueError(f"{name}: expected alpha of at least 0, but got {alpha!r}.")
    (x,), y = operands(operand(x)), operand(y)
    if not (x.ndim and y.ndim and len(x) == len(y)):
        raise ValueError(
            f"{name}: expected one target for each sample, but got samples {x.shape} and targets {y.shape}."
        )
    x = x if x.dtype.kind == "f" else operands(x * 1.0)[0]
    if y.dtype.kind == "f":
        return x, y
    if num_classes is None:
        raise ValueError(
            f"{name}: expected num_classes for labels in integers, which are mixed as probabilities, but got None. "
            f"Pass the number of classes, or targets in floats."
        )
    check_labels(name, check_integers(name, np.asarray(detached(y))), num_classes)
    return x, one_hot(y, num_classes, x.dtype)


def _blend(a: Any, share: float, order: Any) -> Any:
    """``share`` of each sample, and the rest of another one."""
    return share * a + (1 - share) * a[order]


def _drawn(alpha: float, n: int) -> tuple[float, np.ndarray]:
    """The share of the first sample, from the beta distribution, and the partner of each; 1 for an alpha of 0."""
    share = float(generator().beta(alpha, alpha)) if alpha else 1.0
    return share, generator().permutation(n)


def mixup(x: Operand, y: Operand, alpha: float = 0.2, num_classes: int | None = None) -> tuple[Any, Any]:
    """Each sample of a batch blended with another one: ``s * x + (1 - s) * x[order]``, and their targets likewise.

    The share s is drawn once for the batch, from the beta distribution of `alpha` and `alpha`. The network is so asked
    to be linear between the samples. The cross-entropy with mixed probabilities is the mixture of the cross-entropies
    with both labels. For training only.

    Parameters
    ----------
    x : Tensor or array, (n, ...)
        Rows of a table, or images.
    y : Tensor or array, (n,) or (n, ...)
        Labels in integers, which become probabilities of classes; or targets in floats, which are blended as they are.
    alpha : float of at least 0
        0 changes nothing, 1 draws any share alike; 0.1 to 0.4 is usual.
    num_classes : int, optional
        How many classes there are; needed for labels.

    Returns
    -------
    x, y : of the kind of the inputs
        ``nn.CrossEntropyLoss()(model(x), y)`` takes both.

    Raises
    ------
    ValueError
        For a negative `alpha`, another number of targets than of samples, labels that are no classes, or labels
        without num_classes.

    References
    ----------
    Zhang et al., mixup: beyond empirical risk minimization, 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.regularization import mixup
    >>> x, y = mixup(np.array([[0.0], [1.0]]), np.array([0, 1]), alpha=1.0, num_classes=2)
    >>> bool(np.allclose(x[:, 0], y[:, 1]))
    True
    """
    x, y = _checked("mixup", x, y, alpha, num_classes)
    share, order = _drawn(alpha, len(x))
    return _blend(x, share, order), _blend(y, share, order)


def cutmix(x: Operand, y: Operand, alpha: float = 1.0, num_classes: int | None = None) -> tuple[Any, Any]:
    """Each image with a rectangle of another one pasted in, and their targets blended by area.

    The rectangle has a share ``1 - s`` of the area, its middle lies anywhere, and what hangs over the edge is cut off.
    For training only. The parameters are those of `mixup`, with images (n, ..., h, w).

    References
    ----------
    Yun et al., CutMix: regularization strategy to train strong classifiers with localizable features, 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.regularization import cutmix
    >>> images = np.arange(2.0)[:, None, None, None] * np.ones((1, 8, 8))  # a black one and a white one
    >>> x, y = cutmix(images, np.array([0, 1]), num_classes=2)
    >>> bool(np.allclose(x.mean((1, 2, 3)), y[:, 1]))
    True
    """
    x, y = _checked("cutmix", x, y, alpha, num_classes)
    if x.ndim < 3:
        raise ValueError(f"cutmix: expected images (n, ..., h, w), but got shape {x.shape}. For tables take mixup.")
    share, order = _drawn(alpha, len(x))
    pasted = np.ones(x.shape[-2:], bool)
    for axis, size in enumerate(pasted.shape):
        half, middle = size * math.sqrt(1 - share) / 2, generator().integers(size)
        places = np.arange(size)
        pasted &= np.expand_dims((places >= int(middle - half)) & (places < int(middle + half)), 1 - axis)
    return where(pasted, x[order], x), _blend(y, 1 - float(pasted.mean()), order)
