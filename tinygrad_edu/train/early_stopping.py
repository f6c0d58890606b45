"""Early stopping: train until the error on the dev set grows, and keep the weights of its lowest point."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np

from ..nn import Module


class EarlyStopping:
    """Watches a value, mostly the error on the dev set, and keeps the state of the model where it was best.

    The model always ends with its best state: it gets it back when `step` says stop, and at the end of a ``with`` block
    however the loop ended, by its last epoch or by an error. Without the block call `restore` after the loop.

    Parameters
    ----------
    model : Module
        Whose state is kept: parameters and buffers.
    patience : int
        After how many epochs without a better value to stop; at least 1.
    min_delta : float
        By how much a value must be better than the best one to count.
    mode : {"min", "max"}
        Whether small values are good (errors) or large ones (accuracies).

    Attributes
    ----------
    best_epoch : int or None
        The epoch, from 0, of the best value; None before there is one.
    best_value : float

    Raises
    ------
    ValueError
        For a patience below 1, a negative min_delta, or another mode.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.train import EarlyStopping
    >>> model = nn.Linear(1, 1)
    >>> with EarlyStopping(model, patience=2) as stopping:
    ...     for epoch, dev_error in enumerate([0.5, 0.3, 0.4, 0.35, 0.6]):
    ...         _ = nn.init.constant_(model.weight, epoch)  # stands for training
    ...         if stopping.step(dev_error):
    ...             break
    >>> epoch, stopping.best_epoch, model.weight.item()
    (3, 1, 1.0)
    """

    def __init__(
        self, model: Module, patience: int = 5, min_delta: float = 0.0, mode: Literal["min", "max"] = "min"
    ) -> None:
        if not patience >= 1:
            raise ValueError(f"EarlyStopping: expected a patience of at least 1 epoch, but got {patience!r}.")
        if not min_delta >= 0:
            raise ValueError(f"EarlyStopping: expected min_delta of at least 0, but got {min_delta!r}.")
        if mode not in ("min", "max"):
            raise ValueError(f"EarlyStopping: expected mode 'min' or 'max', but got {mode!r}.")
        self.model, self.patience, self.min_delta, self.mode = model, patience, min_delta, mode
        self.best_epoch: int | None = None
        self.best_value = math.inf if mode == "min" else -math.inf
        self._best_state: dict[str, np.ndarray] | None = None
        self._epochs = 0

    def step(self, value: Any) -> bool:
        """Take the value of one more epoch; whether to stop, and then the model has its best state again.

        NaN is never better, so a run that diverges is stopped too.
        """
        value, epoch = float(value), self._epochs
        self._epochs += 1
        gain = self.best_value - value if self.mode == "min" else value - self.best_value
        if gain > self.min_delta:
            self.best_epoch, self.best_value = epoch, value
            self._best_state = self.model.state_dict()
        stop = epoch - (-1 if self.best_epoch is None else self.best_epoch) >= self.patience
        if stop:
            self.restore()
        return stop

    def restore(self) -> None:
        """Give the model its best state back; as it is, if there was none."""
        if self._best_state is not None:
            self.model.load_state_dict(self._best_state)

    def state_dict(self) -> dict[str, Any]:
        """A copy of what it remembers: the best value, its epoch and weights, and how many epochs there were.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> from tinygrad_edu.train import EarlyStopping
        >>> stopping = EarlyStopping(nn.Linear(1, 1))
        >>> _ = stopping.step(0.5)
        >>> stopping.state_dict()["best_value"]
        0.5
        """
        kept = {"best_epoch": self.best_epoch, "best_value": self.best_value, "epochs": self._epochs}
        return {**kept, "best_state": copy.deepcopy(self._best_state)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken.

        Raises
        ------
        ValueError
            If something is missing; nothing was changed.
        """
        missing = [key for key in self.state_dict() if key not in state_dict]
        if missing:
            raise ValueError(
                f"EarlyStopping.load_state_dict: expected {', '.join(self.state_dict())}, but there is no "
                f"{', '.join(missing)}. Load what state_dict() returned; nothing was changed."
            )
        self.best_epoch, self.best_value = state_dict["best_epoch"], float(state_dict["best_value"])
        self._epochs, self._best_state = int(state_dict["epochs"]), copy.deepcopy(state_dict["best_state"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.restore()
