"""Schedules along a cosine: a smooth fall, once or again and again."""

from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, count


class CosineAnnealingLR(LRScheduler):
    """A smooth fall along a cosine: ``lr_t = eta_min + (lr_0 - eta_min) (1 + cos(pi t / T_max)) / 2``.

    After `T_max` steps the rate is `eta_min`; if stepped on, it rises again.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    T_max : int
        The steps until the least rate.
    eta_min : float
        The least rate.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    References
    ----------
    Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017 (without the restarts).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2, eta_min=0.1)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(2):
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> [round(lr, 3) for lr in rates]
    [0.5, 0.3, 0.1]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = count(self, "T_max", T_max), eta_min
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate, above `eta_min`, is multiplied by after `t` steps."""
        return (1 + math.cos(math.pi * t / self.T_max)) / 2


class CosineAnnealingWarmRestarts(LRScheduler):
    """Cosine falls one after the other: each starts at the first rate, and is `T_mult` times longer than the last.

    ``lr = eta_min + (lr_0 - eta_min) (1 + cos(pi T_cur / T_i)) / 2``, where ``T_cur`` counts the steps since the last
    restart, and ``T_i = T_0 T_mult^i`` is the length of the current fall. It sets the rate whatever it was before.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    T_0 : int
        The steps of the first fall.
    T_mult : int
        What each next one is multiplied by.
    eta_min : float
        The rate at the end of a fall.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    References
    ----------
    Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(3):
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> [round(lr, 3) for lr in rates]
    [0.5, 0.25, 0.5, 0.25]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_0, self.T_mult = count(self, "T_0", T_0), count(self, "T_mult", T_mult)
        self.eta_min, self.T_i = eta_min, T_0
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups, `T_cur` steps after the last restart."""
        scale = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * scale for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on by one step, or to `epoch`, which may lie between two: ``step(epoch + batch / batches)``."""
        if epoch is None and self.last_epoch >= 0:
            self.last_epoch, self.T_cur = self.last_epoch + 1, self.T_cur + 1
        else:
            epoch = 0 if epoch is None else epoch
            if epoch < 0:
                raise ValueError(
                    f"CosineAnnealingWarmRestarts.step: expected epoch >= 0, but got {epoch}. Count epochs from 0."
                )
            self.last_epoch, self.T_cur, self.T_i = math.floor(epoch), epoch, self.T_0
        if self.T_mult == 1:
            self.T_cur %= self.T_i
        while self.T_cur >= self.T_i:
            self.T_cur, self.T_i = self.T_cur - self.T_i, self.T_i * self.T_mult
        self._set(self.get_lr())

    def _restart(self) -> None:
        self.step(0)
