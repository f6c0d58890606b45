"""Polynomials fitted by least squares: what overfitting looks like in the weights."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tests.golden.leaves import constant

X = constant(np.arange(10) / 9)


def powers(degree):
    """``x**0 ... x**degree``, one column each."""
    return tg.vander(X, degree + 1, increasing=True)


def fit(degree):
    """Weights, and the error that is left at the points."""
    t = constant(case("poly.M9").inputs["t"])
    w = tg.linalg.lstsq(powers(degree), t)[0]
    return w, tg.sqrt(((powers(degree) @ w - t) ** 2).mean()).item()


@pytest.mark.parametrize("name", ["poly.M0", "poly.M1", "poly.M6", "poly.M9", "poly.true_M6"])
def test_weights_of_least_squares(name):
    given = case(name)
    given.check(fit(given.inputs["degree"])[0])


def test_weights_grow_with_the_degree_while_the_error_falls():
    fits = [fit(degree) for degree in (0, 1, 3, 6, 9)]
    largest = [tg.absolute(w).max().item() for w, _ in fits]
    errors = [error for _, error in fits]
    case("poly.growth").check(
        {
            "max_w_increases": largest == sorted(largest),
            "train_rms_decreases": errors == sorted(errors, reverse=True),
            "M9_interpolates": errors[-1] < 1e-6,
        }
    )


def test_a_penalty_keeps_the_weights_small():
    given = case("poly.ridge")
    p, t = powers(9), constant(case("poly.M9").inputs["t"])
    norms = [
        tg.linalg.norm(tg.linalg.solve(p.T @ p + penalty * tg.eye(10, dtype=np.float64), p.T @ t)).item()
        for penalty in given.inputs["lambda"]
    ]
    given.check({"norms_decrease": norms == sorted(norms, reverse=True)})
