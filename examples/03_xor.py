"""XOR, which no single neuron can learn, learned by two layers.

One line cannot part {01, 10} from {00, 11}. Four hidden neurons with a bend (tanh) can, and gradient descent
finds how.
"""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

tg.manual_seed(1)
X = tg.Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
target = tg.Tensor([[0.0], [1.0], [1.0], [0.0]])

model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
cost = nn.BCEWithLogitsLoss()
optimizer = optim.SGD(model.parameters(), lr=1.0)

for step in range(1, 501):
    loss = cost(model(X), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step in (1, 10, 100, 500):
        print(f"step {step:3}: loss {loss.item():.4f}")

with tg.no_grad():
    y = tg.sigmoid(model(X)).numpy()
for (a, b), p in zip(X.numpy(), y[:, 0], strict=True):
    print(f"{a:.0f} xor {b:.0f}: {p:.3f}")

assert np.array_equal(y > 0.5, target.numpy() == 1)
