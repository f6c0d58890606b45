"""Schedules that let the rate rise and fall, and the momentum fall and rise."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

from ..checks import number
from ..optimizer import Optimizer
from .scheduler import LRScheduler, attributes, checked, count, one_each, within


class CyclicLR(LRScheduler):
    """The rate goes up and down between two bounds, in a straight line.

    In cycle ``c = 1, 2, ...``, where ``h`` goes from 0 to 1 in `step_size_up` steps and back to 0 in `step_size_down`::

        lr = base_lr + (max_lr - base_lr) h s        momentum = max_momentum - (max_momentum - base_momentum) h s

    with ``s = 1`` (triangular), ``s = 1 / 2^(c - 1)`` (triangular2) or ``s = gamma^t`` (exp_range). It sets rate and
    momentum (or the first of ``betas``) whatever they were before.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    base_lr, max_lr : float or list of float
        The bounds of the rate, or those of each group.
    step_size_up : int
        The steps from the lower to the upper bound.
    step_size_down : int, optional
        The steps back; as many if not given.
    mode : {"triangular", "triangular2", "exp_range"}
        How the height of the cycles changes.
    gamma : float
        The factor per step of ``exp_range``.
    scale_fn : callable, optional
        ``s`` as a function of the cycle or of the step, instead of `mode`.
    scale_mode : {"cycle", "iterations"}
        Which of the two.
    cycle_momentum : bool
        Whether the momentum moves the other way.
    base_momentum, max_momentum : float or list of float
        The bounds of the momentum, or those of each group.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Raises
    ------
    ValueError
        If the mode is unknown, or the optimizer has no momentum to move.

    References
    ----------
    Smith, Cyclical learning rates for training neural networks, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5, momentum=0.9)
    >>> scheduler = tg.optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.1, max_lr=0.3, step_size_up=2)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(4):
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> [round(lr, 3) for lr in rates]
    [0.1, 0.2, 0.3, 0.2, 0.1]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        base_lrs = one_each(self, "base_lr", optimizer, base_lr)
        self.max_lrs = one_each(self, "max_lr", optimizer, max_lr)
        up = count(self, "step_size_up", step_size_up)
        down = up if step_size_down is None else count(self, "step_size_down", step_size_down)
        self.total_size, self.step_ratio = float(up + down), up / (up + down)
        if scale_fn is None:
            known = {"triangular": "cycle", "triangular2": "cycle", "exp_range": "iterations"}
            if mode not in known:
                raise ValueError(
                    f"CyclicLR: expected mode to be one of {list(known)}, or a scale_fn, but got {mode!r}."
                )
            scale_mode = known[mode]
        self.mode, self.gamma, self.scale_mode, self._scale_fn_custom = mode, gamma, scale_mode, scale_fn
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.use_beta1 = has_betas(self, optimizer)
            self.base_momentums = one_each(self, "base_momentum", optimizer, base_momentum)
            self.max_momentums = one_each(self, "max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs
        self._set(self.get_lr())

    def scale_fn(self, x: float) -> float:
        """What the height of a cycle is multiplied by: ``s``, of the cycle or of the step."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        return float({"triangular": 1.0, "triangular2": 2.0 ** (1 - x), "exp_range": self.gamma**x}[self.mode])

    def get_lr(self) -> list[Any]:
        """The rates of all groups after `last_epoch` steps; sets the momentum too."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle
        rise = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height = rise * self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in bounds:
                set_momentum(group, high - (high - low) * height)
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """A copy of all that the schedule remembers; of its function only the attributes of a callable object."""
        mine = {key: value for key, value in vars(self).items() if key not in ("optimizer", "_scale_fn_custom")}
        return {**copy.deepcopy(mine), "_scale_fn_custom": attributes(self._scale_fn_custom)}

    def _take(self, state: Any) -> None:
        """Take over `state`, which fits; the function stays, a callable object with the attributes saved."""
        function = self._scale_fn_custom
        super()._take(state)
        if state["_scale_fn_custom"] is not None:
            vars(function).update(state["_scale_fn_custom"])
        self._scale_fn_custom = function


class OneCycleLR(LRScheduler):
    """One rise of the rate to `max_lr`, and a long fall to next to nothing: stepped after every mini-batch.

    From ``max_lr / div_factor`` up to `max_lr` in the first ``pct_start total_steps`` steps, then down to the start
    divided by `final_div_factor`, or with `three_phase` down to the start as quickly, and then on. The momentum (or the
    first of ``betas``) goes the other way. It sets rate and momentum whatever they were before.

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    max_lr : float or list of float
        The largest rate, or that of each group.
    total_steps : int, optional
        How many steps there will be; else ``epochs steps_per_epoch``.
    epochs, steps_per_epoch : int, optional
        They give `total_steps`.
    pct_start : float
        The share of the steps that rise, from 0 to 1.
    anneal_strategy : {"cos", "linear"}
        Along a cosine or a straight line.
    cycle_momentum : bool
        Whether the momentum moves the other way.
    base_momentum, max_momentum : float or list of float
        The bounds of the momentum, or those of each group.
    div_factor, final_div_factor : float
        `max_lr` over the first rate, and the first rate over the last.
    three_phase : bool
        Whether the fall stops at the first rate on its way.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Raises
    ------
    ValueError
        If a setting is out of its range, the optimizer has no momentum to move, or there are more steps than announced.

    References
    ----------
    Smith and Topin, Super-convergence: very fast training of neural networks using large learning rates, 2018.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5, momentum=0.9)
    >>> scheduler = tg.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> rates = scheduler.get_last_lr()
    >>> for _ in range(9):
    ...     scheduler.step()
    ...     rates += scheduler.get_last_lr()
    >>> [round(lr, 2) for lr in rates]
    [0.04, 0.52, 1.0, 0.95, 0.81, 0.61, 0.39, 0.19, 0.05, 0.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        groups = checked(self, optimizer).param_groups
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    "OneCycleLR: expected total_steps, or epochs and steps_per_epoch, but got neither. "
                    "Write epochs=10, steps_per_epoch=len(loader)."
                )
            total_steps = count(self, "epochs", epochs) * count(self, "steps_per_epoch", steps_per_epoch)
        self.total_steps = count(self, "total_steps", total_steps)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: expected anneal_strategy 'cos' or 'linear', but got {anneal_strategy!r}.")
        self._anneal_func_type, self.cycle_momentum = anneal_strategy, cycle_momentum
        self._schedule_phases = self._phases(within(self, "pct_start", pct_start, 0, 1), three_phase)
        if cycle_momentum:
            self.use_beta1 = has_betas(self, optimizer)
        if last_epoch == -1:
            for group, lr in zip(groups, one_each(self, "max_lr", optimizer, max_lr), strict=True):
                first = number(self, "max_lr", lr) / div_factor
                group.update(initial_lr=first, max_lr=lr, min_lr=first / final_div_factor)
        if cycle_momentum and last_epoch == -1:
            low = one_each(self, "base_momentum", optimizer, base_momentum)
            high = one_each(self, "max_momentum", optimizer, max_momentum)
            for i, group in enumerate(groups):
                group.update(base_momentum=low[i], max_momentum=high[i])
        super().__init__(optimizer, last_epoch)

    def _phases(self, pct_start: float, three_phase: bool) -> list[dict[str, Any]]:
        """The last step of each phase, and between which settings of a group it goes."""
        up, last = pct_start * self.total_steps, self.total_steps - 1
        ends = [up - 1, 2 * up - 2, last] if three_phase else [up - 1, last]
        rates = ["initial_lr", "max_lr", "initial_lr", "min_lr"] if three_phase else ["initial_lr", "max_lr", "min_lr"]
        momentums = ["max_momentum", "base_momentum", "max_momentum", "max_momentum"]
        return [
            {
                "end_step": end,
                "start_lr": rates[i],
                "end_lr": rates[i + 1],
                "start_momentum": momentums[i],
                "end_momentum": momentums[i + 1],
            }
            for i, end in enumerate(ends)
        ]

    def get_lr(self) -> list[Any]:
        """The rates of all groups after `last_epoch` steps; sets the momentum too."""
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(
                f"OneCycleLR.step: expected at most {self.total_steps} steps, but this is number {t}. "
                f"Give the number of all mini-batches of all epochs as total_steps."
            )
        start: float = 0
        for phase in self._schedule_phases:
            end = phase["end_step"]
            if t <= end or phase is self._schedule_phases[-1]:
                break
            start = end
        share = (t - start) / (end - start) if end != start else 1.0
        groups = self.optimizer.param_groups
        if self.cycle_momentum:
            for group in groups:
                set_momentum(group, self._between(group[phase["start_momentum"]], group[phase["end_momentum"]], share))
        return [self._between(group[phase["start_lr"]], group[phase["end_lr"]], share) for group in groups]

    def _between(self, start: Any, end: Any, share: float) -> Any:
        """The value when `share` of the way from `start` to `end` is gone."""
        if self._anneal_func_type == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


def has_betas(owner: object, optimizer: Optimizer) -> bool:
    """Whether the momentum of `optimizer` is the first of its betas."""
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError(
            f"{type(owner).__name__}: expected an optimizer with momentum or betas, but got "
            f"{type(optimizer).__name__}, which has neither. Write cycle_momentum=False."
        )
    return "betas" in optimizer.defaults


def set_momentum(group: dict[str, Any], momentum: float) -> None:
    """Set the momentum of a group, or the first of its betas."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum
