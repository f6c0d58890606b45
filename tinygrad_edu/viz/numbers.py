"""Numbers and arrays in the few characters and cells that a card has room for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

ROWS, COLUMNS = 8, 10  # cells of a heat map, at the most

_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number(value: float, digits: int = 3) -> str:
    """A number in `digits` significant digits, with a true minus sign and powers of ten.

    Examples
    --------
    >>> [number(v) for v in (0.7310586, -2.0, -0.0, 1234.0, 5.1e-5, -3e7, float("inf"), float("nan"))]
    ['0.731', '−2', '0', '1234', '5.1·10⁻⁵', '−3·10⁷', '∞', 'NaN']
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if value == round(value) and abs(value) < 1e6:
        return sign(f"{value:.0f}")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if -4 < int(exponent) < 5:
        text = f"{float(f'{mantissa}e{exponent}'):.{max(digits - 1 - int(exponent), 0)}f}"
        return sign(text.rstrip("0").rstrip(".") if "." in text else text)
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{sign(mantissa)}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def sign(text: str) -> str:
    """The text with U+2212 for a hyphen."""
    return text.replace("-", "−")


def superscript(exponent: int) -> str:
    """An exponent as raised digits.

    Examples
    --------
    >>> "x" + superscript(-12)
    'x⁻¹²'
    """
    return str(exponent).translate(_SUPERSCRIPT)


def subscript(name: str) -> str:
    """A name of one letter and digits with the digits lowered; any other name as it is.

    Examples
    --------
    >>> [subscript(n) for n in ("w0", "W_12", "fc1", "x")]
    ['w₀', 'W₁₂', 'fc1', 'x']
    """
    digits = name[1:].removeprefix("_")
    if name[:1].isalpha() and digits.isdecimal() and digits.isascii():
        return name[0] + digits.translate(_SUBSCRIPT)
    return name


def peak(array: np.ndarray) -> float:
    """The largest magnitude among the finite numbers, or 0 if there are none."""
    finite = np.abs(array[np.isfinite(array)].astype(np.float64))
    return float(finite.max()) if finite.size else 0.0


def rms(array: np.ndarray) -> float:
    """The root of the mean square of the finite numbers, or 0 if there are none."""
    finite = array[np.isfinite(array)].astype(np.float64)
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    return largest * float(np.sqrt(np.mean((finite / largest) ** 2))) if largest else 0.0  # no overflow


def nonfinite(array: np.ndarray) -> int:
    """How many numbers are NaN or infinite."""
    return int(array.size - np.count_nonzero(np.isfinite(array)))


def spread(array: np.ndarray) -> str:
    """The largest magnitude with ±, or in words what else is to be said.

    Examples
    --------
    >>> spread(np.array([0.5, -2.0])), spread(np.zeros(3)), spread(np.zeros(0)), spread(np.array([1.0, np.nan]))
    ('±2', '0', 'empty', '1 NaN')
    """
    if not array.size:
        return "empty"
    if bad := nonfinite(array):
        return f"{bad} {'NaN' if np.isnan(array).any() else '∞'}"
    largest = peak(array)
    return f"±{number(largest, 2)}" if largest else "0"


def shape_text(shape: tuple[int, ...]) -> str:
    """Lengths with × between them; nothing for a scalar."""
    return "×".join(map(str, shape))


def dtype_text(dtype: np.dtype[Any]) -> str:
    """The dtype in three or four characters: f32, i64, bool."""
    return "bool" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize * 8}"


def cells(array: np.ndarray, rows: int = ROWS, columns: int = COLUMNS) -> np.ndarray:
    """At most ``rows`` x ``columns`` numbers of the array, evenly chosen, first and last included.

    Leading axes are laid out below each other.

    Examples
    --------
    >>> cells(np.arange(100.0).reshape(4, 25), 2, 3)
    array([[ 0., 12., 24.],
           [75., 87., 99.]])
    """
    table = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    found: np.ndarray = table[np.ix_(_evenly(table.shape[0], rows), _evenly(table.shape[1], columns))]
    return found


def _evenly(n: int, most: int) -> np.ndarray:
    """At most `most` of the positions 0..n-1."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).round().astype(int)
