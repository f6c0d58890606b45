"""What losses share."""

from __future__ import annotations

from typing import Any

from ...ops.loss import Reduction, check_reduction
from ..module import Module


class Loss(Module):
    """What losses share: how the losses of all elements become one number."""

    weight: Any  # buffers, where a loss has them
    pos_weight: Any

    def __init__(self, reduction: Reduction = "mean", **weights: Any) -> None:
        check_reduction(type(self).__name__, (1,), reduction)
        self.reduction = reduction
        for name, weight in weights.items():
            self.register_buffer(name, weight)

    def extra_repr(self) -> str:
        """The reduction, unless it is the mean."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"
