"""What losses share."""

from __future__ import annotations

from typing import Any

from ...ops.loss import check_reduction
from ..functional.loss.arguments import check_retired
from ..module import Module


class Loss(Module):
    """What losses share: how the losses of all elements become one number.

    The mean of an empty batch is NaN, as in PyTorch, and its sum 0. Losses of pairs want both of one shape: nothing is
    broadcast. `size_average` and `reduce`, which PyTorch has retired, keep their place and must be None.
    """

    weight: Any  # buffers, where a loss has them
    pos_weight: Any

    _reductions: tuple[str, ...] = ()  # those that only this loss has

    def __init__(self, size_average: None = None, reduce: None = None, reduction: str = "mean", **weights: Any) -> None:
        check_retired(type(self).__name__, size_average, reduce)
        check_reduction(type(self).__name__, reduction, *self._reductions)
        self.reduction: Any = reduction
        for name, weight in weights.items():
            self.register_buffer(name, weight)

    def extra_repr(self) -> str:
        """The reduction, unless it is the mean."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"
