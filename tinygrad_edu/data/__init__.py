"""Data on NumPy arrays: the digits that ship with the package, splits, normalization, mini-batches."""

from tinygrad_edu.data.digits import Digits, load_digits
from tinygrad_edu.data.loader import DataLoader
from tinygrad_edu.data.scaling import StandardScaler
from tinygrad_edu.data.splitting import split

__all__ = ["DataLoader", "Digits", "StandardScaler", "load_digits", "split"]
