"""What a training loop needs besides the step."""

from .early_stopping import EarlyStopping

__all__ = ["EarlyStopping"]
