"""Checks for gradients: those of this package, and yours. The strategies for Hypothesis are in `testing.strategies`."""

from .differences import numerical_diff_back, numerical_diff_front, numerical_diff_mid, numerical_gradient
from .gradients import GradientError, check_gradients

__all__ = [
    "GradientError",
    "check_gradients",
    "numerical_diff_back",
    "numerical_diff_front",
    "numerical_diff_mid",
    "numerical_gradient",
]
