"""Normalization layers."""

from .batch import BatchNorm1d, BatchNorm2d, BatchNorm3d
from .instance import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from .layer import GroupNorm, LayerNorm, RMSNorm

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d",
    "LayerNorm", "RMSNorm",
]  # fmt: skip
