"""`model`: every layer with its shapes and parameters, in the picture and in the table."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.viz.demos import numbers
from tinygrad_edu import Tensor, nn, viz


class Block(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.fc = nn.Linear(size, size)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return x + self.act(self.fc(x))


class Network(nn.Module):
    def __init__(self, blocks: int = 2) -> None:
        super().__init__()
        self.stem = nn.Linear(3, 4)
        self.blocks = nn.Sequential(*(Block(4) for _ in range(blocks)))
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.drop(self.blocks(self.stem(x))))


def test_the_table_has_a_line_for_each_layer() -> None:
    assert str(viz.model(Network(), (5, 3))).splitlines() == [
        "Layer                  Input   Output   Parameters",
        "══════════════════════════════════════════════════",
        "Network                5×3     5×2               –",
        "├─ stem Linear         5×3     5×4              16",
        "├─ blocks Sequential   5×4     5×4               –",
        "│  ├─ 0 Block          5×4     5×4               –",
        "│  │  ├─ fc Linear     5×4     5×4              20",
        "│  │  └─ act ReLU      5×4     5×4               –",
        "│  └─ 1 Block          5×4     5×4               –",
        "│     ├─ fc Linear     5×4     5×4              20",
        "│     └─ act ReLU      5×4     5×4               –",
        "├─ drop Dropout        5×4     5×4               –",
        "└─ head Linear         5×4     5×2              10",
        "══════════════════════════════════════════════════",
        "Parameters: 66 (264 bytes)",
    ]


def test_the_picture_has_a_card_for_each_layer_and_a_box_for_each_container() -> None:
    dot = viz.model(Network(), (5, 3)).dot
    assert dot.count("<B>Linear</B>") == 4
    assert dot.count("<B>ReLU</B>") == 2
    assert dot.count("subgraph cluster_") == 4  # the network, the blocks, and each block
    assert "16 parameters" in dot
    assert "→ 5×4" in dot
    assert "in_features=3, out_features=4, bias=True" in dot
    assert "∇" not in dot


def test_the_residual_way_is_drawn() -> None:
    dot = viz.model(Block(4), (2, 4)).dot
    arrows = [line.split("[")[0].strip() for line in dot.splitlines() if "->" in line]
    assert len(arrows) == 4  # x to fc and to +, fc to act, act to +


def test_the_network_is_left_as_it_was() -> None:
    net = Network()
    net.blocks.eval()
    before = [m.training for m in net.modules()]
    viz.model(net, Tensor(numbers(5, 3)))
    assert [m.training for m in net.modules()] == before
    assert all(p.grad is None for p in net.parameters())
    assert not any(vars(m).get("_forward_hooks") or vars(m).get("_forward_pre_hooks") for m in net.modules())


def test_it_is_left_as_it_was_also_after_an_error() -> None:
    net = Network()
    with pytest.raises(ValueError, match="Linear: expected an input with in_features=3"):
        viz.model(net, (5, 7))
    assert all(m.training for m in net.modules())
    net(Tensor(numbers(5, 3)))


def test_a_module_called_twice_counts_its_parameters_once() -> None:
    shared = nn.Linear(3, 3)
    picture = viz.model(nn.Sequential(shared, nn.ReLU(), shared), (2, 3))
    assert [layer.parameters for layer in picture.layers] == [0, 12, 0, 0]
    assert "Parameters: 12 " in str(picture)


def test_what_is_not_trained_or_not_used_is_said() -> None:
    net = Network()
    net.stem.requires_grad_(False)
    net.idle = nn.Linear(2, 2)
    text = str(viz.model(net, (5, 3)))
    assert "16 (not trained)" in text
    assert "Parameters: 72, of which 16 are not trained" in text
    assert "Not used by this input: 6" in text


def test_many_layers_are_put_together() -> None:
    picture = viz.model(Network(blocks=60), (5, 3))
    assert picture.hidden.startswith("showing ")
    assert picture.dot.count("<B>Linear</B>") < 60


def test_several_inputs_and_outputs() -> None:
    class Two(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
            return a + b, tg.exp(a)

    picture = viz.model(Two(), np.ones((2, 3), np.float32), (2, 3))
    assert picture.layers[0].inputs == [(2, 3), (2, 3)]
    assert picture.layers[0].outputs == [(2, 3), (2, 3)]


class Lender(nn.Module):
    """Uses the weights of a module that it never calls, and one of a list."""

    def __init__(self) -> None:
        super().__init__()
        self.lent, self.weights = nn.Linear(3, 3), nn.ParameterList([nn.Parameter(numbers(3))])

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.lent.weight, self.lent.bias) * self.weights[0]


def test_parameters_of_a_module_that_is_never_called_count_where_they_are_used() -> None:
    text = str(viz.model(nn.Sequential(Lender(), nn.Linear(3, 3)), (2, 3)))
    assert [line.split()[-1] for line in text.splitlines()[2:5]] == ["–", "15", "12"]
    assert "Not used" not in text


def test_parameters_of_attention_are_all_counted() -> None:
    text = str(viz.model(nn.MultiheadAttention(8, 2), (3, 2, 8), (3, 2, 8), (3, 2, 8)))
    assert "288" in text.splitlines()[2]
    assert "Not used" not in text


class Labeller(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x).argmax(axis=1)


def test_an_output_without_a_history_has_the_table_and_a_picture_without_arrows() -> None:
    picture = viz.model(Labeller(), (5, 3))
    assert [line.split()[-1] for line in str(picture).splitlines()[2:6]] == ["–", "–", "16", "–"]
    assert "16 parameters" in picture.dot
    assert "<B>ReLU</B>" in picture.dot
    assert picture.dot.count("->") == picture.dot.count("style=invis") == 1
    assert picture.hidden == "the output has no history: layers in the order of their calls, without arrows"


def test_frozen_layers_on_integers_have_a_table() -> None:
    text = str(viz.model(nn.Embedding(5, 2).requires_grad_(False), np.array([1, 2, 3])))
    assert "10 (not trained)" in text


def test_names_are_harmless() -> None:
    net = nn.Module()
    evil = type('<b>"\\{}|', (nn.ReLU,), {})()
    dot = viz.model(nn.Sequential(evil), (2, 2)).dot
    assert "<b>" not in dot
    assert net is not None


def test_it_can_be_rendered(tmp_path) -> None:
    picture = viz.model(Network(), (5, 3), theme="auto", direction="LR")
    try:
        svg = picture.svg
    except RuntimeError as error:
        pytest.skip(str(error))
    assert svg.count("Linear") >= 4


def test_clear_errors() -> None:
    with pytest.raises(TypeError, match=r"model: expected a Module, but got function. For a tensor use viz\.draw"):
        viz.model(lambda x: x, (2, 2))
    with pytest.raises(ValueError, match="model: expected an input, but got none"):
        viz.model(Network())
    with pytest.raises(ValueError, match="expected direction to be 'TB' or 'LR', but got 'up'"):
        viz.model(Network(), (5, 3), direction="up")
    with pytest.raises(TypeError, match="expected the network to return a tensor, but got int"):
        viz.model(type("Odd", (nn.Module,), {"forward": lambda self, x: 3})(), (2, 2))
