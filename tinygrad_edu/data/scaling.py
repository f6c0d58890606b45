"""Normalization of the inputs."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from tinygrad_edu.data.arrays import Array, samples
from tinygrad_edu.dtypes import get_default_dtype


class StandardScaler:
    """Features with mean 0 and variance 1: x' = (x - mu) / sigma.

    mu = (1/m) sum_i x_i and sigma^2 = (1/m) sum_i (x_i - mu)^2, for each feature over the samples of the
    *training* set; dev and test set are then transformed with the same mu and sigma.

    A feature that never varies is moved to 0 and not scaled: its sigma counts as 1.

    Attributes
    ----------
    mean, std : float64 arrays of the shape of one sample
        mu and sigma, once `fit` has been called.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> train, test = np.array([[1.0, 200], [3, 400], [5, 900]]), np.array([[2.0, 100]])
    >>> scaler = tg.data.StandardScaler().fit(train)
    >>> scaler.mean, scaler.std.round(2)
    (array([  3., 500.]), array([  1.63, 294.39]))
    >>> scaler.transform(test).round(3)
    array([[-0.612, -1.359]])
    """

    mean: npt.NDArray[np.float64] | None = None
    std: npt.NDArray[np.float64] | None = None

    def fit(self, X: npt.ArrayLike) -> Self:
        """Take mu and sigma from the samples ``X`` (m, ...), and return the scaler itself.

        Raises
        ------
        ValueError
            If ``X`` is empty or holds a value that is not finite.
        """
        values = _finite("StandardScaler.fit", X)
        self.mean = values.mean(axis=0, dtype=np.float64)
        varies = values.max(axis=0) > values.min(axis=0)
        self.std = np.where(varies, values.std(axis=0, dtype=np.float64), 1.0)
        return self

    def transform(self, X: npt.ArrayLike) -> Array:
        """(X - mu) / sigma, in the dtype of ``X`` where it is floating, else in the default dtype.

        Raises
        ------
        RuntimeError
            If `fit` was not called before.
        ValueError
            If the samples have another shape than in `fit`, or hold a value that is not finite.
        """
        values = _finite("StandardScaler.transform", X)
        mean, std = self._fitted("StandardScaler.transform", values)
        return ((values - mean) / std).astype(_floating(values))

    def fit_transform(self, X: npt.ArrayLike) -> Array:
        """`fit` and `transform` of the same samples ``X`` (m, ...)."""
        return self.fit(X).transform(X)

    def inverse_transform(self, X: npt.ArrayLike) -> Array:
        """The way back: X sigma + mu. Raises as `transform` does."""
        values = _finite("StandardScaler.inverse_transform", X)
        mean, std = self._fitted("StandardScaler.inverse_transform", values)
        return (values * std + mean).astype(_floating(values))

    def _fitted(self, name: str, values: Array) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        if self.mean is None or self.std is None:
            raise RuntimeError(f"{name}: expected mu and sigma, but got none so far. Call fit(X_train) first.")
        if values.shape[1:] != self.mean.shape:
            raise ValueError(
                f"{name}: expected samples of shape {self.mean.shape} as in fit, but got {values.shape[1:]} "
                f"(array {values.shape}). Keep the features and their order."
            )
        return self.mean, self.std

    def __repr__(self) -> str:
        return f"StandardScaler({'not fitted' if self.mean is None else f'features {self.mean.shape}'})"


def _finite(name: str, X: npt.ArrayLike) -> Array:
    (values,) = samples(name, (X,))
    if not np.isfinite(values).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValueError(
            f"{name}: expected finite numbers, but got {values[where]} at {list(where)}. "
            "Remove or fill such samples first."
        )
    return values


def _floating(values: Array) -> npt.DTypeLike:
    return values.dtype if np.issubdtype(values.dtype, np.floating) else get_default_dtype()
