"""Save a run, lose it, and go on as if nothing had been: bit for bit.

python examples/05_resume.py            8 epochs
python examples/05_resume.py --quick    3 epochs
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

epochs = 3 if "--quick" in sys.argv else 8
images, labels = data.load_digits()
X = (images.reshape(-1, 64) / images.max()).astype(np.float32)  # (m, h, w) -> (m, d)


class Run:
    """A training run, and all that the next step depends on."""

    def __init__(self) -> None:
        self.model = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))
        self.optimizer = optim.AdamW(self.model.parameters(), lr=3e-3)
        self.schedule = optim.lr_scheduler.CosineAnnealingLR(self.optimizer, epochs)
        self.batches = data.DataLoader(X, labels, batch_size=64, shuffle=True)
        self.epoch = 0

    def train(self, until: int) -> None:
        """Go on up to this epoch."""
        while self.epoch < until:
            for X_batch, y_batch in self.batches:
                loss = nn.functional.cross_entropy(self.model(tg.Tensor(X_batch)), y_batch)
                self.optimizer.zero_grad()
                loss.backward(keep=False)
                self.optimizer.step()
            self.schedule.step()
            self.epoch += 1
            print(f"epoch {self.epoch}: loss {loss.item():.4f}")

    def save(self, path: Path) -> None:
        """Everything in one file: what has a state, the epoch, and where the random numbers stand."""
        parts = {name: part.state_dict() for name, part in vars(self).items() if name != "epoch"}
        tg.save({**parts, "epoch": self.epoch, "random": tg.random.get_state()}, path)

    def load(self, path: Path) -> None:
        """What `save` wrote."""
        state = tg.load(path)
        self.epoch = state.pop("epoch")
        tg.random.set_state(state.pop("random"))
        for name, part in state.items():
            vars(self)[name].load_state_dict(part)


tg.manual_seed(0)
whole = Run()
whole.train(epochs)

print("the same again, interrupted after the first epoch:")
tg.manual_seed(0)
first = Run()
first.train(1)
with tempfile.TemporaryDirectory() as folder:
    first.save(Path(folder) / "run.safetensors")
    del first  # the computer goes off; everything random would be different now
    tg.manual_seed(12345)
    resumed = Run()
    resumed.load(Path(folder) / "run.safetensors")
resumed.train(epochs)

same = [
    np.array_equal(p.data, q.data) for p, q in zip(whole.model.parameters(), resumed.model.parameters(), strict=True)
]
print(f"{sum(same)} of {len(same)} parameters are the same to the last bit")
assert all(same)
