"""Worked numbers of the course about digits and mini-batches, through the public API."""

import numpy as np

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn, optim
from tinygrad_edu.data import DataLoader


def test_an_image_of_28_by_28_pixels_has_784_features():
    features = case("mnist.features")
    images = tg.zeros((2, features.inputs["height"], features.inputs["width"]))
    features.check(nn.Flatten()(images).shape[1])


def test_the_probabilities_of_a_digit_give_its_class_and_its_loss():
    digit = case("mnist.probabilities")
    p = tg.Tensor(digit.inputs["p"], dtype="float64")
    digit.check({"sum": tg.sum(p), "argmax": tg.argmax(p), "loss_if_5": -tg.log(p[5])})


def test_the_cost_falls_at_every_step_of_batch_gradient_descent_only():
    noise = case("batch.noise")
    m = noise.inputs["m"]
    rng = np.random.default_rng(0)
    X = rng.standard_normal((m, 3)).astype(np.float32)
    y = (X @ np.array([[1.0], [-2.0], [0.5]]) + 0.5 * rng.standard_normal((m, 1))).astype(np.float32)

    def costs(size: int) -> np.ndarray:
        """The cost of every batch, before its step."""
        tg.manual_seed(0)
        model = nn.Linear(3, 1)
        optimizer = optim.SGD(model.parameters(), lr=0.02)
        told = []
        for _ in range(20):
            for X_batch, y_batch in DataLoader(X, y, batch_size=size, shuffle=True):
                loss = nn.MSELoss()(model(tg.Tensor(X_batch)), tg.Tensor(y_batch))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                told.append(loss.item())
        return np.array(told)

    batch, mini, stochastic = (costs(size) for size in noise.inputs["sizes"])
    noise.check(
        {
            "batch_monotone": bool((np.diff(batch) < 0).all()),
            "mini_monotone": bool((np.diff(mini) < 0).all()),
            "sgd_monotone": bool((np.diff(stochastic) < 0).all()),
            "mini_trend_down": bool(mini[-8:].mean() < mini[:8].mean()),
        }
    )
