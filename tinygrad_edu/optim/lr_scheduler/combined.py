"""Schedules made of schedules: one after the other, or all at once."""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler, checked


class _Combination(LRScheduler):
    """Several schedules of one optimizer."""

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        self.optimizer, self._schedulers = checked(self, optimizer), list(schedulers)
        name = type(self).__name__
        for i, each in enumerate(self._schedulers):
            if not isinstance(each, LRScheduler) or isinstance(each, ReduceLROnPlateau):
                raise TypeError(
                    f"{name}: expected schedules that step without a metric, but number {i} is {type(each).__name__}. "
                    f"Step it by itself."
                )
            if each.optimizer is not optimizer:
                raise ValueError(
                    f"{name}: expected schedules of one optimizer, but number {i}, {type(each).__name__}, has another. "
                    f"Make them all with the same."
                )

    def state_dict(self) -> dict[str, Any]:
        """A copy of all that the schedules remember."""
        mine = {key: value for key, value in vars(self).items() if key not in ("optimizer", "_schedulers")}
        return {**copy.deepcopy(mine), "_schedulers": [each.state_dict() for each in self._schedulers]}

    def _problems(self, state: Mapping[str, Any]) -> list[str]:
        """What of `state`, and of the states of the schedules, does not fit."""
        problems = super()._problems(state)
        parts = state.get("_schedulers", [])
        if len(parts) != len(self._schedulers):
            return [*problems, f"it holds {len(parts)} schedules, not {len(self._schedulers)}"]
        pairs = zip(self._schedulers, parts, strict=True)
        return problems + [
            f"in schedule {i} {text}" for i, (each, part) in enumerate(pairs) for text in each._problems(part)
        ]

    def _take(self, state: Mapping[str, Any]) -> None:
        """Take over `state`, which fits."""
        schedulers = self._schedulers
        super()._take(state)
        self._schedulers = schedulers
        for each, part in zip(schedulers, state["_schedulers"], strict=True):
            each._take(part)

    def _rewind(self) -> None:
        super()._rewind()
        for each in self._schedulers:
            each._rewind()


class SequentialLR(_Combination):
    """One schedule after the other: a warm-up, then a decay.

    Each starts at its milestone with the first rates, and counts its own steps from there.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    schedulers : list of LRScheduler
        The schedules, of this optimizer.
    milestones : list of int
        The steps at which the second, third ... take over.

    Raises
    ------
    TypeError
        If one of them is not a schedule, or needs a metric.
    ValueError
        If they have different optimizers, or there is not one milestone between each two.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.optim.lr_scheduler import ExponentialLR, LinearLR, SequentialLR
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.8)
    >>> warm_up = LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> decay = ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler = SequentialLR(optimizer, [warm_up, decay], milestones=[2])
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(4):
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> [round(lr, 3) for lr in rates]
    [0.4, 0.6, 0.8, 0.4, 0.2]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        super().__init__(optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: expected one milestone between each two of {len(schedulers)} schedules, but got "
                f"{len(milestones)}. Give the steps at which the second, third ... take over."
            )
        self._milestones, self.last_epoch = list(milestones), last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for each in self._schedulers:
            each._rewind()
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first.step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:
        """Go on by one step: that of the schedule whose turn it is."""
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            scheduler._restart()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(_Combination):
    """Several schedules at once: each multiplies the rate by its own formula.

    Parameters
    ----------
    schedulers : list of LRScheduler
        The schedules, of one optimizer.
    optimizer : Optimizer, optional
        It, if not that of the first schedule.

    Raises
    ------
    TypeError
        If one of them is not a schedule, or needs a metric.
    ValueError
        If there are none, or they have different optimizers.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.optim.lr_scheduler import ChainedScheduler, ConstantLR, ExponentialLR
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.8)
    >>> parts = [ConstantLR(optimizer, factor=0.5, total_iters=2), ExponentialLR(optimizer, gamma=0.5)]
    >>> scheduler = ChainedScheduler(parts)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(2):
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> rates
    [0.4, 0.2, 0.2]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        if not schedulers:
            raise ValueError("ChainedScheduler: expected at least one schedule, but got none. Give a list of them.")
        common: Any = getattr(schedulers[0], "optimizer", None) if optimizer is None else optimizer
        super().__init__(common, schedulers)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def step(self) -> None:
        """Go on by one step of each schedule, in order."""
        for each in self._schedulers:
            each.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]
