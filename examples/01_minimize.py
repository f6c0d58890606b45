"""Minimize J(w) = w^2 - 10 w + 25 by gradient descent: the smallest learning there is.

Since J(w) = (w - 5)^2, we know that w = 5 is to be found. The program does not: it is told how to compute J,
and gets dJ/dw = 2 w - 10 from the chain rule.
"""

import tinygrad_edu as tg
from tinygrad_edu import optim

w = tg.Tensor(0.0, requires_grad=True)
optimizer = optim.SGD([w], lr=0.01)

for step in range(1, 1001):
    J = w**2 - 10 * w + 25
    optimizer.zero_grad()
    J.backward()
    optimizer.step()  # w <- w - 0.01 dJ/dw
    if step in (1, 10, 100, 1000):
        print(f"after {step:4} steps: w = {w.item():.4f}, J was {J.item():.4f}")

assert abs(w.item() - 5) < 1e-4, w
