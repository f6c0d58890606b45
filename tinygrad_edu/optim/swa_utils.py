"""Averages of weights along a run, which often generalize better than its last weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .. import memory
from ..context import no_grad
from ..nn import BatchNorm1d, BatchNorm2d, BatchNorm3d, Module
from ..tensor import Tensor
from .lr_scheduler import LRScheduler
from .lr_scheduler.scheduler import one_each
from .optimizer import Optimizer

Average = Callable[[Any, Any, int], Any]  # of the average, the new value, and how many came before


def get_swa_avg_fn() -> Average:
    """The plain average: ``a + (w - a) / (n + 1)``, where `n` values came before.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.optim.swa_utils.get_swa_avg_fn()(2.0, 5.0, 2)  # of 2, 2 and 5
    3.0
    """
    return lambda averaged, current, n: averaged + (current - averaged) / (n + 1)


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The exponentially weighted average: ``decay a + (1 - decay) w``; it starts from the first weights, not from 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.optim.swa_utils.get_ema_avg_fn(0.9)(2.0, 12.0, 1)
    3.0
    """
    if not 0 <= decay <= 1:
        raise ValueError(f"get_ema_avg_fn: expected a decay in 0..1, but got {decay!r}. It is the share of the past.")
    return lambda averaged, current, _: averaged + (1 - decay) * (current - averaged)


def get_swa_multi_avg_fn() -> Callable[[list[np.ndarray], list[np.ndarray], int], None]:
    """`get_swa_avg_fn` for lists of arrays, the first of which are altered in place.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> averaged = [np.array([2.0])]
    >>> tg.optim.swa_utils.get_swa_multi_avg_fn()(averaged, [np.array([5.0])], 2)
    >>> averaged
    [array([3.])]
    """
    return _for_lists(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[[list[np.ndarray], list[np.ndarray], int], None]:
    """`get_ema_avg_fn` for lists of arrays, the first of which are altered in place.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> averaged = [np.array([2.0])]
    >>> tg.optim.swa_utils.get_ema_multi_avg_fn(0.9)(averaged, [np.array([12.0])], 1)
    >>> averaged
    [array([3.])]
    """
    return _for_lists(get_ema_avg_fn(decay))


def _for_lists(average: Average) -> Callable[[list[np.ndarray], list[np.ndarray], int], None]:
    def averages(averaged: list[np.ndarray], current: list[np.ndarray], n: int) -> None:
        for a, w in zip(averaged, current, strict=True):
            a[...] = average(a, w, n)

    return averages


class AveragedModel(Module):
    """A copy of a model whose weights are the average of those that it was shown.

    ::

        a <- w                     the first time
        a <- a + (w - a) / (n + 1)   with n weights before; or another `avg_fn`

    Parameters
    ----------
    model : Module
        It is copied.
    device : None
        For PyTorch's programs; there is one device.
    avg_fn : callable, optional
        The average as a function of the arrays ``averaged, current`` and of the number before: `get_ema_avg_fn()`.
    multi_avg_fn : callable, optional
        Instead: a function of lists of arrays, which alters the first in place.
    use_buffers : bool
        Average buffers, such as running statistics, too; otherwise they are those of the model last shown.

    Attributes
    ----------
    module : Module
        The copy.
    n_averaged : Tensor
        How many were averaged.

    Raises
    ------
    ValueError
        If both functions are given.

    References
    ----------
    Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging weights leads to wider optima and better
    generalization, 2018.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> model = nn.Linear(1, 1)
    >>> averaged = tg.optim.swa_utils.AveragedModel(model)
    >>> for weight in (1.0, 2.0, 6.0):
    ...     _ = nn.init.constant_(model.weight, weight)  # stands for training
    ...     averaged.update_parameters(model)
    >>> averaged.module.weight.item()
    3.0
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: None = None,
        avg_fn: Average | None = None,
        multi_avg_fn: Callable[[list[np.ndarray], list[np.ndarray], int], None] | None = None,
        use_buffers: bool = False,
    ) -> None:
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel: expected avg_fn or multi_avg_fn, but got both. Leave one out.")
        if device is not None:
            raise ValueError(f"AveragedModel: expected device None, as there is one only, but got {device!r}.")
        self.module = copy.deepcopy(model)
        self.register_buffer("n_averaged", np.array(0, np.int64))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the copy computes."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the weights that `model` has now into the average.

        Raises
        ------
        ValueError
            If they are not those of the copy, in number and shape; nothing was changed.
        """
        mine: list[Tensor] = [*self.module.parameters()]
        theirs: list[Tensor] = [*model.parameters()]
        my_buffers, their_buffers = [*self.module.buffers()], [*model.buffers()]
        _check_alike([*mine, *my_buffers], [*theirs, *their_buffers])
        if self.use_buffers:
            mine, theirs, my_buffers, their_buffers = [*mine, *my_buffers], [*theirs, *their_buffers], [], []
        averaged, current = [p.data for p in mine], [p.data for p in theirs]
        n = int(self.n_averaged.item())
        if n == 0:
            _copy(averaged, current)
        elif self.multi_avg_fn is not None:
            self.multi_avg_fn(averaged, current, n)
        else:
            _for_lists(self.avg_fn or get_swa_avg_fn())(averaged, current, n)
        _copy([b.data for b in my_buffers], [b.data for b in their_buffers])
        self.n_averaged.data = np.array(n + 1, np.int64)
        for changed in (*mine, *my_buffers):
            memory.stamp(changed.data)


def _copy(targets: list[np.ndarray], sources: list[np.ndarray]) -> None:
    for target, source in zip(targets, sources, strict=True):
        target[...] = source


def _check_alike(mine: list[Tensor], theirs: list[Tensor]) -> None:
    shapes, others = [p.shape for p in mine], [p.shape for p in theirs]
    if shapes != others:
        raise ValueError(
            f"AveragedModel.update_parameters: expected the model that was copied, with parameters and buffers of "
            f"shapes {shapes}, but got {others}. Show it the same architecture."
        )


def update_bn(loader: Iterable[Any], model: Module, device: None = None) -> None:  # noqa: ARG001 - there is one only
    """Measure the running statistics of batch norm anew, over all batches: averaged weights do not have them.

    Parameters
    ----------
    loader : iterable
        Batches: arrays or Tensors, or tuples or lists that begin with them.
    model : Module
        Its mode, train or eval, stays.
    device : None
        For PyTorch's programs.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> model = nn.BatchNorm1d(1)
    >>> tg.optim.swa_utils.update_bn([np.array([[1.0], [3.0]]), np.array([[5.0], [7.0]])], model)
    >>> model.running_mean
    Tensor([4.])
    """
    norms: list[Any] = [m for m in model.modules() if isinstance(m, BatchNorm1d | BatchNorm2d | BatchNorm3d)]
    if not norms:
        return
    modes, momenta = [(m, m.training) for m in model.modules()], [(m, m.momentum) for m in norms]
    model.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain average over all batches
    try:
        with no_grad():
            for batch in loader:
                x = batch[0] if isinstance(batch, list | tuple) else batch
                model(x if isinstance(x, Tensor) else Tensor(x))
    finally:
        for norm, momentum in momenta:
            norm.momentum = momentum
        for module, training in modes:
            module.training = training


class SWALR(LRScheduler):
    """From the rate that there is to `swa_lr` in `anneal_epochs` steps, where it stays.

    ::

        lr_t = (1 - h) lr_0 + h swa_lr,   h = t / anneal_epochs, or (1 - cos(pi t / anneal_epochs)) / 2

    Parameters
    ----------
    optimizer : Optimizer
        Whose rates are set.
    swa_lr : float or list of float
        The rate at the end, or that of each group.
    anneal_epochs : int
        The steps until then.
    anneal_strategy : {"cos", "linear"}
        Along a cosine or a straight line.
    last_epoch : int
        The steps that a run to be continued has made, less one.

    Raises
    ------
    ValueError
        If the strategy is unknown, or `anneal_epochs` no whole number of at least 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> optimizer = tg.optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    >>> scheduler = tg.optim.swa_utils.SWALR(optimizer, swa_lr=0.1, anneal_epochs=2, anneal_strategy="linear")
    >>> rates = []
    >>> for _ in range(3):
    ...     scheduler.step()
    ...     rates += [round(lr, 3) for lr in scheduler.get_last_lr()]
    >>> rates
    [0.3, 0.1, 0.1]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"SWALR: expected anneal_strategy 'cos' or 'linear', but got {anneal_strategy!r}.")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"SWALR: expected anneal_epochs as a whole number >= 0, but got {anneal_epochs!r}.")
        for group, lr in zip(optimizer.param_groups, one_each(self, "swa_lr", optimizer, swa_lr), strict=True):
            group["swa_lr"] = lr
        self.anneal_epochs, self._anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def _height(self, t: int) -> float:
        """How much of the way is made after `t` steps."""
        t = max(t, 1) if self.anneal_epochs == 0 else t
        share = max(0.0, min(1.0, t / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * share)) / 2 if self._anneal_strategy == "cos" else share

    def get_lr(self) -> list[Any]:
        """The rates of all groups after `last_epoch` steps, given those before."""
        t, groups = self.last_epoch, self.optimizer.param_groups
        before, now = self._height(t - 1) if t > 0 else 0.0, self._height(t)
        if before == 1 or (t > 0 and not self._last_lr):  # at the end, or a run that is continued
            return [group["swa_lr"] if before == 1 else group["lr"] for group in groups]
        starts = [(group["lr"] - before * group["swa_lr"]) / (1 - before) for group in groups]
        return [now * group["swa_lr"] + (1 - now) * start for group, start in zip(groups, starts, strict=True)]
