"""Losses as modules: each compares an output with a target, and is a scalar to go backward from."""

from .binary import BCELoss, BCEWithLogitsLoss
from .classes import CrossEntropyLoss, NLLLoss
from .regression import L1Loss, MSELoss

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "MSELoss", "NLLLoss"]
