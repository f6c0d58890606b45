"""Every kind of layer is drawn, stepped through, explained, derived and written in NumPy."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.viz.demos import numbers
from tinygrad_edu import Tensor, nn, viz
from tinygrad_edu.viz.layers import tensors_of

IMAGE, SEQUENCE, TABLE = (2, 2, 6, 6), (3, 2, 4), (4, 3)
WORDS = np.array([[1, 2, 0], [3, 4, 1]])

LAYERS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "Linear": (lambda: nn.Linear(3, 2), TABLE),
    "Conv1d": (lambda: nn.Conv1d(2, 3, 2), (2, 2, 5)),
    "Conv2d": (lambda: nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2), IMAGE),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 3, 2, stride=2), IMAGE),
    "MaxPool2d": (lambda: nn.MaxPool2d(3, 2, padding=1), IMAGE),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), IMAGE),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d(1), IMAGE),
    "Upsample": (lambda: nn.Upsample(scale_factor=2, mode="bilinear"), IMAGE),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(2), IMAGE),
    "GroupNorm": (lambda: nn.GroupNorm(1, 2), IMAGE),
    "LayerNorm": (lambda: nn.LayerNorm(3), TABLE),
    "RMSNorm": (lambda: nn.RMSNorm(3), TABLE),
    "GELU": (nn.GELU, TABLE),
    "Softmax": (lambda: nn.Softmax(-1), TABLE),
    "Dropout": (nn.Dropout, TABLE),
    "RNN": (lambda: nn.RNN(4, 3), SEQUENCE),
    "LSTM": (lambda: nn.LSTM(4, 3), SEQUENCE),
    "GRU": (lambda: nn.GRU(4, 3), SEQUENCE),
    "TransformerEncoderLayer": (lambda: nn.TransformerEncoderLayer(4, 2, 8), SEQUENCE),
    "Embedding": (lambda: nn.Embedding(5, 3), ()),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_can_be_seen_in_every_way(name: str) -> None:
    make, shape = LAYERS[name]
    layer, x = make(), Tensor(numbers(*shape), requires_grad=True) if shape else Tensor(WORDS)
    with viz.recording() as film:
        out = tensors_of(layer(x))[0]
        loss = (out * out).sum()
    leaves = [t for t in (x, *layer.parameters()) if t.requires_grad]
    graph = viz.graph(loss, names={"x": x}, events=film)
    assert any(name in call.class_name for call in graph.calls)
    assert all(np.isfinite(n.gradient).all() for n in graph.nodes if n.gradient is not None)
    assert viz.to_dot(graph).count("->") >= 2
    assert len(viz.step(loss, names={"x": x}, events=film).html) > 40_000
    assert "gradient of loss" in viz.explain(loss, leaves[0])
    assert "Backward" in viz.derive(loss)
    assert "def loss_and_gradients" in viz.to_numpy(loss, leaves)
    assert name in str(viz.model(layer, x))
