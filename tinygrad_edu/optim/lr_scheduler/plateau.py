"""A schedule that watches a metric: the rate falls when it no longer gets better."""

from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, checked, one_each


class ReduceLROnPlateau(LRScheduler):
    """The rate falls by `factor` when a metric has not become better for more than `patience` steps.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    mode : {"min", "max"}
        Whether smaller or larger is better.
    factor : float
        What the rate is multiplied by; below 1.
    patience : int
        How many steps without getting better are let pass.
    threshold : float
        By how much a metric must differ from the best to be better.
    threshold_mode : {"rel", "abs"}
        Whether `threshold` is a share of the best, or a difference.
    cooldown : int
        How many steps after a fall do not count.
    min_lr : float or list of float
        The least rate, or one for each group.
    eps : float
        A fall by no more than this is left out.

    Raises
    ------
    ValueError
        If `factor` is not below 1, or a mode is unknown.

    Notes
    -----
    A metric that is NaN is never better.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = checked(self, optimizer)
        if not 0 <= factor < 1:
            raise ValueError(f"ReduceLROnPlateau: expected 0 <= factor < 1, but got {factor}. The rate is to fall.")
        for name, value, known in (("mode", mode, ("min", "max")), ("threshold_mode", threshold_mode, ("rel", "abs"))):
            if value not in known:
                raise ValueError(f"ReduceLROnPlateau: expected {name} to be one of {known}, but got {value!r}.")
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
        self.min_lrs = one_each(self, "min_lr", optimizer, min_lr)
        self.best = self.mode_worse = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Take in the metric of another step, a number or a Tensor of one element."""
        current = float(metrics)
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            self._fall()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    @property
    def in_cooldown(self) -> bool:
        """Whether steps without getting better do not count now."""
        return self.cooldown_counter > 0

    def _is_better(self, metric: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        relative = self.threshold_mode == "rel"
        goal = self.best * (1 - sign * self.threshold) if relative else self.best - sign * self.threshold
        return sign * metric < sign * goal

    def _fall(self) -> None:
        groups = self.optimizer.param_groups
        if self.default_min_lr is not None:
            self.min_lrs = [self.default_min_lr] * len(groups)
        if len(self.min_lrs) != len(groups):
            raise ValueError(
                f"ReduceLROnPlateau: expected a min_lr for each of {len(groups)} groups, but got {len(self.min_lrs)}. "
                f"Append to scheduler.min_lrs when a group is added."
            )
        for group, least in zip(groups, self.min_lrs, strict=True):
            lr = max(group["lr"] * self.factor, least)
            if group["lr"] - lr > self.eps:
                group["lr"] = lr
