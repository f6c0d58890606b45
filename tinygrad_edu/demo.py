"""The demo: a network learns to read handwritten digits, and shows what it did."""

from __future__ import annotations

import io
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import nn, optim, random, viz
from .context import no_grad
from .data import DataLoader, StandardScaler, load_digits, split
from .tensor import Tensor
from .viz.drawing import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BATCH = 32
NOISE = 0.3  # in standard deviations of the ink: no image is seen twice, so that little is learned by heart


class Part(NamedTuple):
    """Normalized images (m, 64) and their labels (m,): the train, dev or test set."""

    X: np.ndarray
    y: np.ndarray


class Epoch(NamedTuple):
    """What one pass over the training set led to: mean loss, and the shares of digits read rightly."""

    loss: float
    train: float
    dev: float


def run(seed: int = 0, epochs: int = 30, output: str | Path = "demo-output") -> tuple[list[Epoch], float]:
    """Train a network on the handwritten digits, report, and write three pictures into a folder.

    The same seed gives the same numbers and the same files, bit for bit, on the same machine.

    Parameters
    ----------
    seed : int, default 0
        Start of the random generator: the split, the first weights, the batches, dropout.
    epochs : int, default 30
        Passes over the training set.
    output : path, default "demo-output"
        The folder for graph.svg, graph.png, learning-curves.png and misread-digits.png; made where it is missing.

    Returns
    -------
    history : list of Epoch
        One entry for each epoch.
    accuracy : float
        The share of the test set that is read rightly, 0 to 1.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib, threadpoolctl or tqdm is missing.
    NotADirectoryError
        If ``output`` is a file.
    ValueError
        If ``epochs`` is below 1.

    Examples
    --------
    >>> from tinygrad_edu.demo import run
    >>> history, accuracy = run(epochs=1)
    1258 digits to train, 269 to choose by (dev), 270 to test at the end
    ...
    """
    _demand_extra()
    if epochs < 1:
        raise ValueError(f"demo: expected at least one epoch, but got {epochs}. Use e.g. --epochs 30.")
    folder = Path(output)
    if folder.is_file():
        raise NotADirectoryError(f"demo: expected a folder, but got the file {str(folder)!r}. Choose another --output.")
    folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()

    random.manual_seed(seed)
    train, dev, test = digits()
    print(f"{len(train.y)} digits to train, {len(dev.y)} to choose by (dev), {len(test.y)} to test at the end")
    model = network()
    with one_thread():
        history = fit(model, train, dev, epochs)
        read = predict(model, test.X)
    accuracy = float((read == test.y).mean())
    print(
        f"test accuracy {accuracy:.2%}: {int((read == test.y).sum())} of {len(test.y)} digits "
        f"that it never saw ({time.perf_counter() - started:.1f} s)"
    )

    _write(folder / "learning-curves.png", curves(history))
    _write(folder / "misread-digits.png", misread(test, read))
    picture = graph(model, train)
    for name in ("graph.svg", "graph.png"):
        picture.save(folder / name)
    print(f"written to {folder.resolve()}:")
    print("  graph.svg, graph.png   the graph of the loss: every value, every gradient")
    print("  learning-curves.png    loss and accuracy, epoch by epoch")
    print("  misread-digits.png     the digits that it misread")
    return history, accuracy


def one_thread() -> AbstractContextManager[Any]:
    """A block in which matrix products use one thread.

    The matrices are small. A second thread gains nothing on an idle machine (2.3 s against 1.9), and where others
    compute too the two wait for each other (50 s and more, against 6).
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limits


def digits() -> tuple[Part, Part, Part]:
    """Train, dev and test set, 70/15/15, the ink normalized with the mean and deviation of the training set."""
    images, labels = load_digits()
    train, dev, test = split(images, labels, ratios=(0.7, 0.15, 0.15), stratify=labels)
    ink = StandardScaler().fit(train[0].reshape(-1, 1))  # one mean, one deviation for all cells

    def part(images: np.ndarray, labels: np.ndarray) -> Part:
        return Part(ink.transform(images.reshape(-1, 1)).reshape(len(images), 64), labels)

    return part(*train), part(*dev), part(*test)


def network() -> nn.Sequential:
    """64 cells of ink -> 256 -> 128 -> 10 scores, with batch norm and dropout in between."""
    return nn.Sequential(
        nn.Linear(64, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(256, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(128, 10),
    )  # fmt: skip


def fit(model: nn.Module, train: Part, dev: Part, epochs: int) -> list[Epoch]:
    """Mini-batch Adam with a falling rate, on noisy images; prints a line for each epoch under a progress bar."""
    from tqdm import tqdm

    loader = DataLoader(train.X, train.y, batch_size=BATCH, shuffle=True)
    cost = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    history: list[Epoch] = []
    print("epoch   loss    train     dev")
    with tqdm(total=epochs * len(loader), unit="batch", leave=False, disable=None) as bar:
        for epoch in range(1, epochs + 1):
            model.train()
            losses = []
            for X, y in loader:
                noise = NOISE * random.generator().standard_normal(X.shape, X.dtype)
                loss = cost(model(Tensor(X + noise)), y)
                optimizer.zero_grad()
                loss.backward(keep=False)
                optimizer.step()
                losses.append(loss.item())
                bar.update()
            schedule.step()
            done = Epoch(float(np.mean(losses)), accuracy_of(model, train), accuracy_of(model, dev))
            history.append(done)
            bar.write(f"{epoch:5}  {done.loss:.3f}  {done.train:7.2%}  {done.dev:7.2%}", file=sys.stdout)
    return history


@no_grad()
def predict(model: nn.Module, X: np.ndarray) -> np.ndarray:
    """The digit that the network reads in each image: the class with the highest score."""
    model.eval()
    read: np.ndarray = model(Tensor(X)).numpy().argmax(axis=1)
    return read


def accuracy_of(model: nn.Module, part: Part) -> float:
    """The share of images that are read rightly, 0 to 1."""
    return float((predict(model, part.X) == part.y).mean())


def graph(model: nn.Module, part: Part) -> viz.Drawing:
    """The graph of the loss of one batch, as in training."""
    model.train()
    images, labels = Tensor(part.X[:BATCH]), part.y[:BATCH]
    loss = nn.CrossEntropyLoss()(model(images), labels)
    names = {"images": images, "labels": labels, "loss": loss, **dict(model.named_parameters())}
    return viz.draw(loss, names=names)


def curves(history: list[Epoch]) -> Figure:
    """Loss and accuracies over the epochs, side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history) + 1)
    left.plot(epochs, [epoch.loss for epoch in history], color="tab:purple")
    left.set(title="loss on the training set (mean cross-entropy)", xlabel="epoch", ylim=(0, None))
    right.plot(epochs, [100 * epoch.train for epoch in history], label="train")
    right.plot(epochs, [100 * epoch.dev for epoch in history], label="dev")
    right.set(title="digits read rightly, %", xlabel="epoch")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    return figure


def misread(part: Part, read: np.ndarray) -> Figure:
    """The images that were misread, at most 20 of them, each with its digit and what was read."""
    from matplotlib.figure import Figure

    wrong = np.flatnonzero(read != part.y)
    shown = wrong[:20]
    rows = max(1, -(-len(shown) // 5))
    figure = Figure(figsize=(6, 1.6 * rows + 0.6), layout="constrained")
    figure.suptitle(f"{len(wrong)} of {len(part.y)} digits misread" + (", the first 20" if len(wrong) > 20 else ""))
    for place, axes in enumerate(figure.subplots(rows, 5, squeeze=False).flat):
        axes.axis("off")
        if place < len(shown):
            i = shown[place]
            axes.imshow(part.X[i].reshape(8, 8), cmap="gray_r")
            axes.set_title(f"{part.y[i]} read as {read[i]}", fontsize=9)
    return figure


def _write(path: Path, figure: Figure) -> None:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, metadata={"Software": None})  # no version: the same bytes
    write_whole(path, buffer.getvalue())


def _demand_extra() -> None:
    try:
        import matplotlib
        import threadpoolctl
        import tqdm
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"demo: expected matplotlib, threadpoolctl and tqdm, but got no module {error.name}. "
            "Install them with the extra: pip install 'tinygrad-edu[demo]'."
        ) from error
    _: Any = (matplotlib, threadpoolctl, tqdm)
