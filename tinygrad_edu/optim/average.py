"""The exponentially weighted average, on its own: what momentum, RMSprop, Adam and batch norm are made of."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..tensor import Tensor
from .checks import fractions


class ExponentialMovingAverage:
    """An average that forgets: ``v <- beta v + (1 - beta) x``, corrected for its start at 0.

    After ``t`` values it is ``v / (1 - beta^t)``, in which ``x`` of ``k`` steps ago weighs ``(1 - beta) beta^k``, over
    the sum of these weights, ``1 - beta^t``. About the last ``1 / (1 - beta)`` values count.

    Parameters
    ----------
    beta : float
        The share of the past, from 0 to below 1, per value.
    bias_correction : bool
        Divide by ``1 - beta^t``. Without it the average starts near 0, and catches up within the window.

    Attributes
    ----------
    steps : int
        How many values there were: ``t``.
    raw : float or ndarray
        ``v``, without the correction.

    Raises
    ------
    ValueError
        If `beta` is not in its range.

    Notes
    -----
    `SGD` with ``dampening=momentum`` follows this average of the gradient without correction, `RMSprop` divides by the
    root of that of its square, and `Adam` takes both, corrected. Batch norm's running statistics are the same with
    ``momentum = 1 - beta``, from a start at 0 and 1, without correction.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization, 2015, section 3 (the correction).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> temperature = tg.optim.ExponentialMovingAverage(0.9)
    >>> [round(temperature.update(x), 2) for x in (40.0, 49.0, 45.0)]
    [40.0, 44.74, 44.83]
    >>> round(temperature.raw, 2)
    12.15
    """

    def __init__(self, beta: float, bias_correction: bool = True) -> None:
        fractions(self, "beta", beta)
        self.beta, self.bias_correction = beta, bias_correction
        self.steps: int = 0
        self.raw: Any = 0.0

    def update(self, x: Any) -> Any:
        """Take in the number or array `x`, and return the average now: a float for a number, else an array."""
        x = x._data if isinstance(x, Tensor) else x
        if self.steps and np.shape(x) != np.shape(self.raw):
            raise ValueError(
                f"ExponentialMovingAverage: expected a value of shape {np.shape(self.raw)} like those before, "
                f"but got shape {np.shape(x)}. Make one average for each quantity."
            )
        self.steps += 1
        self.raw = self.beta * self.raw + (1 - self.beta) * x
        return self.value

    @property
    def value(self) -> Any:
        """The average of the values so far."""
        if not self.steps:
            raise ValueError("ExponentialMovingAverage: expected a value first, but got none. Call update(x).")
        return self.raw / (1 - self.beta**self.steps) if self.bias_correction else self.raw

    def state_dict(self) -> dict[str, Any]:
        """A copy of what it remembers.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> average, twin = tg.optim.ExponentialMovingAverage(0.9), tg.optim.ExponentialMovingAverage(0.9)
        >>> _ = average.update(2.0)
        >>> twin.load_state_dict(average.state_dict())
        >>> twin
        ExponentialMovingAverage(beta=0.9, steps=1: 2.0)
        """
        return {"beta": self.beta, "steps": self.steps, "raw": np.copy(self.raw) if np.ndim(self.raw) else self.raw}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave.

        Raises
        ------
        ValueError
            If it is of another ``beta``, or not the state of an average; nothing was changed.
        """
        given = {key: state_dict.get(key) for key in ("beta", "steps", "raw")}
        if given["beta"] != self.beta or given["steps"] is None or given["raw"] is None:
            raise ValueError(
                f"ExponentialMovingAverage.load_state_dict: expected beta={self.beta}, steps and raw, but got {given}. "
                f"Make the average with the beta it was saved with; nothing was changed."
            )
        self.steps, self.raw = int(given["steps"]), copy.deepcopy(given["raw"])

    @property
    def window(self) -> float:
        """About how many values count: ``1 / (1 - beta)``, after which a value's weight has fallen to about 1/e."""
        return 1 / (1 - self.beta)

    def weights(self, steps: int) -> np.ndarray:
        """How much each of the last `steps` values weighs after that many, the newest first.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> tg.optim.ExponentialMovingAverage(0.5, bias_correction=False).weights(3)
        array([0.5  , 0.25 , 0.125])
        """
        weights = (1 - self.beta) * self.beta ** np.arange(steps)
        return weights / (1 - self.beta**steps) if self.bias_correction else weights

    def __repr__(self) -> str:
        shown = f"{self.value!r}" if self.steps else "no value yet"
        return f"ExponentialMovingAverage(beta={self.beta}, steps={self.steps}: {shown})"
