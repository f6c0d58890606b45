"""One neuron, and the chain rule that trains it, drawn.

    z = w1 x1 + w2 x2 + b        y = sigmoid(z)        L = -log y    (the target is 1)

On the way back, dL/dy = -1/y = -2 and dy/dz = y (1 - y) = 1/4 give dL/dz = y - 1 = -1/2. Each weight gets that
times its own input: dL/dw1 = -1/2 x1, dL/dw2 = -1/2 x2, dL/db = -1/2.
"""

import tinygrad_edu as tg

x1, x2 = tg.Tensor(1.0), tg.Tensor(2.0)
w1 = tg.Tensor(0.1, requires_grad=True)
w2 = tg.Tensor(-0.2, requires_grad=True)
b = tg.Tensor(0.3, requires_grad=True)

z = w1 * x1 + w2 * x2 + b
y = tg.sigmoid(z)
L = -tg.log(y)
L.backward()

print(f"y = {y.item():.4f}, L = {L.item():.4f}")
print(f"dL/dw1 = {w1.grad:.4f}, dL/dw2 = {w2.grad:.4f}, dL/db = {b.grad:.4f}")
print("drawn into", L.draw().save("neuron.svg"))

assert abs(y.item() - 0.5) < 1e-6
assert abs(L.item() - 0.693147) < 1e-6
assert [f"{v.grad:.4f}" for v in (w1, w2, b)] == ["-0.5000", "-1.0000", "-0.5000"]
