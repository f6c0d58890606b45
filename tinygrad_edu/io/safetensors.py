"""The safetensors format: names, dtypes and shapes as JSON, then the numbers, one array after the other.

A file is the length of the header (8 bytes, little-endian), the header (a JSON object), and the data. An entry of the
header is ``"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}``; ``"__metadata__"`` holds strings.
The format has no checksum, so its metadata get one here: the SHA-256 of the whole file, taken with 64 zeros in its own
place, which comes first in the header.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np

DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2",
}  # fmt: skip
_CODES = {np.dtype(dtype): code for code, dtype in DTYPES.items() if code != "BF16"}  # NumPy has no bfloat16
_LONGEST_HEADER = 100_000_000  # bytes; other readers refuse longer ones
_START = b'{"__metadata__":{"sha256":"'
_DIGEST = slice(8 + len(_START), 8 + len(_START) + 64)  # where it stands in a file
_MARK = "tinygrad_edu"  # a file with this metadata has a digest
_FOREIGN = {
    b"PK\x03\x04": "a zip archive, as torch.save and np.savez write",
    b"\x80": "a pickle",
    b"\x93NUMPY": "an .npy file",
    b"\x89HDF": "an HDF5 file",
}


def packed(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> list[Any]:
    """The file as a list of buffers, in order."""
    # The largest items first: all arrays are aligned, without gaps.
    parts = dict(sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize))
    ends = dict(zip(parts, accumulate(array.nbytes for array in parts.values()), strict=True))
    header: dict[str, Any] = {"__metadata__": {"sha256": "0" * 64, _MARK: "1", **metadata}}
    for name, array in arrays.items():
        offsets = [ends[name] - array.nbytes, ends[name]]
        header[name] = {"dtype": _code(name, array), "shape": array.shape, "data_offsets": offsets}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > _LONGEST_HEADER:
        raise ValueError(
            f"save: expected a header of at most {_LONGEST_HEADER:,} bytes, but got {len(text):,}. "
            f"Keep long lists of numbers as arrays."
        )
    head = bytearray(len(text).to_bytes(8, "little") + text)
    data = [_bytes(array) for array in parts.values()]
    head[_DIGEST] = _digest([head, *data]).encode()
    return [head, *data]


def unpacked(raw: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays and the metadata of a file; a ValueError says what is wrong with it."""
    header = _header(raw)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("has metadata that are not strings")
    if _has_digest(raw, metadata):
        _check_digest(raw)
    data = memoryview(raw)[8 + _length(raw) :]
    spans = {name: _span(name, entry, len(data)) for name, entry in header.items()}
    _check_gaps(spans, len(data))
    return {name: _array(name, header[name], data[slice(*spans[name])]) for name in header}, metadata


# ---- writing ----


def _code(name: str, array: np.ndarray) -> str:
    """The format's name for the dtype of `array`."""
    code = _CODES.get(array.dtype.newbyteorder("<"))
    if code is None:
        raise TypeError(
            f"save: expected arrays of booleans, integers or real numbers of at most 8 bytes, but {name!r} has dtype "
            f"{array.dtype}. Convert it first, e.g. array.astype(np.float64), or keep its parts."
        )
    return code


def _bytes(array: np.ndarray) -> np.ndarray:
    """The numbers as bytes: row by row, little-endian, whatever the layout of `array`."""
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C").reshape(-1).view(np.uint8)


def _digest(parts: Iterable[Any]) -> str:
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part)
    return sha.hexdigest()


# ---- reading ----


def _length(raw: bytes) -> int:
    return int.from_bytes(raw[:8], "little")


def _header(raw: bytes) -> dict[str, Any]:
    """The header, whose length and form are right."""
    if len(raw) < 8:
        raise ValueError(f"has only {len(raw)} bytes")
    length = _length(raw)
    if length > len(raw) - 8 or length > _LONGEST_HEADER:
        kind = next((kind for start, kind in _FOREIGN.items() if raw.startswith(start)), None)
        if kind:
            raise ValueError(f"is {kind}")
        raise ValueError(f"is cut short, or another kind of file: {len(raw) - 8:,} bytes for a header of {length:,}")
    try:
        header = json.loads(raw[8 : 8 + length].decode(), object_pairs_hook=_unique)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"has a header that is no JSON ({error})") from None
    if not isinstance(header, dict) or raw[8:9] != b"{":
        raise ValueError("has a header that is no JSON object")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as a dict, if no name comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"has {next(name for name in names if names.count(name) > 1)!r} twice in its header")
    return found


def _has_digest(raw: bytes, metadata: Mapping[str, str]) -> bool:
    """Whether the file was written here, by any of three signs: damage may have taken two."""
    digits = len(raw) >= _DIGEST.stop and set(raw[_DIGEST]) <= set(b"0123456789abcdef")
    return digits or _MARK in metadata or raw.startswith(_START, 8)


def _check_digest(raw: bytes) -> None:
    said = bytes(raw[_DIGEST])
    view = memoryview(raw)
    if _digest([view[: _DIGEST.start], b"0" * 64, view[_DIGEST.stop :]]).encode() != said:
        raise ValueError("is damaged, or was changed by another program: it does not have the SHA-256 that it names")


def _span(name: str, entry: Any, size: int) -> tuple[int, int]:
    """Where the data of an entry stand, which is of the right form."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"has no dtype, shape and data_offsets for {name!r}")
    shape, offsets, code = entry["shape"], entry["data_offsets"], entry["dtype"]
    if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2:
        raise ValueError(f"has a shape or offsets for {name!r} that are no sizes: {shape!r:.60}, {offsets!r:.60}")
    if not isinstance(code, str) or code not in DTYPES:
        raise ValueError(
            f"has {name!r} in dtype {code!r:.20}, which NumPy does not have: convert it to F32 where it is from"
        )
    begin, end = offsets
    if not begin <= end <= size:
        raise ValueError(f"is cut short: {name!r} lies at {begin}:{end} of {size} bytes of data")
    wanted = math.prod(shape) * np.dtype(DTYPES[code]).itemsize
    if end - begin != wanted:
        raise ValueError(f"has {end - begin} bytes for {name!r}, whose shape {tuple(shape)} of {code} takes {wanted}")
    return begin, end


def _sizes(value: Any) -> bool:
    """Whether `value` is a list of whole numbers from 0 on."""
    return isinstance(value, list) and all(type(each) is int and each >= 0 for each in value)


def _check_gaps(spans: Mapping[str, tuple[int, int]], size: int) -> None:
    """Raise unless the arrays cover the data, each byte once."""
    reached, before = 0, "the start"
    for name, (begin, end) in sorted(spans.items(), key=lambda item: item[1]):
        if begin != reached:
            raise ValueError(f"has {'a gap' if begin > reached else 'an overlap'} between {before!r} and {name!r}")
        reached, before = end, name
    if reached != size:
        raise ValueError(f"has {size - reached} bytes of data that belong to no array")


def _array(name: str, entry: Mapping[str, Any], data: memoryview) -> np.ndarray:
    """A new array of the numbers in `data`."""
    code, stored = entry["dtype"], np.frombuffer(data, DTYPES[entry["dtype"]])
    if code == "BOOL" and (stored.view(np.uint8) > 1).any():
        raise ValueError(f"has booleans in {name!r} that are neither 0 nor 1")
    if code == "BF16":  # the first half of the bits of a float32
        stored = (stored.astype("<u4") << 16).view("<f4")
    try:
        return stored.astype(stored.dtype.newbyteorder("=")).reshape(entry["shape"])
    except (ValueError, OverflowError):
        raise ValueError(f"has {name!r} in shape {entry['shape']!r:.60}, which NumPy does not take") from None
