"""The demo, as a user runs it: what it prints, what it writes, and what it says when something is wrong."""

import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinygrad_edu import demo
from tinygrad_edu.cli import main

PICTURES = ["graph.png", "graph.svg", "learning-curves.png", "misread-digits.png"]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_demo_reads_97_percent_of_the_digits_that_it_never_saw(tmp_path, capsys):
    assert main(["demo", "--output", str(tmp_path / "new" / "folder")]) == 0
    printed = capsys.readouterr().out
    assert float(re.search(r"test accuracy ([\d.]+)%", printed)[1]) >= 97
    lines = re.findall(r"^ +(\d+)  (\d\.\d{3})  +([\d.]+)%  +([\d.]+)%$", printed, re.MULTILINE)
    assert [int(epoch) for epoch, *_ in lines] == list(range(1, 31))
    assert float(lines[-1][1]) < 0.1 * float(lines[0][1])
    assert str(tmp_path / "new" / "folder") in printed
    written = files(tmp_path / "new" / "folder")
    assert list(written) == PICTURES, "the four pictures, and no half-written file beside them"
    for name in PICTURES:
        assert name in printed
        if name.endswith(".png"):
            pixels = np.asarray(Image.open(io.BytesIO(written[name])).convert("L"))
            assert min(pixels.shape) > 100
            assert pixels.std() > 5, f"{name} is blank"


def test_a_seed_repeats_the_demo_bit_for_bit(tmp_path):
    runs = [demo.run(seed=seed, epochs=2, output=tmp_path / name) for name, seed in [("a", 3), ("b", 3), ("c", 4)]]
    assert runs[0] == runs[1]
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert runs[2] != runs[0]
    assert files(tmp_path / "c")["learning-curves.png"] != files(tmp_path / "a")["learning-curves.png"]


def test_train_dev_and_test_set_share_no_image_and_only_the_training_set_is_normalized_exactly():
    train, dev, test = demo.digits()
    assert [len(part.y) for part in (train, dev, test)] == [1258, 269, 270]
    images = [row.tobytes() for part in (train, dev, test) for row in part.X]
    assert len(images) == 1797
    assert len(set(images)) == 1797
    assert abs(train.X.mean()) < 1e-5
    assert abs(train.X.std() - 1) < 1e-5
    assert 0 < abs(test.X.mean()) < 0.1
    assert train.X.dtype == np.float32


def test_the_grid_of_misread_digits_says_how_many_and_shows_at_most_twenty():
    _, _, test = demo.digits()
    for wrong, title, panels in [(0, "0 of 270 digits misread", 5), (3, "3 of 270 digits misread", 5)]:
        figure = demo.misread(test, np.where(np.arange(270) < wrong, (test.y + 1) % 10, test.y))
        assert figure.get_suptitle() == title
        assert len(figure.axes) == panels
        assert sum(len(axes.images) for axes in figure.axes) == wrong
    figure = demo.misread(test, (test.y + 1) % 10)
    assert figure.get_suptitle() == "270 of 270 digits misread, the first 20"
    assert figure.axes[0].get_title() == f"{test.y[0]} read as {(test.y[0] + 1) % 10}"


@pytest.mark.parametrize("missing", ["matplotlib", "threadpoolctl", "tqdm"])
def test_a_missing_extra_is_named_before_anything_is_trained(missing, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["demo", "--output", str(tmp_path / "new")]) == 1
    assert f"no module {missing}" in (error := capsys.readouterr().err)
    assert "pip install 'tinygrad-edu[demo]'" in error
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("arguments", [["--epochs", "0"], ["--epochs", "1.5"], ["--seed", "-1"], ["--seed", "one"]])
def test_arguments_that_do_not_fit_are_explained(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["demo", *arguments])
    assert stopped.value.code == 2
    assert f"expected an integer of at least {1 if 'epochs' in arguments[0] else 0}" in capsys.readouterr().err


def test_an_output_that_is_a_file_is_an_error_before_anything_is_trained(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert main(["demo", "--output", str(tmp_path / "file")]) == 1
    assert "expected a folder, but got the file" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_an_interrupt_ends_the_demo_quietly(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "fit", interrupted)
    assert main(["demo", "--output", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "stopped\n"
    assert list(tmp_path.iterdir()) == []


def test_the_package_runs_as_a_module():
    said = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tinygrad_edu", "--help"], capture_output=True, text=True, check=True
    )
    assert "demo" in said.stdout
