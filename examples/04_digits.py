"""Handwritten digits, as a plain training loop: the whole of deep learning on one page.

python examples/04_digits.py            30 epochs, a few seconds
python examples/04_digits.py --quick    5 epochs
"""

import sys

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

quick = "--quick" in sys.argv
tg.manual_seed(0)

# The data: 1,797 images of 8 x 8 cells, as rows of 64 numbers; mean 0 and variance 1 on the training set.
images, labels = data.load_digits()
X = images.reshape(-1, 64)  # (m, h, w) -> (m, d)
(X, y), (X_dev, y_dev), (X_test, y_test) = data.split(X, labels, ratios=(0.7, 0.15, 0.15), stratify=labels)
mean, std = X.mean(dtype="float32"), X.std(dtype="float32")
X, X_dev, X_test = ((part - mean) / std for part in (X, X_dev, X_test))

# The network: 64 cells -> 256 -> 128 -> 10 scores, one for each digit.
model = nn.Sequential(
    nn.Linear(64, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.3),
    nn.Linear(256, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.3),
    nn.Linear(128, 10),
)  # fmt: skip
cost = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-3)
batches = data.DataLoader(X, y, batch_size=32, shuffle=True)


def accuracy(X: np.ndarray, y: np.ndarray) -> float:
    """The share of images whose highest score is at the right digit."""
    model.eval()
    with tg.no_grad():
        return float((model(tg.Tensor(X)).numpy().argmax(axis=1) == y).mean())


for epoch in range(1, 6 if quick else 31):
    model.train()
    for X_batch, y_batch in batches:
        loss = cost(model(tg.Tensor(X_batch)), y_batch)
        optimizer.zero_grad()
        loss.backward(keep=False)  # lets go of the graph on the way: half the memory
        optimizer.step()
    print(f"epoch {epoch:2}: loss {loss.item():.3f}, train {accuracy(X, y):.1%}, dev {accuracy(X_dev, y_dev):.1%}")

print(f"test {accuracy(X_test, y_test):.1%}")
assert accuracy(X_test, y_test) > (0.93 if quick else 0.97)
