"""Small models as one writes them for PyTorch, trained here: every loss is the one that PyTorch gives.

PyTorch 2.13 computed LOSSES from this very text, with its own `nn`, `F`, `optim` and `tensor` in place of the
imports. Weights and data are waves, so that there is no random number to agree on.
"""

import numpy as np
import pytest

from tinygrad_edu import Tensor as tensor
from tinygrad_edu import nn, optim
from tinygrad_edu.nn import functional as F
from tinygrad_edu.nn.utils import clip_grad_norm_
from tinygrad_edu.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def wave(*shape, phase=0.0):
    return np.sin(phase + 0.7 * np.arange(np.prod(shape))).reshape(shape)


def numbers(n, *shape):
    """Whole numbers below n."""
    return (np.arange(np.prod(shape)) ** 2 * 7 // 5 % n).reshape(shape)


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 16)
        self.bn = nn.BatchNorm1d(16)
        self.drop = nn.Dropout(p=0.0)
        self.fc2 = nn.Linear(16, 3)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    def forward(self, x):
        return self.fc2(self.drop(F.relu(self.bn(self.fc1(x)))))

    def loss(self):
        return self.criterion(self(tensor(wave(20, 6))), tensor(numbers(3, 20)))


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, kernel_size=3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 8, 3, padding="same", bias=False),
            nn.GroupNorm(2, 8),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d((2, 2)),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(32, 5))

    def forward(self, x):
        return self.classifier(self.features(x))

    def loss(self):
        return F.cross_entropy(self(tensor(wave(6, 1, 8, 8))), tensor(numbers(5, 6)))


class Sentences(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(12, 5, padding_idx=0)
        self.lstm = nn.LSTM(5, 6, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(12, 2)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        output, _ = self.lstm(packed)
        output, lengths = pad_packed_sequence(output, batch_first=True)
        return self.fc(output.sum(1) / lengths[:, None])

    def loss(self):
        sentences = [tensor(1 + numbers(11, n)) for n in (4, 6, 1)]
        lengths = tensor([len(s) for s in sentences])
        scores = self(pad_sequence(sentences, batch_first=True), lengths)
        return F.nll_loss(F.log_softmax(scores, dim=1), tensor([0, 1, 1]))


class Language(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(9, 8)
        self.places = nn.Parameter(tensor(wave(1, 10, 8)))
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 9, bias=False)
        self.head.weight = self.tokens.weight
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(10))

    def forward(self, x):
        t = x.shape[1]
        hidden = self.encoder(self.tokens(x) + self.places[:, :t], mask=self.mask[:t, :t], is_causal=True)
        return self.head(self.norm(hidden))

    def loss(self):
        text = tensor(numbers(9, 4, 8))
        return F.cross_entropy(self(text[:, :-1]).reshape(-1, 9), text[:, 1:].reshape(-1))


class Bags(nn.Module):
    def __init__(self):
        super().__init__()
        self.bags = nn.EmbeddingBag(10, 4, mode="mean")
        self.fc = nn.Linear(4, 1)
        self.criterion = nn.BCEWithLogitsLoss(pos_weight=tensor(np.array([2.0])))

    def forward(self, words, offsets):
        return self.fc(self.bags(words, offsets)).squeeze(1)

    def loss(self):
        scores = self(tensor(numbers(10, 12)), tensor([0, 3, 3, 8]))
        return self.criterion(scores, tensor(np.array([1.0, 0.0, 1.0, 0.0])))


OPTIMIZERS = {
    Perceptron: lambda parameters: optim.Adam(parameters, lr=0.05, weight_decay=0.01),
    Images: lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
    Sentences: lambda parameters: optim.RMSprop(parameters, lr=0.01, centered=True),
    Language: lambda parameters: optim.AdamW(parameters, lr=0.02, amsgrad=True),
    Bags: lambda parameters: optim.Adagrad(parameters, lr=0.3),
}


def trained(kind):
    """The losses of five steps, and the one after them in eval."""
    model = kind().double()
    weights = {name: tensor(0.4 * wave(*p.shape, phase=i)) for i, (name, p) in enumerate(model.named_parameters())}
    model.load_state_dict(weights, strict=False)
    optimizer = OPTIMIZERS[kind](model.parameters())
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = model.loss()
        loss.backward()
        clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return [*losses, model.eval().loss().item()]


LOSSES = {
    Perceptron: [1.211699831422, 1.065484205434, 0.978601082963, 0.929955138963, 0.906694126973, 0.923691408380],
    Images: [1.471984857725, 1.299429465491, 1.208865264616, 1.177520327271, 1.164921801208, 1.173787740774],
    Sentences: [0.688959846555, 0.681621938659, 0.625092435940, 0.587212710607, 0.558448590345, 0.549479204625],
    Language: [2.642025595510, 2.469980884481, 2.354616952057, 2.297487084226, 2.274101197762, 2.268288202442],
    Bags: [0.969748150246, 0.840880378344, 0.628384818461, 0.512250837923, 0.464013643658, 0.452939278408],
}


@pytest.mark.parametrize("kind", LOSSES)
def test_a_model_written_for_pytorch_trains_as_it_does_there(kind):
    np.testing.assert_allclose(trained(kind), LOSSES[kind], rtol=1e-9)


def test_every_model_is_trained():
    assert LOSSES.keys() == OPTIMIZERS.keys()
