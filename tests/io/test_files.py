"""Files are there whole, or not at all."""

import os
import pathlib
import re
import stat
import sys

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.io import files

STATE = {"w": np.ones(3)}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", [str, pathlib.Path])
@pytest.mark.parametrize("name", ["model", "model.pt", "model.safetensors", "två ord"])
def test_path_is_used_as_it_is(kind, name, tmp_path):
    tg.save(STATE, kind(tmp_path / name))
    assert names(tmp_path) == [name]
    np.testing.assert_array_equal(tg.load(kind(tmp_path / name))["w"], STATE["w"])


def test_relative_path_is_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tg.save(STATE, "file")
    assert names(tmp_path) == ["file"]


class Interrupted(BaseException):
    pass


@pytest.mark.parametrize("failing", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError, Interrupted])
def test_failed_save_leaves_the_old_file_and_nothing_else(failing, error, tmp_path, monkeypatch):
    path = tmp_path / "file"
    tg.save(STATE, path)
    before = path.read_bytes()

    def fail(*_):
        raise error("no more room")

    monkeypatch.setattr(files.os, failing, fail)
    with pytest.raises(error, match="no more room"):
        tg.save({"w": np.zeros(5)}, path)
    monkeypatch.undo()
    assert names(tmp_path) == ["file"]
    assert path.read_bytes() == before


def test_numbers_are_on_the_disk_before_the_name_is_given(tmp_path, monkeypatch):
    told = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(files.os, name, lambda *a, real=real, name=name: (told.append(name), real(*a)))
    tg.save(STATE, tmp_path / "file")
    assert told[:2] == ["fsync", "replace"]


def test_state_that_cannot_be_saved_touches_no_file(tmp_path):
    with pytest.raises(TypeError):
        tg.save({"w": object()}, tmp_path / "file")
    assert names(tmp_path) == []


posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")


@posix
def test_file_keeps_its_mode_and_a_new_one_takes_that_of_the_process(tmp_path):
    old = os.umask(0o027)
    try:
        tg.save(STATE, tmp_path / "file")
        assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
        (tmp_path / "file").chmod(0o604)
        tg.save(STATE, tmp_path / "file")
        assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o604
    finally:
        os.umask(old)


@posix
def test_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")
    tg.save(STATE, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path / "real") == ["file"]


def test_errors_of_paths(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape("save: expected a folder that exists, but got")):
        tg.save(STATE, tmp_path / "no" / "file")
    with pytest.raises(OSError, match=re.escape("save: expected the path of a file, but got")):
        tg.save(STATE, tmp_path)
    with pytest.raises(TypeError, match=re.escape("save: expected a path, but got int 3.")):
        tg.save(STATE, 3)
    with pytest.raises(TypeError, match=re.escape("load: expected a path, but got NoneType None.")):
        tg.load(None)
    with pytest.raises(FileNotFoundError):
        tg.load(tmp_path / "none")
    assert names(tmp_path) == []
