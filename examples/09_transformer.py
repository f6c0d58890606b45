"""A transformer of one layer learns to say a word backwards, and shows where it looked.

Every place asks all places of the word at once, and takes what it needs: attention. To write the word backwards, place
i must look at place 7 - i. Nobody says so; after training the weights of the attention are that diagonal.

python examples/09_transformer.py            400 steps, a few seconds
python examples/09_transformer.py --quick    200 steps
"""

import sys

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

quick = "--quick" in sys.argv
tg.manual_seed(0)
LETTERS, LENGTH, D = 26, 8, 32


class Transformer(nn.Module):
    """Letters and their places as vectors, one layer that lets them look at each other, and scores of letters."""

    def __init__(self) -> None:
        self.letter = nn.Embedding(LETTERS, D)
        self.place = nn.Parameter(tg.randn(LENGTH, D))
        self.layer = nn.TransformerEncoderLayer(D, nhead=1, dim_feedforward=64, dropout=0.0, batch_first=True)
        self.head = nn.Linear(D, LETTERS)

    def forward(self, words: np.ndarray) -> tg.Tensor:
        """Scores for each place.  (n, t) -> (n, t, letters)"""
        scores: tg.Tensor = self.head(self.layer(self.letter(words) + self.place))
        return scores

    def looks(self, words: np.ndarray) -> np.ndarray:
        """How much each place looks at each other one, as the mean over the words.  (t, t)"""
        x = self.letter(words) + self.place
        weights: tg.Tensor = self.layer.self_attn(x, x, x)[1].mean(axis=0)
        return weights.numpy()


model = Transformer()
steps = 200 if quick else 400
optimizer = optim.AdamW(model.parameters(), lr=1e-2)
schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)

for step in range(1, steps + 1):
    words = tg.randint(0, LETTERS, (64, LENGTH)).numpy()
    scores = model(words)
    loss = nn.functional.cross_entropy(scores.reshape(-1, LETTERS), words[:, ::-1].reshape(-1))
    optimizer.zero_grad()
    loss.backward(keep=False)
    optimizer.step()
    schedule.step()
    if step % (steps // 5) == 0:
        print(f"step {step:3}: loss {loss.item():.4f}")

model.eval()
words = tg.randint(0, LETTERS, (200, LENGTH)).numpy()
with tg.no_grad():
    answers, looks = model(words).numpy().argmax(axis=2), model.looks(words)
for word, answer in zip(words[:3], answers[:3], strict=True):
    print(*("".join(chr(ord("a") + i) for i in letters) for letters in (word, answer)), sep=" -> ")
print("where each place of the answer looked:")
for row in looks:
    print(" ".join(".:+*#"[min(int(5 * weight), 4)] for weight in row))

assert (answers == words[:, ::-1]).mean() > 0.99
assert (looks.argmax(axis=1) == np.arange(LENGTH)[::-1]).all()
