"""The built distribution, installed into an empty environment and used from another folder."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command, **options) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=clean, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.network
def test_the_wheel_works_from_another_folder_in_an_empty_environment(tmp_path):
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("tinygrad_edu-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "tinygrad_edu/py.typed" in names
    assert "tinygrad_edu/data/digits.npz" in names
    assert "tinygrad_edu/data/LICENSE-digits.txt" in names
    assert not [name for name in names if not name.startswith("tinygrad_edu")]

    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    run(binaries / "pip", "install", wheel)
    code = """
import tinygrad_edu as tg
w = tg.Tensor(2.0, requires_grad=True)
(w * w).backward()
print(float(w.grad), tg.data.load_digits().images.shape, tg.__file__)
"""
    said = run(binaries / "python", "-c", code, cwd=tmp_path)
    assert said.startswith("4.0 (1797, 8, 8) ")
    assert str(ROOT) not in said
    assert "demo" in run(binaries / "tinygrad-edu", "--help", cwd=tmp_path)
    assert "demo" in run(binaries / "python", "-m", "tinygrad_edu", "--help", cwd=tmp_path)
