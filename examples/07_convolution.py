"""The digits once more, seen by a network that knows what an image is.

A convolution looks at 3 x 3 cells at a time, with the same few weights everywhere: a stroke is a stroke wherever it
is. Max pooling keeps the strongest answer of each 2 x 2 cells. An eighth of the weights of 04_digits.py reads better.

python examples/07_convolution.py            20 epochs, a few seconds
python examples/07_convolution.py --quick    4 epochs
"""

import sys

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

quick = "--quick" in sys.argv
tg.manual_seed(0)

images, labels = data.load_digits()
X = (images[:, None] / images.max()).astype(np.float32)  # (m, h, w) -> (m, 1, h, w): one channel
(X, y), (X_test, y_test) = data.split(X, labels, ratios=(0.8, 0.2), stratify=labels)

model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),  # 1 x 8 x 8 -> 16 x 4 x 4
    nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),  # -> 32 x 2 x 2
    nn.Flatten(), nn.Dropout(0.3), nn.Linear(128, 10),
)  # fmt: skip
optimizer = optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
batches = data.DataLoader(X, y, batch_size=32, shuffle=True)
epochs = 4 if quick else 20
schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=epochs * len(batches))


def misread() -> np.ndarray:
    """Whether each image of the test set is taken for another digit."""
    model.eval()
    with tg.no_grad():
        read: np.ndarray = model(tg.Tensor(X_test)).numpy().argmax(axis=1)
    wrong: np.ndarray = read != y_test
    return wrong


for epoch in range(1, epochs + 1):
    model.train()
    for X_batch, y_batch in batches:
        loss = nn.functional.cross_entropy(model(tg.Tensor(X_batch)), y_batch)
        optimizer.zero_grad()
        loss.backward(keep=False)
        optimizer.step()
        schedule.step()
    print(f"epoch {epoch:2}: loss {loss.item():.3f}, test {1 - misread().mean():.1%}")

weights = sum(p.size for p in model.parameters())
print(f"{weights:,} weights; {misread().sum()} of {len(y_test)} digits misread")
assert weights < 10_000
assert misread().mean() < (0.03 if quick else 0.02)
