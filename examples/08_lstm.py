"""A network that reads: a digit row by row, and what it thinks after each.

An LSTM takes one row of 8 cells at a time, and keeps in its state what matters. It is asked for the digit after every
row, so it learns to guess early, and to be right in the end: most digits are told by their upper half.

python examples/08_lstm.py            30 epochs, a few seconds
python examples/08_lstm.py --quick    12 epochs
"""

import sys

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

quick = "--quick" in sys.argv
tg.manual_seed(0)

images, labels = data.load_digits()
X = (images / 8 - 1).astype(np.float32)  # (m, h, w): a sequence of h rows of w cells
(X, y), (X_test, y_test) = data.split(X, labels, ratios=(0.8, 0.2), stratify=labels)


class Reader(nn.Module):
    """Scores of the ten digits after each row."""

    def __init__(self) -> None:
        self.lstm = nn.LSTM(8, 64, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, rows: tg.Tensor) -> tg.Tensor:
        """The scores.  (m, rows, 8) -> (m, rows, 10)"""
        states, _ = self.lstm(rows)
        scores: tg.Tensor = self.head(states)
        return scores


model = Reader()
optimizer = optim.AdamW(model.parameters(), weight_decay=0.1)
batches = data.DataLoader(X, y, batch_size=64, shuffle=True)
epochs = 12 if quick else 30
schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-2, total_steps=epochs * len(batches))


def accuracy() -> np.ndarray:
    """The share of the test images that are read well, after each row."""
    with tg.no_grad():
        read: np.ndarray = model(tg.Tensor(X_test)).numpy().argmax(axis=2)  # (m, rows)
    shares: np.ndarray = (read == y_test[:, None]).mean(axis=0)
    return shares


for epoch in range(1, epochs + 1):
    for X_batch, y_batch in batches:
        scores = model(tg.Tensor(X_batch))  # (n, rows, 10)
        loss = nn.functional.cross_entropy(scores.reshape(-1, 10), y_batch.repeat(8))
        optimizer.zero_grad()
        loss.backward(keep=False)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    print(f"epoch {epoch:2}: loss {loss.item():.3f}, test {accuracy()[-1]:.1%}")

shares = accuracy()
for row, share in enumerate(shares, start=1):
    print(f"after row {row}: {share:6.1%} {'#' * round(40 * share)}")
assert shares[0] < 0.5 < 0.75 < shares[3]
assert shares[-1] > (0.9 if quick else 0.93)
