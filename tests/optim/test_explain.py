import copy
import re

import numpy as np
import pytest

from tinygrad_edu import Tensor, optim
from tinygrad_edu.memory import stamp_of

KINDS = [
    (optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (optim.SGD, {"momentum": 0.9, "dampening": 0.5, "maximize": True}),
    (optim.Adagrad, {"lr_decay": 0.1, "weight_decay": 0.1}),
    (optim.RMSprop, {"centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    (optim.Adadelta, {"weight_decay": 0.1}),
    (optim.Adam, {"amsgrad": True, "weight_decay": 0.1, "maximize": True}),
    (optim.AdamW, {}),
    (optim.Adamax, {"weight_decay": 0.1}),
    (optim.NAdam, {"weight_decay": 0.1}),
    (optim.RAdam, {"weight_decay": 0.1}),
    (optim.ASGD, {"t0": 1, "weight_decay": 0.1}),
    (optim.Rprop, {}),
    (optim.Lion, {"weight_decay": 0.1}),
    (optim.Muon, {}),
]
kinds = pytest.mark.parametrize(("kind", "settings"), KINDS, ids=lambda v: getattr(v, "__name__", None))


def trained(kind, **settings):
    """An optimizer after three steps, with small gradients for the next one."""
    rng = np.random.default_rng(0)
    parameters = [Tensor(rng.standard_normal((2, 3)), requires_grad=True) for _ in range(2)]
    optimizer = kind(parameters, lr=0.1, **settings)
    for steps_left in (3, 2, 1, 0):
        for p in parameters:
            p.grad = rng.standard_normal((2, 3)) * (1 if steps_left else 0.01)
        if steps_left:
            optimizer.step()
    return parameters, optimizer


@kinds
def test_parts_sum_to_the_change(kind, settings):
    parameters, optimizer = trained(kind, **settings)
    before = [p.data.copy() for p in parameters]
    explained = optimizer.explain()
    optimizer.step()
    for p, old, parts in zip(parameters, before, explained, strict=True):
        np.testing.assert_allclose(sum(parts.values()), p.data - old, rtol=1e-10, atol=1e-14)
        assert list(parts)[:2] == ["gradient", "scale"]
        climbing = 1 if settings.get("maximize") else -1
        np.testing.assert_allclose(parts["gradient"], climbing * 0.1 * p.grad)


@kinds
def test_every_feature_that_is_on_has_its_part(kind, settings):
    _, optimizer = trained(kind, **settings)
    for name, part in optimizer.explain()[0].items():
        if name not in ("gradient", "scale", "amsgrad"):
            assert np.abs(part).max() > 1e-9, name
    _, plain = trained(kind, **({"weight_decay": 0} if "weight_decay" in optimizer.defaults else {}))
    assert "weight decay" not in plain.explain()[0]


@kinds
def test_nothing_is_altered(kind, settings):
    parameters, optimizer = trained(kind, **settings)
    before, saved = [p.data.copy() for p in parameters], copy.deepcopy(list(optimizer.state.values()))
    stamps = [stamp_of(p.data) for p in parameters]
    optimizer.explain()
    for p, old, stamp, kept, state in zip(parameters, before, stamps, saved, optimizer.state.values(), strict=True):
        np.testing.assert_array_equal(p.data, old)
        assert stamp_of(p.data) == stamp
        assert kept.keys() == state.keys()
        for name in kept:
            np.testing.assert_array_equal(kept[name], state[name])
    fresh = kind(parameters, **settings)
    fresh.explain()
    assert not fresh.state


def test_parts_of_gradient_descent_are_its_terms():
    w = Tensor(np.array([1.0, -2.0]), requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9, weight_decay=0.5)
    w.grad = np.array([3.0, 4.0])
    optimizer.step()
    p, g, b = w.data.copy(), np.array([-1.0, 2.0]), np.array([3.5, 3.0])
    w.grad = g
    parts = optimizer.explain()[0]
    np.testing.assert_allclose(parts["gradient"], -0.1 * g)
    np.testing.assert_allclose(parts["scale"], 0, atol=1e-15)
    np.testing.assert_allclose(parts["momentum"], -0.1 * 0.9 * b)
    np.testing.assert_allclose(parts["weight decay"], -0.1 * 0.5 * p)


def test_parts_of_adam_are_its_terms():
    _, optimizer = trained(optim.AdamW, weight_decay=0.2)
    (p, state), *_ = optimizer.state.items()
    m, v, g, t = state["exp_avg"], state["exp_avg_sq"], p.grad, state["step"] + 1
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    parts = optimizer.explain()[0]
    np.testing.assert_allclose(parts["scale"], -0.1 * g / (np.sqrt(v) + 1e-8) + 0.1 * g)
    np.testing.assert_allclose(parts["momentum"], -0.1 * (m - g) / (np.sqrt(v) + 1e-8))
    corrected = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(parts["bias correction"], -0.1 * (corrected - m / (np.sqrt(v) + 1e-8)), rtol=1e-9)
    np.testing.assert_allclose(parts["weight decay"], -0.1 * 0.2 * p.data, rtol=1e-9)


def test_parameter_without_gradient_is_left_out():
    a, b = (Tensor(np.ones(2), requires_grad=True) for _ in range(2))
    b.grad = np.ones(2)
    assert len(optim.Adam([a, b]).explain()) == 1


def test_lbfgs_has_no_parts():
    with pytest.raises(NotImplementedError, match=re.escape("LBFGS.explain: expected a rule without a closure.")):
        optim.LBFGS([Tensor(np.ones(2), requires_grad=True)]).explain()
