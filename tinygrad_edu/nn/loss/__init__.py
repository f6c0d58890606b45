"""Losses as modules: each compares an output with a target, and is a scalar to go backward from."""

from .binary import BCELoss, BCEWithLogitsLoss, SoftMarginLoss
from .classes import CrossEntropyLoss, NLLLoss
from .ctc import CTCLoss
from .likelihood import GaussianNLLLoss, KLDivLoss, PoissonNLLLoss
from .margin import (
    HingeEmbeddingLoss,
    MarginRankingLoss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
)
from .regression import HuberLoss, L1Loss, MSELoss, SmoothL1Loss
from .similarity import CosineEmbeddingLoss, TripletMarginLoss, TripletMarginWithDistanceLoss

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]
