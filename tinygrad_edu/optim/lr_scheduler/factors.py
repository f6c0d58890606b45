"""Schedules that multiply the first rate by a formula of the step."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, attributes, count, one_each, within

Function = Callable[[int], float]


class LambdaLR(LRScheduler):
    """The first rate times a function of the step: ``lr_t = lr_0 f(t)``.

    It sets the rate whatever it was before.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    lr_lambda : callable, or list of callable
        ``f``, or one for each group.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (t + 1))
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Function | list[Function], last_epoch: int = -1) -> None:
        self.lr_lambdas = one_each(self, "lr_lambda", optimizer, lr_lambda)
        for f in self.lr_lambdas:
            if not callable(f):
                raise TypeError(
                    f"{type(self).__name__}: expected a function of the step as lr_lambda, but got {f!r:.40}. "
                    f"Write lambda t: 0.95**t, for example."
                )
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups after `last_epoch` steps."""
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """A copy of all that the schedule remembers; of its functions only the attributes of callable objects."""
        mine = {key: value for key, value in vars(self).items() if key not in ("optimizer", "lr_lambdas")}
        return {**copy.deepcopy(mine), "lr_lambdas": [attributes(f) for f in self.lr_lambdas]}

    def _take(self, state: Mapping[str, Any]) -> None:
        """Take over `state`, which fits; the functions stay, callable objects with the attributes saved."""
        functions = self.lr_lambdas
        super()._take(state)
        for f, kept in zip(functions, state["lr_lambdas"], strict=True):
            if kept is not None:
                vars(f).update(copy.deepcopy(kept))
        self.lr_lambdas = functions


class MultiplicativeLR(LambdaLR):
    """Each step multiplies the rate by a function of the step: ``lr_t = lr_(t-1) f(t)``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    lr_lambda : callable, or list of callable
        ``f``, or one for each group; first called with 1.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda t: 0.5)
    >>> scheduler.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.125]
    """

    def get_lr(self) -> list[Any]:
        """The rates of all groups after `last_epoch` steps, given those that are set."""
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if not self._last_lr:  # the first call leaves them
            return rates
        return [lr * f(self.last_epoch) for lr, f in zip(rates, self.lr_lambdas, strict=True)]

    def _restart(self) -> None:
        """There is no first rate to go back to: go on from the rates that are set."""
        self._rewind()
        self.step()


class StepLR(LRScheduler):
    """A fall by `gamma` every `step_size` steps: ``lr_t = lr_0 gamma^floor(t / step_size)``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    step_size : int
        How many steps a rate stays.
    gamma : float
        What it is multiplied by then.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(3):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = count(self, "step_size", step_size), gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps."""
        return float(self.gamma ** (t // self.step_size))


class MultiStepLR(LRScheduler):
    """A fall by `gamma` at each milestone: ``lr_t = lr_0 gamma^(number of milestones <= t)``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    milestones : iterable of int
        The steps at which the rate falls; twice the same lets it fall twice.
    gamma : float
        What it is multiplied by then.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.125]
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps."""
        return float(self.gamma ** sum(n for milestone, n in self.milestones.items() if milestone <= t))


class ConstantLR(LRScheduler):
    """A smaller rate for the first steps: ``lr_t = lr_0 factor`` for ``t < total_iters``, then ``lr_0``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    factor : float
        What the rate is multiplied by at first, from 0 to 1.
    total_iters : int
        For how many steps.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=1)
    >>> scheduler.get_last_lr()
    [0.25]
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.5]
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor, self.total_iters = within(self, "factor", factor, 0, 1), total_iters
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps."""
        return self.factor if t < self.total_iters else 1.0


class LinearLR(LRScheduler):
    """A straight line, the usual warm-up: ``lr_t = lr_0 (start_factor + (end_factor - start_factor) t / total_iters)``.

    After `total_iters` steps the rate stays.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    start_factor, end_factor : float
        What the first rate is multiplied by at the start and at the end; above 0 and from 0, to 1.
    total_iters : int
        The steps from one to the other.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(3):
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> rates
    [0.25, 0.375, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if within(self, "start_factor", start_factor, 0, 1) == 0:
            raise ValueError("LinearLR: expected start_factor > 0, but got 0. Take a small one: 1e-3.")
        self.start_factor, self.end_factor = start_factor, within(self, "end_factor", end_factor, 0, 1)
        self.total_iters = count(self, "total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps."""
        start, end = self.start_factor, self.end_factor
        return start + (end - start) * min(t, self.total_iters) / self.total_iters


class ExponentialLR(LRScheduler):
    """A fall by the same factor at every step: ``lr_t = lr_0 gamma^t``.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    gamma : float
        What the rate is multiplied by at each step.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps."""
        return float(self.gamma**t)


class PolynomialLR(LRScheduler):
    """A power of the steps that are left: ``lr_t = lr_0 (1 - t / total_iters)^power``, then 0.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    total_iters : int
        The steps until 0.
    power : float
        1 is a straight line.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=2, power=2)
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.125]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = count(self, "total_iters", total_iters), power
        super().__init__(optimizer, last_epoch)

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps."""
        return float((1 - min(t, self.total_iters) / self.total_iters) ** self.power)
