"""Every update rule against the formula of its paper, number by number in plain Python."""

import math
from itertools import product

import numpy as np
import pytest

from tinygrad_edu import Tensor, optim

STEPS = 25


def sgd(p, grads, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
    buffer = None
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        buffer = g if buffer is None else momentum * buffer + (1 - dampening) * g
        p = p - lr * (g + momentum * buffer if nesterov else buffer if momentum else g)
    return p


def adagrad(p, grads, lr, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10, maximize=False):
    total = initial_accumulator_value
    for t, g in enumerate(grads, 1):
        g = (-g if maximize else g) + weight_decay * p
        total += g**2
        p = p - lr / (1 + (t - 1) * lr_decay) * g / (math.sqrt(total) + eps)
    return p


def rmsprop(p, grads, lr, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False, maximize=False):
    square = mean = buffer = 0.0
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        square = alpha * square + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        step = g / (math.sqrt(square - mean**2 if centered else square) + eps)
        buffer = momentum * buffer + step
        p = p - lr * buffer
    return p


def adam(p, grads, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False, decoupled=False):
    m = v = largest = 0.0
    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        largest = max(largest, v)
        corrected = (largest if amsgrad else v) / (1 - betas[1] ** t)
        p = p - lr * m / (1 - betas[0] ** t) / (math.sqrt(corrected) + eps)
    return p


def adamw(p, grads, weight_decay=0.01, **settings):
    return adam(p, grads, weight_decay=weight_decay, decoupled=True, **settings)


def combinations(**choices):
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


CASES = [
    *[
        (optim.SGD, sgd, {"lr": 0.05, **c})
        for c in combinations(
            momentum=[0, 0.9], dampening=[0, 0.3], weight_decay=[0, 0.1], nesterov=[False, True], maximize=[False, True]
        )
        if not c["nesterov"] or (c["momentum"] and not c["dampening"])
    ],
    *[
        (optim.Adagrad, adagrad, {"lr": 0.1, **c})
        for c in combinations(
            lr_decay=[0, 0.1], weight_decay=[0, 0.1], initial_accumulator_value=[0, 0.5], maximize=[False, True]
        )
    ],
    *[
        (optim.RMSprop, rmsprop, {"lr": 0.01, **c})
        for c in combinations(
            alpha=[0.9, 0.4], momentum=[0, 0.8], weight_decay=[0, 0.1], centered=[False, True], maximize=[False, True]
        )
    ],
    *[
        (kind, oracle, {"lr": 0.01, **c})
        for kind, oracle in [(optim.Adam, adam), (optim.AdamW, adamw)]
        for c in combinations(
            betas=[(0.9, 0.999), (0.3, 0.6), (0.0, 0.0)],
            weight_decay=[0, 0.1],
            amsgrad=[False, True],
            maximize=[False, True],
        )
    ],
]


def trained(kind, p, grads, **settings):
    """`p` after one step of the optimizer for each of `grads`."""
    p = Tensor(p, requires_grad=True)
    optimizer = kind([p], **settings)
    for g in grads:
        p.grad = g
        optimizer.step()
    return p.detach().numpy()


@pytest.mark.parametrize(
    ("kind", "oracle", "settings"),
    CASES,
    ids=[f"{k.__name__}-" + "-".join(f"{n}={v}" for n, v in s.items() if n != "lr") for k, _, s in CASES],
)
def test_every_number_follows_the_formula_of_the_paper(kind, oracle, settings):
    rng = np.random.default_rng(0)
    p = rng.standard_normal(6)
    grads = rng.standard_normal((STEPS, 6)) * 10 ** rng.uniform(-2, 1, (STEPS, 1))
    wanted = [oracle(float(p[i]), grads[:, i].tolist(), **settings) for i in range(6)]
    np.testing.assert_allclose(trained(kind, p, grads, **settings), wanted, rtol=1e-11, atol=1e-12)


def test_decoupled_weight_decay_of_adam_is_adamw():
    grads = np.random.default_rng(1).standard_normal((5, 3))
    settings = {"lr": 0.1, "weight_decay": 0.3}
    one = trained(optim.Adam, np.ones(3), grads, decoupled_weight_decay=True, **settings)
    np.testing.assert_array_equal(one, trained(optim.AdamW, np.ones(3), grads, **settings))


def test_defaults_are_those_of_pytorch():
    w = [Tensor(1.0, requires_grad=True)]
    assert optim.SGD(w).defaults == {
        "lr": 1e-3, "momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False, "maximize": False,
    }  # fmt: skip
    assert optim.Adagrad(w).defaults == {
        "lr": 1e-2, "lr_decay": 0, "eps": 1e-10, "weight_decay": 0, "initial_accumulator_value": 0, "maximize": False,
    }  # fmt: skip
    assert optim.RMSprop(w).defaults == {
        "lr": 1e-2, "momentum": 0, "alpha": 0.99, "eps": 1e-8, "centered": False, "weight_decay": 0, "maximize": False,
    }  # fmt: skip
    adam = {
        "lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False, "maximize": False,
        "decoupled_weight_decay": False,
    }  # fmt: skip
    assert optim.Adam(w).defaults == adam
    assert optim.AdamW(w).defaults == {**adam, "weight_decay": 1e-2, "decoupled_weight_decay": True}


def test_centered_rmsprop_takes_a_variance_that_rounding_made_negative_as_zero():
    # alpha^t falls below the rounding after 50 steps: v - m^2 is 0 or one rounding to either side.
    w = trained(optim.RMSprop, np.ones(50), [np.linspace(0.1, 7, 50)] * 200, alpha=0.5, centered=True)
    assert np.isfinite(w).all()


KINDS = [
    (optim.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    (optim.SGD, {}),
    (optim.Adagrad, {}),
    (optim.RMSprop, {"centered": True, "momentum": 0.9}),
    (optim.Adam, {"amsgrad": True}),
    (optim.AdamW, {}),
]
kinds = pytest.mark.parametrize(("kind", "settings"), KINDS, ids=lambda v: getattr(v, "__name__", None))


@kinds
def test_blocks_and_threads_give_bit_for_bit_what_the_whole_array_gives(kind, settings, monkeypatch):
    rng = np.random.default_rng(2)
    p, grads = rng.standard_normal((70, 111)), rng.standard_normal((4, 70, 111))
    whole = trained(kind, p, grads, lr=0.1, **settings)
    for cores in (1, 3):
        monkeypatch.setattr(optim.blocks, "BLOCK", 8 * 1000)  # 7770 elements: 8 blocks, the last one smaller
        monkeypatch.setattr(optim.blocks, "_cores", lambda cores=cores: cores)
        np.testing.assert_array_equal(trained(kind, p, grads, lr=0.1, **settings), whole)


@kinds
@pytest.mark.parametrize("block", [8, 2**19], ids=["in blocks", "at once"])
def test_layout_of_parameter_and_gradient_does_not_matter(kind, settings, block, monkeypatch):
    monkeypatch.setattr(optim.blocks, "BLOCK", block)
    rng = np.random.default_rng(3)
    p, grads = rng.standard_normal((5, 7)), rng.standard_normal((4, 5, 7))
    wanted = trained(kind, p, grads, lr=0.1, **settings)
    around = np.zeros((9, 14))
    for view in (np.asfortranarray(p), around[2:7, ::2], around[6:1:-1, 13::-2]):
        view[...] = p
        w = Tensor(0.0, requires_grad=True)
        w.data = view
        optimizer = kind([w], lr=0.1, **settings)
        for i, g in enumerate(grads):
            w.grad = np.asfortranarray(g) if i % 2 else g
            optimizer.step()
        assert w.data is view
        np.testing.assert_array_equal(view, wanted)


@kinds
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 1, 3)])
def test_any_shape_is_optimized(kind, settings, shape):
    w = trained(kind, np.ones(shape), [np.ones(shape)] * 3, lr=0.1, **settings)
    assert w.shape == shape
    assert (w < 1).all()


@kinds
def test_float32_parameters_stay_float32_and_so_does_their_state(kind, settings):
    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = kind([w], lr=np.float64(0.1), **settings)
    for _ in range(2):
        w.grad = np.ones(2)  # of float64
        optimizer.step()
    arrays = [value for value in optimizer.state[w].values() if isinstance(value, np.ndarray)]
    assert {array.dtype for array in (w.data, *arrays)} == {np.dtype(np.float32)}


@kinds
def test_gradient_that_is_not_finite_reaches_only_its_own_number(kind, settings):
    with np.errstate(invalid="ignore"):
        w = trained(kind, np.ones(3), [np.array([1.0, np.nan, 1.0])] * 2, lr=0.1, **settings)
    np.testing.assert_array_equal(np.isnan(w), [False, True, False])


@kinds
def test_gradient_is_only_read(kind, settings, monkeypatch):
    monkeypatch.setattr(optim.blocks, "BLOCK", 8)
    g = np.ones(5)
    g.flags.writeable = False
    assert (trained(kind, np.ones(5), [g], lr=0.1, **settings) < 1).all()


@kinds
def test_gradient_of_integers_counts_as_the_floating_numbers_it_stands_for(kind, settings):
    whole = np.array([100, -100], np.int8)
    one, two = (trained(kind, np.ones(2, np.float32), [g] * 2, **settings) for g in (whole, whole.astype(np.float32)))
    np.testing.assert_array_equal(one, two)


def test_average_without_memory_is_the_last_gradient_to_the_last_digit():
    huge_then_tiny = np.array([[1e10], [1e-10]])
    w = trained(optim.Adam, np.zeros(1), huge_then_tiny, lr=1.0, betas=(0.0, 0.0), eps=0)
    np.testing.assert_array_equal(w, -2.0)
