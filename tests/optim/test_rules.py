"""Every update rule against the formula of its paper, number by number in plain Python."""

import math
from itertools import product

import numpy as np
import pytest

from tinygrad_edu import Tensor, optim

STEPS = 25
SWITCH = [False, True]


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


def adadelta(p, grads, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0, maximize=False):
    square = moved = 0.0
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        square = rho * square + (1 - rho) * g**2
        step = math.sqrt(moved + eps) / math.sqrt(square + eps) * g
        moved = rho * moved + (1 - rho) * step**2
        p = p - lr * step
    return p


def adamax(p, grads, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, maximize=False):
    m = u = 0.0
    for t, g in enumerate(grads, 1):
        g = (-g if maximize else g) + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        u = max(betas[1] * u, abs(g) + eps)
        p = p - lr / (1 - betas[0] ** t) * m / u
    return p


def nadam(
    p, grads, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3, maximize=False,
    decoupled_weight_decay=False,
):  # fmt: skip
    def mu(t):
        return betas[0] * (1 - 0.5 * 0.96 ** (t * momentum_decay))

    m = v = 0.0
    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        until_now = math.prod(mu(i) for i in range(1, t + 1))
        ahead = mu(t + 1) * m / (1 - until_now * mu(t + 1)) + (1 - mu(t)) * g / (1 - until_now)
        p = p - lr * ahead / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
    return p


def radam(p, grads, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, maximize=False, decoupled_weight_decay=False):
    m = v = 0.0
    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        longest = 2 / (1 - betas[1]) - 1
        length = longest - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
        step = m / (1 - betas[0] ** t)
        if length > 5:
            rectified = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            step *= math.sqrt(rectified) * math.sqrt(1 - betas[1] ** t) / (math.sqrt(v) + eps)
        p = p - lr * step
    return p


def asgd(p, grads, lr, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0.0, maximize=False):
    for t, g in enumerate(grads):
        eta = lr / (1 + lambd * lr * t) ** alpha
        g = (-g if maximize else g) + weight_decay * p
        p = p - lambd * eta * p - eta * g
    return p


def rprop(p, grads, lr, etas=(0.5, 1.2), step_sizes=(1e-6, 50), maximize=False):
    before, step = 0.0, lr
    for g in grads:
        g = -g if maximize else g
        if g * before > 0:
            step = min(step * etas[1], step_sizes[1])
        elif g * before < 0:
            step = max(step * etas[0], step_sizes[0])
            g = 0.0
        p = p - math.copysign(step, g) if g else p
        before = g
    return p


def lion(p, grads, lr, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
    m = 0.0
    for g in grads:
        g = -g if maximize else g
        direction = betas[0] * m + (1 - betas[0]) * g
        p = p - lr * ((direction > 0) - (direction < 0) + weight_decay * p)
        m = betas[1] * m + (1 - betas[1]) * g
    return p


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
    *[
        (optim.Adadelta, adadelta, c)
        for c in combinations(lr=[1, 0.3], rho=[0.9, 0.3], weight_decay=[0, 0.1], maximize=SWITCH)
    ],
    *[
        (optim.Adamax, adamax, {"lr": 0.01, **c})
        for c in combinations(betas=[(0.9, 0.999), (0.3, 0.6)], weight_decay=[0, 0.1], maximize=SWITCH)
    ],
    *[
        (optim.NAdam, nadam, {"lr": 0.01, **c})
        for c in combinations(
            betas=[(0.9, 0.999), (0.3, 0.6)],
            weight_decay=[0, 0.1],
            momentum_decay=[4e-3, 0.5],
            decoupled_weight_decay=SWITCH,
            maximize=SWITCH,
        )
    ],
    *[
        (optim.RAdam, radam, {"lr": 0.01, **c})
        for c in combinations(
            betas=[(0.9, 0.999), (0.3, 0.6)], weight_decay=[0, 0.1], decoupled_weight_decay=SWITCH, maximize=SWITCH
        )
    ],
    *[
        (optim.ASGD, asgd, {"lr": 0.1, **c})
        for c in combinations(lambd=[1e-4, 0.2], alpha=[0.75, 0.3], weight_decay=[0, 0.1], maximize=SWITCH)
    ],
    *[
        (optim.Rprop, rprop, {"lr": 0.1, **c})
        for c in combinations(etas=[(0.5, 1.2), (0.3, 1.9)], step_sizes=[(1e-6, 50), (0.05, 0.15)], maximize=SWITCH)
    ],
    *[
        (optim.Lion, lion, {"lr": 0.1, **c})
        for c in combinations(betas=[(0.9, 0.99), (0.3, 0.6)], weight_decay=[0, 0.1], maximize=SWITCH)
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


def test_defaults_of_the_variants_are_those_of_pytorch():
    w = [Tensor(1.0, requires_grad=True)]
    assert optim.Adadelta(w).defaults == {"lr": 1, "rho": 0.9, "eps": 1e-6, "weight_decay": 0, "maximize": False}
    adamax = {"lr": 2e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "maximize": False}
    assert optim.Adamax(w).defaults == adamax
    assert optim.NAdam(w).defaults == {**adamax, "momentum_decay": 4e-3, "decoupled_weight_decay": False}
    assert optim.RAdam(w).defaults == {**adamax, "lr": 1e-3, "decoupled_weight_decay": False}
    assert optim.ASGD(w).defaults == {
        "lr": 1e-2, "lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0, "maximize": False,
    }  # fmt: skip
    assert optim.Rprop(w).defaults == {"lr": 1e-2, "etas": (0.5, 1.2), "step_sizes": (1e-6, 50), "maximize": False}
    assert optim.Muon([Tensor([[1.0]], requires_grad=True)]).defaults == {
        "lr": 1e-3, "weight_decay": 0.1, "momentum": 0.95, "nesterov": True, "eps": 1e-7, "ns_steps": 5,
        "ns_coefficients": (3.4445, -4.7750, 2.0315), "adjust_lr_fn": None,
    }  # fmt: skip


def test_average_of_asgd_is_the_mean_of_the_path_from_step_t0_on():
    rng = np.random.default_rng(0)
    w = Tensor(rng.standard_normal(3), requires_grad=True)
    optimizer = optim.ASGD([w], lr=0.1, t0=5)
    points = []
    for _ in range(20):
        w.grad = rng.standard_normal(3)
        optimizer.step()
        points.append(w.data.copy())
    # step t weighs 1 / (t - 1 - t0): the sixth point is taken whole, and again with the seventh, which replaces it
    np.testing.assert_allclose(optimizer.state[w]["ax"], np.mean(points[6:], axis=0), rtol=1e-13)


@pytest.mark.parametrize("shape", [(4, 7), (7, 4), (5, 5)])
@pytest.mark.parametrize("nesterov", SWITCH)
@pytest.mark.parametrize("adjust_lr_fn", [None, "original", "match_rms_adamw"])
def test_muon_passes_the_singular_values_of_the_momentum_through_its_polynomial(shape, nesterov, adjust_lr_fn):
    rng = np.random.default_rng(0)
    p, grads = rng.standard_normal(shape), rng.standard_normal((4, *shape))
    found = trained(optim.Muon, p, grads, lr=0.1, nesterov=nesterov, adjust_lr_fn=adjust_lr_fn)
    buffer = np.zeros(shape)
    for g in grads:
        buffer = 0.95 * buffer + 0.05 * g
        u, s, vt = np.linalg.svd(0.95 * buffer + 0.05 * g if nesterov else buffer, full_matrices=False)
        s = s / math.sqrt((s**2).sum())
        for _ in range(5):
            s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
        scale = 0.2 * math.sqrt(max(shape)) if adjust_lr_fn == "match_rms_adamw" else max(1, shape[0] / shape[1]) ** 0.5
        p = p - 0.1 * 0.1 * p - 0.1 * scale * (u * s) @ vt
    np.testing.assert_allclose(found, p, rtol=1e-10, atol=1e-12)


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
    (optim.Adadelta, {}),
    (optim.Adamax, {}),
    (optim.NAdam, {}),
    (optim.RAdam, {"betas": (0.9, 0.99)}),
    (optim.ASGD, {"t0": 0}),
    (optim.Rprop, {}),
    (optim.Lion, {}),
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
