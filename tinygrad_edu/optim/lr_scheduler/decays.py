"""The three decays of the course, which count epochs from 1."""

from __future__ import annotations

from ..checks import at_least_zero
from ..optimizer import Optimizer
from .scheduler import LRScheduler


class InverseTimeDecay(LRScheduler):
    """The rate falls as one over time: ``lr = lr_0 / (1 + decay_rate epoch)``, with ``epoch = 1, 2, ...``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    decay_rate : float
        How fast it falls, per epoch.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Notes
    -----
    The first epoch already has the rate ``lr_0 / (1 + decay_rate)``. PyTorch has no such schedule.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.2)
    >>> scheduler = tg.optim.lr_scheduler.InverseTimeDecay(optimizer, decay_rate=1)
    >>> for epoch in (1, 2, 3):
    ...     print(epoch, round(optimizer.param_groups[0]["lr"], 3))
    ...     scheduler.step()
    1 0.1
    2 0.067
    3 0.05
    """

    def __init__(self, optimizer: Optimizer, decay_rate: float = 1.0, last_epoch: int = -1) -> None:
        self.decay_rate = decay_rate
        at_least_zero(self, vars(self), "decay_rate")
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps, in epoch ``t + 1``."""
        return 1 / (1 + self.decay_rate * (t + 1))


class ExponentialDecay(LRScheduler):
    """The rate falls by the same factor every epoch: ``lr = base^epoch lr_0``, with ``epoch = 1, 2, ...``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    base : float
        What the rate is multiplied by, per epoch.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Notes
    -----
    `ExponentialLR` is the same counted from 0, as PyTorch does: there the first epoch has the rate ``lr_0``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.2)
    >>> scheduler = tg.optim.lr_scheduler.ExponentialDecay(optimizer, base=0.95)
    >>> for epoch in (1, 2):
    ...     print(epoch, round(optimizer.param_groups[0]["lr"], 4))
    ...     scheduler.step()
    1 0.19
    2 0.1805
    """

    def __init__(self, optimizer: Optimizer, base: float = 0.95, last_epoch: int = -1) -> None:
        self.base = base
        at_least_zero(self, vars(self), "base")
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps, in epoch ``t + 1``."""
        return float(self.base ** (t + 1))


class InverseSqrtDecay(LRScheduler):
    """The rate falls as one over the root of time: ``lr = k / sqrt(epoch) lr_0``, with ``epoch = 1, 2, ...``.

    Stepped after every mini-batch instead of every epoch, ``epoch`` is the number of the mini-batch.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    k : float
        The factor of the first epoch.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.2)
    >>> scheduler = tg.optim.lr_scheduler.InverseSqrtDecay(optimizer)
    >>> for _ in range(3):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()  # in epoch 4
    [0.1]
    """

    def __init__(self, optimizer: Optimizer, k: float = 1.0, last_epoch: int = -1) -> None:
        self.k = k
        at_least_zero(self, vars(self), "k")
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps, in epoch ``t + 1``."""
        return float(self.k / (t + 1) ** 0.5)
