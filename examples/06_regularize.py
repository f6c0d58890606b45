"""A network that believes everything it is told, and six ways to teach it doubt.

Three of ten labels are drawn by lot. A network of 26,000 weights learns 400 images by heart, wrong labels and all, and
misreads new ones. If learning by heart is made hard, it has to learn what digits look like: it fits the labels that it
was given less, and reads the digits that it never saw better.

python examples/06_regularize.py            400 epochs for each, a few seconds
python examples/06_regularize.py --quick    150 epochs
"""

import sys
from collections.abc import Callable

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim
from tinygrad_edu.nn.regularization import l2_penalty, mixup
from tinygrad_edu.train import EarlyStopping

epochs = 150 if "--quick" in sys.argv else 400
tg.manual_seed(0)

images, labels = data.load_digits()
X = (images.reshape(-1, 64) / 8 - 1).astype(np.float32)  # (m, h, w) -> (m, d)
(X, y), (X_dev, y_dev), (X_test, y_test) = data.split(X, labels, ratios=(0.2225, 0.1, 0.6775), stratify=labels)
m = len(X)
draw = np.random.default_rng(0)
for told in (y, y_dev):  # who checks the training knows no better than who is trained
    lots = draw.random(len(told)) < 0.3
    told[lots] = draw.integers(0, 10, lots.sum())

Batch = tuple[np.ndarray, np.ndarray]


def accuracy(model: nn.Module, X: np.ndarray, y: np.ndarray) -> float:
    """The share of images whose highest score is at the label."""
    model.eval()
    with tg.no_grad():
        return float((model(tg.Tensor(X)).numpy().argmax(axis=1) == y).mean())


def train(
    noise: float = 0.0,
    keep_prob: float = 1.0,
    lambda_: float = 0.0,
    mix: Callable[[np.ndarray, np.ndarray], Batch] = lambda X, y: (X, y),
    patience: int = 0,
) -> tuple[float, float]:
    """Train one network on everything at once; how well it fits the labels given, and the test set."""
    tg.manual_seed(0)
    model = nn.Sequential(
        nn.GaussianNoise(noise),
        nn.Linear(64, 128), nn.ReLU(), nn.Dropout(keep_prob=keep_prob),
        nn.Linear(128, 128), nn.ReLU(), nn.Dropout(keep_prob=keep_prob),
        nn.Linear(128, 10),
    )  # fmt: skip
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    stopping = EarlyStopping(model, patience or epochs, mode="max")
    for _ in range(epochs):
        model.train()
        X_mixed, y_mixed = mix(X, y)
        loss = nn.functional.cross_entropy(model(tg.Tensor(X_mixed)), y_mixed) + l2_penalty(model, lambda_, m)
        optimizer.zero_grad()
        loss.backward(keep=False)
        optimizer.step()
        if patience and stopping.step(accuracy(model, X_dev, y_dev)):
            break
    stopping.restore()  # the weights of the best epoch; nothing, if no epoch was looked at
    return accuracy(model, X, y), accuracy(model, X_test, y_test)


cures = {
    "none": train(),
    "L2": train(lambda_=8.0),
    "dropout": train(keep_prob=0.5),
    "noise": train(noise=0.8),
    "mixup": train(mix=lambda X, y: mixup(X, y, alpha=1.0, num_classes=10)),
    "early stopping": train(patience=20),
    "dropout, noise": train(noise=0.8, keep_prob=0.5),
}
print("                 labels given  never seen")
for name, (given, seen) in cures.items():
    print(f"{name:16} {given:12.1%}  {seen:10.1%}")

(given, plain), *cured = cures.values()
assert all(seen > plain + 0.03 for _, seen in cured)
