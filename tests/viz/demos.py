"""Small computations whose pictures are checked.

Their numbers are exact in binary, so that the pictures are equal everywhere.
"""

from collections.abc import Callable

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import Tensor, nn
from tinygrad_edu.viz import Drawing, draw


def numbers(*shape: int, start: int = 1) -> np.ndarray:
    """Multiples of 1/8 between -1.5 and 1.5, in no order that one sees."""
    count = int(np.prod(shape))
    return (((np.arange(start, start + count) * 7919) % 25 - 12) / 8).astype(np.float32).reshape(shape)


def scalar(value: float) -> Tensor:
    return Tensor(value, requires_grad=True)


class Affine(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(numbers(inputs, outputs))
        self.bias = nn.Parameter(numbers(outputs, start=5))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = Affine(3, 5), Affine(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(tg.maximum(self.fc1(x), 0.0))


class Block(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.inner = Affine(size, size)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x) * 0.125


class Stack(nn.Module):
    def __init__(self, size: int, count: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(size) for _ in range(count)])

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


def neuron() -> Tensor:
    w0, x0, w1, x1, w2 = (scalar(v) for v in (2.0, -1.0, -3.0, -2.0, -3.0))
    for name, tensor in {"w0": w0, "x0": x0, "w1": w1, "x1": x1, "w2": w2}.items():
        tensor.name = name
    return (w0 * x0 + w1 * x1 + w2) ** 2 / 4.0


def reuse() -> Tensor:
    x = scalar(2.0)
    a = x * x
    b = a + x
    y = a * b
    for name, tensor in {"x": x, "a": a, "b": b, "y": y}.items():
        tensor.name = name
    return y


def network() -> Tensor:
    x, target = Tensor(numbers(4, 3)), Tensor(numbers(4, 2, start=9))
    x.name, target.name = "x", "t"
    loss = ((Network()(x) - target) ** 2).mean()
    loss.name = "loss"
    return loss


def stack(count: int = 6) -> Tensor:
    x = Tensor(numbers(2, 4))
    x.name = "x"
    return (Stack(4, count)(x) ** 2).mean()


def unrolled(steps: int) -> Tensor:
    w, u, b = nn.Parameter(numbers(4, 4) / 4), nn.Parameter(numbers(3, 4)), nn.Parameter(numbers(4))
    w.name, u.name, b.name = "W", "U", "b"
    h = Tensor(np.zeros((2, 4), np.float32))
    for t in range(steps):
        h = tg.maximum(h @ w + Tensor(numbers(2, 3, start=t)) @ u + b, 0.0)
    return h.sum()


def changed() -> Tensor:
    """Values that have changed since: gradients would be wrong, and none are shown."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x * 2.0).sum()
    x.data = np.array([3.0, 4.0], np.float32)
    return y


def dark_reuse() -> Drawing:
    return draw(reuse(), theme="dark", names={})


def across() -> Drawing:
    return draw(network(), direction="LR", names={}, title="A network")


def collapsed() -> Drawing:
    return draw(stack(), depth=2, names={})


def forward_only() -> Drawing:
    return draw(Network()(Tensor(numbers(4, 3))), names={})


DRAWINGS: dict[str, Callable[[], Drawing]] = {
    "neuron": lambda: draw(neuron(), names={}),
    "reuse_dark": dark_reuse,
    "network": lambda: draw(network(), names={}),
    "network_across": across,
    "stack_collapsed": collapsed,
    "stack_folded": lambda: draw(stack(40), names={}, max_cards=12),
    "unrolled": lambda: draw(unrolled(5), names={}),
    "forward_only": forward_only,
}
