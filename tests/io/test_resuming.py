"""A run that is killed and resumed gives the numbers of one that never stopped, bit for bit."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg

ROOT = Path(__file__).parent.parent.parent

# Dropout, batch norm, Adam with decoupled decay, a schedule, a loader that shuffles, an average, saved in mid-epoch.
PROGRAM = """
import os, signal, sys
import numpy as np
import tinygrad_edu as tg
from tinygrad_edu import nn, optim

file, kill_at, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tg.manual_seed(seed)
X = np.random.default_rng(0).standard_normal((37, 5), np.float32)
y = (X[:, 0] > X[:, 1]).astype(np.int64)
model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.4), nn.Linear(8, 2))
optimizer = optim.AdamW(model.parameters(), lr=0.05, amsgrad=True)
schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=60)
loader = tg.data.DataLoader(X, y, batch_size=8, shuffle=True, seed=OWN)
average = optim.ExponentialMovingAverage(0.9)
parts = {"model": model, "optimizer": optimizer, "schedule": schedule, "loader": loader, "average": average}
epoch = steps = 0
if os.path.exists(file):
    state = tg.load(file)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    tg.random.set_state(state["random"])
    epoch, steps = state["epoch"], state["steps"]
while epoch < 6:
    for batch_X, batch_y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(tg.Tensor(batch_X)), batch_y)
        loss.backward()
        optimizer.step()
        schedule.step()
        average.update(loss.item())
        steps += 1
        if steps == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        state = {name: part.state_dict() for name, part in parts.items()}
        tg.save({**state, "random": tg.random.get_state(), "epoch": epoch, "steps": steps}, file)
    epoch += 1
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals of POSIX")
@pytest.mark.parametrize("seed", ["None", "7"], ids=["loader of the process", "loader of its own"])
def test_killed_run_goes_on_bit_for_bit(seed, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.replace("OWN", seed))

    def run(file, kill_at=0, start=0):
        command = [sys.executable, program, tmp_path / file, str(kill_at), str(start)]
        return subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE).returncode

    assert run("whole") == 0
    assert run("killed", kill_at=8) == -signal.SIGKILL  # in the second epoch
    assert run("killed", kill_at=20, start=1) == -signal.SIGKILL  # the last of the fourth: its rest is empty
    assert run("killed", start=2) == 0
    assert (tmp_path / "killed").read_bytes() == (tmp_path / "whole").read_bytes()
    assert tg.load(tmp_path / "whole")["steps"] == 30


def epochs(loader, count):
    return [[batch.tolist() for batch in loader] for _ in range(count)]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("given", range(4))
def test_loader_goes_on_with_the_batches_that_were_left(given, shuffle):
    def make():
        return tg.data.DataLoader(np.arange(5), batch_size=2, shuffle=shuffle, seed=3 if shuffle else None)

    one, two = make(), make()
    batches = iter(one)
    for _ in range(given):
        next(batches)
    two.load_state_dict(one.state_dict())
    left = [batch.tolist() for batch in batches]
    assert epochs(two, 3) == [left, *epochs(one, 2)]


def test_loader_between_two_epochs_begins_the_next():
    one, two = (tg.data.DataLoader(np.arange(5), batch_size=2, shuffle=True, seed=3) for _ in range(2))
    epochs(one, 2)
    two.load_state_dict(one.state_dict())
    assert epochs(two, 2) == epochs(one, 2)


def test_loader_of_other_samples_is_an_error_and_stays_as_it_was():
    one = tg.data.DataLoader(np.arange(5), batch_size=2, shuffle=True, seed=3)
    next(iter(one))
    state = one.state_dict()
    for other in (
        tg.data.DataLoader(np.arange(5), batch_size=3, shuffle=True, seed=3),
        tg.data.DataLoader(np.arange(6), batch_size=2, shuffle=True, seed=3),
        tg.data.DataLoader(np.arange(5), batch_size=2, seed=3),
        tg.data.DataLoader(np.arange(5), batch_size=2, shuffle=True, seed=np.random.Generator(np.random.MT19937(0))),
    ):
        before = other.state_dict()
        with pytest.raises(ValueError, match="DataLoader.load_state_dict: expected the state of a loader like this"):
            other.load_state_dict(state)
        np.testing.assert_equal(other.state_dict(), before)
    with pytest.raises(ValueError, match="KeyError: 'order'"):
        one.load_state_dict({})
