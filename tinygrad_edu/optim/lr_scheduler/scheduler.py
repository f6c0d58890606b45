"""What all schedules of the rate share."""

from __future__ import annotations

import copy
import types
from collections.abc import Mapping, Sequence
from typing import Any

from ..checks import number
from ..optimizer import Optimizer

# How PyTorch keeps its books; of no use here.
_FOREIGN = {"_step_count", "_is_initial", "_get_lr_called_within_step"}


class LRScheduler:
    """The base of all schedules: it sets ``lr`` of every group of an optimizer, anew at each `step`.

    A schedule is one formula, ``scale(t)``: what the first rate is multiplied by after ``t`` steps. A subclass defines
    it, or else `get_lr`, which returns the rates of all groups.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set, from now on: to ``lr scale(0)`` at once.
    last_epoch : int
        The steps that a run to be continued has made, less one; -1 starts anew. The optimizer must have loaded its
        state before: its rates stay until the next step.

    Attributes
    ----------
    last_epoch : int
        How many steps were made: ``t``.
    base_lrs : list of float
        The first rates, one for each group; each group has its own as ``initial_lr``.

    Raises
    ------
    TypeError
        If `optimizer` is none.
    ValueError
        If a run is to be continued whose groups have no ``initial_lr``.

    Notes
    -----
    Schedules of one optimizer multiply: each changes the rate by the quotient of its scales, so what another one (or
    the user) did stays, until a scale of 0. Those that set the rate whatever it was say so. Call ``optimizer.step()``
    first, then ``scheduler.step()``, once an epoch or once a mini-batch, as the schedule is meant.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> class Halving(tg.optim.lr_scheduler.LRScheduler):
    ...     def scale(self, t):
    ...         return 0.5**t
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.8)
    >>> scheduler = Halving(optimizer)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.2]
    """

    eta_min = 0.0  # what is not scaled: the rate is eta_min + (first rate - eta_min) scale(t)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = checked(self, optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"{type(self).__name__}: expected 'initial_lr' in group {i} to continue a run after step "
                    f"{last_epoch}, but there is none. Load the optimizer's state dict first."
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._last_lr: list[Any] = []
        self.step()

    def scale(self, t: int) -> float:
        """What the first rate is multiplied by after `t` steps."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected a method scale(self, t), but got none. "
            f"Define it: it returns what the first rate is multiplied by after t steps."
        )

    def get_lr(self) -> list[Any]:
        """The rates of all groups after `last_epoch` steps, given those before; `get_last_lr` only tells."""
        t = self.last_epoch
        if t > 0 and not self._last_lr:  # a run that is continued: the optimizer's state has brought its rates
            return [group["lr"] for group in self.optimizer.param_groups]
        now, before = self.scale(t), self.scale(t - 1) if t > 0 else 1.0
        return [
            self._moved(group["lr"], base, before, now)
            for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True)
        ]

    def _moved(self, lr: Any, base: Any, before: float, now: float) -> Any:
        """The rate at the scale `now`, if it is `lr` at the scale `before`."""
        if before == 0 or lr == self.eta_min + (base - self.eta_min) * before:
            return self.eta_min + (base - self.eta_min) * now  # the formula itself: no rounding gathers
        return self.eta_min + (lr - self.eta_min) * now / before  # somebody else changed the rate: keep their share

    def step(self) -> None:
        """Go on by one step: set the rates of all groups."""
        self.last_epoch += 1
        self._set(self.get_lr())

    def _set(self, rates: Sequence[Any]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _rewind(self) -> None:
        """Forget all steps."""
        self.last_epoch = -1

    def _restart(self) -> None:
        """Go back to the first step and the first rates."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self._rewind()
        self.step()

    def get_last_lr(self) -> list[Any]:
        """The rates that the last step set, one for each group."""
        return list(self._last_lr)

    def state_dict(self) -> dict[str, Any]:
        """A copy of all that the schedule remembers, without the optimizer."""
        return {key: copy.deepcopy(value) for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, also that of PyTorch's schedule of the same name; all of it, or nothing.

        The rates themselves come with the state dict of the optimizer.

        Raises
        ------
        ValueError
            If something is missing or unknown; the message lists it all, and nothing was changed.
        """
        problems = self._problems(state_dict)
        if problems:
            name = type(self).__name__
            raise ValueError(
                f"{name}.load_state_dict: expected the state of {name}, but {'; '.join(problems)}. "
                f"Load what the same kind of schedule saved; nothing was changed."
            )
        self._take(state_dict)

    def _problems(self, state: Mapping[str, Any]) -> list[str]:
        """What of `state` does not fit."""
        mine = self.state_dict()
        missing = [f"there is no {key!r}" for key in mine if key not in state]
        return missing + [f"{key!r} is unknown" for key in state if key not in mine and key not in _FOREIGN]

    def _take(self, state: Mapping[str, Any]) -> None:
        """Take over `state`, which fits."""
        vars(self).update({key: copy.deepcopy(value) for key, value in state.items() if key not in _FOREIGN})

    def __repr__(self) -> str:
        return f"{type(self).__name__}(lr={self.get_last_lr()})"


def attributes(function: Any) -> dict[str, Any] | None:
    """A copy of what a callable object remembers; None for a plain function."""
    plain = function is None or isinstance(function, types.FunctionType | types.BuiltinFunctionType)
    return None if plain else copy.deepcopy(vars(function))


def checked(owner: object, optimizer: Any) -> Optimizer:
    """`optimizer`, if it is one."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{type(owner).__name__}: expected an optimizer, but got {type(optimizer).__name__} {optimizer!r:.40}. "
            f"Make one first: optimizer = tg.optim.SGD(model.parameters(), lr=0.1)."
        )
    return optimizer


def count(owner: object, name: str, value: Any) -> int:
    """`value`, if it is a whole number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(
            f"{type(owner).__name__}: expected {name} as a whole number >= 1, but got {value!r}. It counts steps."
        )
    return value


def within(owner: object, name: str, value: Any, low: float, high: float) -> float:
    """`value`, if it is a number from `low` to `high`."""
    if not low <= number(owner, name, value) <= high:
        raise ValueError(
            f"{type(owner).__name__}: expected {low} <= {name} <= {high}, but got {value}. Take one between them."
        )
    return value  # type: ignore[no-any-return]


def one_each(owner: object, name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """`value` for each group of `optimizer`, or its own for each if it is a list."""
    groups = len(checked(owner, optimizer).param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{type(owner).__name__}: expected one {name}, or {groups}, one for each group, but got {len(value)}. "
            f"Give as many as the optimizer has groups."
        )
    return list(value)
