"""The format itself: files built here byte by byte, and every way in which one can be wrong."""

import json
import re
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_edu as tg


def file_of(header, data=b"") -> bytes:
    """A file by the specification, written independently of the package; `header` is a dict, or its text."""
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype="F32", shape=(2,), begin=0, end=8):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def loaded(tmp_path, raw):
    path = tmp_path / "file"
    path.write_bytes(raw)
    return tg.load(path)


def parsed(path):
    """What a reader of the specification finds: header and data."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


STORED = {
    "BOOL": ([True, False], struct.pack("<2?", 1, 0), bool),
    "U8": ([1, 255], struct.pack("<2B", 1, 255), np.uint8),
    "I8": ([1, -128], struct.pack("<2b", 1, -128), np.int8),
    "U16": ([1, 65535], struct.pack("<2H", 1, 65535), np.uint16),
    "I16": ([1, -2], struct.pack("<2h", 1, -2), np.int16),
    "U32": ([1, 2**32 - 1], struct.pack("<2I", 1, 2**32 - 1), np.uint32),
    "I32": ([1, -2], struct.pack("<2i", 1, -2), np.int32),
    "U64": ([1, 2**64 - 1], struct.pack("<2Q", 1, 2**64 - 1), np.uint64),
    "I64": ([1, -2], struct.pack("<2q", 1, -2), np.int64),
    "F16": ([1.5, -2], struct.pack("<2e", 1.5, -2), np.float16),
    "F32": ([1.5, -2], struct.pack("<2f", 1.5, -2), np.float32),
    "F64": ([1.5, -2], struct.pack("<2d", 1.5, -2), np.float64),
}


@pytest.mark.parametrize("code", STORED)
def test_every_dtype_is_read_and_written_as_the_format_says(code, tmp_path):
    values, data, dtype = STORED[code]
    read = loaded(tmp_path, file_of({"w": entry(code, end=len(data))}, data))["w"]
    np.testing.assert_array_equal(read, np.array(values, dtype), strict=True)
    tg.save({"w": read}, tmp_path / "own")
    header, written = parsed(tmp_path / "own")
    assert header["w"] == entry(code, end=len(data))
    assert written == data


def test_bfloat16_becomes_the_float32_of_the_same_value(tmp_path):
    # 1.0 is 0x3F80, -2.5 is 0xC020, infinity 0x7F80
    read = loaded(tmp_path, file_of({"w": entry("BF16", (3,), 0, 6)}, bytes.fromhex("803f20c0807f")))["w"]
    np.testing.assert_array_equal(read, np.array([1.0, -2.5, np.inf], np.float32), strict=True)


def test_header_is_the_first_thing_and_arrays_are_aligned(tmp_path):
    state = {"odd": np.ones(3, np.int8), "wide": np.ones(2), "half": np.ones(1, np.float16), "none": np.zeros((0, 4))}
    tg.save(state, tmp_path / "file")
    header, data = parsed(tmp_path / "file")
    assert list(header) == ["__metadata__", *state]  # the order of the state
    assert (len((tmp_path / "file").read_bytes()) - len(data)) % 8 == 0
    for name, array in state.items():
        assert header[name]["data_offsets"][0] % array.dtype.itemsize == 0
    assert sum(array.nbytes for array in state.values()) == len(data)


@pytest.mark.parametrize(
    "array",
    [
        np.array(2.5),
        np.array(7, np.int64),
        np.zeros((0, 3), np.float32),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(24.0).reshape(4, 6)[::2, ::-3],
        np.arange(6.0).reshape(2, 3).T,
        np.broadcast_to(np.float32(3), (2, 2)),
        np.arange(3, dtype=">f4"),
        np.arange(3, dtype=">i8")[::-1],
        np.array([np.nan, -0.0, np.inf, 5e-324]),
    ],
    ids=["0-d", "0-d int", "empty", "Fortran", "strided", "transposed", "broadcast", "big-endian", "both", "special"],
)
def test_any_layout_is_written_in_order(array, tmp_path):
    tg.save({"w": array}, tmp_path / "file")
    back = tg.load(tmp_path / "file")["w"]
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("=")
    assert back.flags.writeable
    assert back.flags.c_contiguous
    assert back.tobytes() == np.ascontiguousarray(array.astype(back.dtype)).tobytes()


@given(hnp.arrays(st.sampled_from([np.float32, np.float64, np.int16, bool]), hnp.array_shapes(min_dims=0, min_side=0)))
def test_any_array_comes_back(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("any") / "file"
    tg.save({"w": array}, path)
    assert tg.load(path)["w"].tobytes() == array.tobytes()


WRONG = {
    "empty": (b"", "has only 0 bytes"),
    "short": (b"1234567", "has only 7 bytes"),
    "absurd length": (struct.pack("<Q", 2**63) + b"{}", f"2 bytes for a header of {2**63:,}"),
    "length past the end": (struct.pack("<Q", 3) + b"{}", "is cut short, or another kind of file"),
    "zip": (b"PK\x03\x04" + bytes(30), "is a zip archive, as torch.save and np.savez write"),
    "pickle": (b"\x80\x04\x95" + bytes(range(1, 30)), "is a pickle"),
    "npy": (b"\x93NUMPY" + bytes(range(1, 30)), "is an .npy file"),
    "no JSON": (file_of("{'a': 1}"), "has a header that is no JSON ("),
    "no UTF-8": (struct.pack("<Q", 4) + b'{"\xff}', "has a header that is no JSON ("),
    "bottomless": (file_of("[" * 100_000), "has a header that is no JSON"),
    "a list": (file_of("[1]"), "has a header that is no JSON object"),
    "space first": (file_of(" {}"), "has a header that is no JSON object"),
    "a name twice": (
        file_of('{"a": %s, "a": %s}' % ((json.dumps(entry()),) * 2), bytes(8)),
        "has 'a' twice in its header",
    ),
    "metadata": (file_of({"__metadata__": {"a": 1}}), "has metadata that are not strings"),
    "metadata list": (file_of({"__metadata__": []}), "has metadata that are not strings"),
    "no entry": (file_of({"a": 3}), "has no dtype, shape and data_offsets for 'a'"),
    "no shape": (file_of({"a": {"dtype": "F32", "data_offsets": [0, 8]}}), "has no dtype, shape and data_offsets"),
    "negative": (file_of({"a": entry(shape=[-2])}, bytes(8)), "for 'a' that are no sizes: [-2], [0, 8]"),
    "boolean": (file_of({"a": entry(shape=[True])}, bytes(8)), "that are no sizes: [True]"),
    "real": (file_of({"a": entry(shape=[2.0])}, bytes(8)), "that are no sizes: [2.0]"),
    "three offsets": (file_of({"a": {**entry(), "data_offsets": [0, 4, 8]}}, bytes(8)), "that are no sizes"),
    "dtype": (file_of({"a": entry("F8_E4M3")}, bytes(8)), "has 'a' in dtype 'F8_E4M3', which NumPy does not have"),
    "dtype list": (file_of({"a": entry(["F32"])}, bytes(8)), "has 'a' in dtype ['F32']"),
    "backwards": (file_of({"a": entry(begin=8, end=0)}, bytes(8)), "'a' lies at 8:0 of 8 bytes of data"),
    "cut data": (file_of({"a": entry()}, bytes(7)), "is cut short: 'a' lies at 0:8 of 7 bytes of data"),
    "shape": (file_of({"a": entry(shape=[3])}, bytes(8)), "8 bytes for 'a', whose shape (3,) of F32 takes 12"),
    "overflow": (file_of({"a": entry(shape=[2**62, 4])}, bytes(8)), f"takes {2**66}"),
    "overflow to 0": (file_of({"a": entry(shape=[2**63, 2], end=0)}), "whose shape"),
    "too long for NumPy": (file_of({"a": entry(shape=[0, 2**70], end=0)}), "which NumPy does not take"),
    "too many axes": (file_of({"a": entry("U8", shape=[1] * 100, end=1)}, bytes(1)), "which NumPy does not take"),
    "overlap": (file_of({"a": entry(), "b": entry(begin=4, end=12)}, bytes(12)), "an overlap between 'a' and 'b'"),
    "same twice": (file_of({"a": entry(), "b": entry()}, bytes(8)), "an overlap between 'a' and 'b'"),
    "gap": (file_of({"a": entry(), "b": entry(begin=12, end=20)}, bytes(20)), "a gap between 'a' and 'b'"),
    "gap first": (file_of({"a": entry(begin=4, end=12)}, bytes(12)), "a gap between 'the start' and 'a'"),
    "rest": (file_of({"a": entry()}, bytes(9)), "has 1 bytes of data that belong to no array"),
    "boolean 2": (file_of({"a": entry("BOOL", end=2)}, b"\x01\x02"), "booleans in 'a' that are neither 0 nor 1"),
    "own, no digest": (
        file_of({"__metadata__": {"tinygrad_edu": "1"}}),
        "is damaged, or was changed by another program",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_file_is_an_error_that_says_what_is_wrong(case, tmp_path):
    raw, text = WRONG[case]
    with pytest.raises(ValueError, match=re.escape(text)) as caught:
        loaded(tmp_path, raw)
    assert str(caught.value).startswith(f"load: expected a whole safetensors file, but {str(tmp_path / 'file')!r} ")


def test_file_without_digest_loads_with_metadata_and_padding(tmp_path):
    header = json.dumps({"__metadata__": {"format": "pt", "sha256": "theirs"}, "a": entry()}) + "   "
    raw = file_of(header, struct.pack("<2f", 1, 2))
    np.testing.assert_array_equal(loaded(tmp_path, raw)["a"], [1, 2])
    assert tg.io.metadata(tmp_path / "file") == {"format": "pt"}


def test_every_flipped_byte_is_found(tmp_path):
    path = tmp_path / "file"
    tg.save({"w": np.arange(3.0), "deep": {"b": np.array([True, False]), "lr": 0.1}}, path, metadata={"note": "x"})
    raw = path.read_bytes()
    for i in range(len(raw)):
        for flip in (0x01, 0x20, 0x80):
            path.write_bytes(raw[:i] + bytes([raw[i] ^ flip]) + raw[i + 1 :])
            with pytest.raises(ValueError, match="load: expected a whole safetensors file"):
                tg.load(path)


@pytest.mark.parametrize("kept", ["start", "mark", "digits"])
def test_damaged_file_that_has_lost_two_of_its_signs_is_found(kept, tmp_path):
    path = tmp_path / "file"
    tg.save({"w": np.arange(3.0)}, path)
    raw = path.read_bytes()
    digest = parsed(path)[0]["__metadata__"]["sha256"].encode()
    for sign, found, lost in (
        ("start", b'"sha256"', b'"sha25x"'),
        ("mark", b'"tinygrad_edu"', b'"tinygrad_edx"'),
        ("digits", digest, digest.upper()),
    ):
        raw = raw if sign == kept else raw.replace(found, lost)
    path.write_bytes(raw)
    with pytest.raises(ValueError, match="is damaged, or was changed by another program"):
        tg.load(path)


def test_every_cut_is_found(tmp_path):
    path = tmp_path / "file"
    tg.save({"w": np.arange(3.0)}, path)
    raw = path.read_bytes()
    for cut in [*(raw[:i] for i in range(len(raw))), raw + b"\0"]:
        path.write_bytes(cut)
        with pytest.raises(ValueError, match="load: expected a whole safetensors file"):
            tg.load(path)


def test_digest_is_that_of_the_file_with_zeros_in_its_place(tmp_path):
    import hashlib

    tg.save({"w": np.arange(3.0)}, tmp_path / "file")
    raw = (tmp_path / "file").read_bytes()
    digest = parsed(tmp_path / "file")[0]["__metadata__"]["sha256"]
    assert digest == hashlib.sha256(raw.replace(digest.encode(), b"0" * 64)).hexdigest()
