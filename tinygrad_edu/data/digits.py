"""The handwritten digits that ship with the package."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Digits(NamedTuple):
    """Images of handwritten digits, and the digit that each one shows.

    Attributes
    ----------
    images : (m, 8, 8) uint8
        Ink per cell, 0 (white) to 16 (black): how many of its 4 x 4 pixels are set.
    labels : (m,) int64
        The digits, 0 to 9.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> images, labels = tg.data.load_digits()
    >>> images.reshape(-1, 64).shape  # (m, h, w) -> (m, d): one row of 64 features for each image
    (1797, 64)
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]


def load_digits() -> Digits:
    """The 1,797 handwritten digits of the UCI repository, 8 x 8 cells each.

    No download: the file is part of the package. Every call gives new arrays.

    Returns
    -------
    Digits
        ``images`` (1797, 8, 8) uint8 with values 0 to 16, ``labels`` (1797,) int64.

    References
    ----------
    E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, https://doi.org/10.24432/C50P49 (its test set). Licence: CC BY 4.0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> digits = tg.data.load_digits()
    >>> digits.images.shape, digits.labels[:10]
    ((1797, 8, 8), array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    >>> for row in digits.images[0]:
    ...     print("|" + "".join(" .:+#"[ink // 4] for ink in row) + "|")
    |  .+:   |
    |  ++:+. |
    |  +  :: |
    | .+  :: |
    | .:  :: |
    | .:  +. |
    |  +.:+  |
    |  .+:   |
    """
    path = os.path.join(os.path.dirname(__file__), "digits.npz")  # not pathlib: it takes 5 ms to import
    with np.load(path, allow_pickle=False) as archive:
        return Digits(archive["images"], archive["labels"].astype(np.int64))
