"""Every schedule against its formula, alone, after one another and at once; state dicts; errors."""

import copy
import math
import pickle
import re

import numpy as np
import pytest

from tests.golden import case
from tinygrad_edu import Tensor, optim
from tinygrad_edu.optim import lr_scheduler as schedules

FIRST = (0.3, 0.7)  # the rates of two groups


def optimizer(kind=optim.SGD, **settings):
    groups = [{"params": [Tensor(np.zeros(1), requires_grad=True)], "lr": lr} for lr in FIRST]
    return kind(groups, **settings)


def rates(scheduler, steps):
    """The rates of all groups, at first and after each step."""
    found = [[group["lr"] for group in scheduler.optimizer.param_groups]]
    for _ in range(steps):
        scheduler.step()
        found.append([group["lr"] for group in scheduler.optimizer.param_groups])
        assert scheduler.get_last_lr() == found[-1]
    return np.array(found)


def error(kind, text):
    return pytest.raises(kind, match=re.escape(text))


def cosine(t, length, low, first):
    return low + (first - low) * (1 + math.cos(math.pi * t / length)) / 2


SCALES = {
    "LambdaLR": (lambda o: schedules.LambdaLR(o, lambda t: 1 / (1 + t)), lambda t: 1 / (1 + t)),
    "MultiplicativeLR": (
        lambda o: schedules.MultiplicativeLR(o, lambda t: 1 - t / 100),
        lambda t: math.prod(1 - k / 100 for k in range(1, t + 1)),
    ),
    "StepLR": (lambda o: schedules.StepLR(o, 4, 0.3), lambda t: 0.3 ** (t // 4)),
    "MultiStepLR": (
        lambda o: schedules.MultiStepLR(o, [3, 9, 9, 20], 0.5),
        lambda t: 1 if t < 3 else 0.5 if t < 9 else 0.125 if t < 20 else 0.0625,
    ),
    "ConstantLR": (lambda o: schedules.ConstantLR(o, 0.2, 7), lambda t: 0.2 if t < 7 else 1),
    "ConstantLR of 0": (lambda o: schedules.ConstantLR(o, 0, 7), lambda t: 0 if t < 7 else 1),
    "LinearLR": (lambda o: schedules.LinearLR(o, 0.1, 0.9, 8), lambda t: 0.1 + 0.8 * min(t, 8) / 8),
    "ExponentialLR": (lambda o: schedules.ExponentialLR(o, 0.9), lambda t: 0.9**t),
    "PolynomialLR": (lambda o: schedules.PolynomialLR(o, 12, 2.5), lambda t: max(0, 1 - t / 12) ** 2.5),
    "CosineAnnealingLR": (lambda o: schedules.CosineAnnealingLR(o, 9), lambda t: cosine(t, 9, 0, 1)),
    "InverseTimeDecay": (lambda o: schedules.InverseTimeDecay(o, 0.5), lambda t: 1 / (1 + 0.5 * (t + 1))),
    "ExponentialDecay": (lambda o: schedules.ExponentialDecay(o, 0.8), lambda t: 0.8 ** (t + 1)),
    "InverseSqrtDecay": (lambda o: schedules.InverseSqrtDecay(o, 2.0), lambda t: 2 / math.sqrt(t + 1)),
}
every = pytest.mark.parametrize(("make", "scale"), SCALES.values(), ids=SCALES)


@every
def test_rate_follows_the_formula(make, scale):
    wanted = np.outer([scale(t) for t in range(25)], FIRST)
    np.testing.assert_allclose(rates(make(optimizer()), 24), wanted, rtol=1e-13, atol=1e-17)


@every
def test_schedules_of_one_optimizer_multiply(make, scale):
    shared = optimizer()
    chain = schedules.ChainedScheduler([schedules.ExponentialLR(shared, 0.97), make(shared)])
    found = rates(chain, 9)
    lost = 0
    for t in range(10):
        others = 0.97 ** (t - lost)
        if type(chain._schedulers[1]) is schedules.LambdaLR:
            others = 1  # it sets the rate whatever it was
        np.testing.assert_allclose(found[t], scale(t) * others * np.array(FIRST), rtol=1e-12, atol=1e-17)
        if scale(t) == 0:
            lost = t + 1  # what others did is lost at a rate of 0


@pytest.mark.parametrize("name", ["StepLR", "LinearLR", "ExponentialLR", "CosineAnnealingLR", "InverseTimeDecay"])
def test_rate_that_the_user_changed_keeps_its_share(name):
    make, scale = SCALES[name]
    scheduler = make(optimizer())
    rates(scheduler, 5)
    for group in scheduler.optimizer.param_groups:
        group["lr"] *= 0.37
    wanted = np.outer([0.37 * scale(t) for t in range(5, 9)], FIRST)
    np.testing.assert_allclose(rates(scheduler, 3), wanted, rtol=1e-13)


def test_rate_that_was_changed_while_the_scale_is_zero_starts_anew():
    scheduler = schedules.ConstantLR(optimizer(), 0, 1)
    for group in scheduler.optimizer.param_groups:
        group["lr"] = 0.2
    scheduler.step()
    assert scheduler.get_last_lr() == list(FIRST)


def test_golden_decays():
    for id, make in [
        ("lr.inverse_time", lambda o, i: schedules.InverseTimeDecay(o, i["decay_rate"])),
        ("lr.exponential", lambda o, i: schedules.ExponentialDecay(o, i["base"])),
        ("lr.inverse_sqrt", lambda o, i: schedules.InverseSqrtDecay(o, i["k"])),
    ]:
        golden = case(id)
        sgd = optim.SGD([Tensor(0.0, requires_grad=True)], lr=golden.inputs["alpha0"])
        scheduler = make(sgd, golden.inputs)
        by_epoch = [golden.inputs["alpha0"], *rates(scheduler, 16)[:, 0]]  # epochs count from 1
        golden.check([by_epoch[epoch] for epoch in golden.inputs.get("epochs", golden.inputs.get("t"))])


def test_cosine_falls_to_its_least_rate_and_rises_again():
    found = rates(schedules.CosineAnnealingLR(optimizer(), 6, eta_min=0.05), 15)
    np.testing.assert_allclose(found, [[cosine(t, 6, 0.05, lr) for lr in FIRST] for t in range(16)], rtol=1e-12)
    np.testing.assert_array_equal(found[6], 0.05)


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_cosine_restarts(multiple):
    wanted, length = [], 3
    while len(wanted) < 40:
        wanted += [[cosine(t, length, 0.01, lr) for lr in FIRST] for t in range(length)]
        length *= multiple
    scheduler = schedules.CosineAnnealingWarmRestarts(optimizer(), 3, multiple, eta_min=0.01)
    np.testing.assert_allclose(rates(scheduler, 39), wanted[:40], rtol=1e-12)
    for t in range(40):  # and by the number of the epoch
        scheduler.step(t)
        np.testing.assert_allclose(scheduler.get_last_lr(), wanted[t], rtol=1e-12)
    scheduler.step(1.5)
    np.testing.assert_allclose(scheduler.get_last_lr(), [cosine(1.5, 3, 0.01, lr) for lr in FIRST], rtol=1e-12)
    assert scheduler.last_epoch == 1


@pytest.mark.parametrize(
    ("settings", "height"),
    [
        ({}, lambda t, cycle: 1),
        ({"mode": "triangular2"}, lambda t, cycle: 0.5**cycle),
        ({"mode": "exp_range", "gamma": 0.9}, lambda t, cycle: 0.9**t),
        ({"scale_fn": lambda x: 1 / x}, lambda t, cycle: 1 / (cycle + 1)),
        ({"scale_fn": lambda x: 0.8**x, "scale_mode": "iterations"}, lambda t, cycle: 0.8**t),
    ],
)
def test_cycles_of_rate_and_momentum(settings, height):
    scheduler = schedules.CyclicLR(optimizer(momentum=0.9), 0.1, [0.5, 0.9], 4, 6, **settings)
    for t in range(35):
        cycle, x = divmod(t, 10)
        rise = (x / 4 if x <= 4 else (10 - x) / 6) * height(t, cycle)
        for group, high in zip(scheduler.optimizer.param_groups, (0.5, 0.9), strict=True):
            np.testing.assert_allclose(group["lr"], 0.1 + (high - 0.1) * rise, rtol=1e-12)
            np.testing.assert_allclose(group["momentum"], 0.9 - 0.1 * rise, rtol=1e-12)
        scheduler.step()


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("three_phase", [False, True])
def test_one_cycle(linear, three_phase):
    adam = optimizer(optim.Adam)
    scheduler = schedules.OneCycleLR(
        adam, 0.5, epochs=5, steps_per_epoch=20, anneal_strategy="linear" if linear else "cos", three_phase=three_phase
    )
    knots = {0: 0.5 / 25, 29: 0.5, 99: 0.5 / 25 / 1e4}
    momentum = {0: 0.95, 29: 0.85, 99: 0.95}
    if three_phase:
        knots[58], momentum[58] = 0.5 / 25, 0.95
    for t in range(100):
        before, after = max(k for k in knots if k <= min(t, 98)), min(k for k in knots if k > min(t, 98))
        way = (t - before) / (after - before)
        share = way if linear else (1 - math.cos(math.pi * way)) / 2
        group = adam.param_groups[1]
        np.testing.assert_allclose(group["lr"], knots[before] + (knots[after] - knots[before]) * share, rtol=1e-9)
        wanted = momentum[before] + (momentum[after] - momentum[before]) * share
        np.testing.assert_allclose(group["betas"][0], wanted, rtol=1e-12)
        assert group["betas"][1] == 0.999
        scheduler.step()
    with error(ValueError, "OneCycleLR.step: expected at most 100 steps, but this is number 101."):
        scheduler.step()


def test_rate_falls_when_a_metric_is_on_a_plateau():
    def run(metrics, **settings):
        scheduler = schedules.ReduceLROnPlateau(optimizer(), factor=0.5, patience=1, **settings)
        found = []
        for metric in metrics:
            scheduler.step(metric)
            found.append(scheduler.get_last_lr()[0] / FIRST[0])
        return found

    assert run([3, 2, 2, 2, 2, 2, 1]) == [1, 1, 1, 0.5, 0.5, 0.25, 0.25]
    assert run([3, 2, 2, 2, 2, 2, 2], cooldown=1) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]
    assert run([1, 2, 2, 2, 3], mode="max") == [1, 1, 1, 0.5, 0.5]
    assert run([2, 1.9, 1.8, 1.7], threshold=0.5, threshold_mode="abs") == [1, 1, 0.5, 0.5]
    assert run([2, 1.9, 1.8, 1.7], threshold=0.01) == [1, 1, 1, 1]
    assert run([1, math.nan, math.nan]) == [1, 1, 0.5]
    assert run([1] * 5, min_lr=0.2) == pytest.approx([1, 1, 2 / 3, 2 / 3, 2 / 3])
    assert run([Tensor(1.0)] * 3, eps=1.0) == [1, 1, 1]
    assert run([1] * 3, min_lr=[0.3, 0.1]) == [1, 1, 1]


def test_one_schedule_after_the_other_starts_with_the_first_rates():
    shared = optimizer()
    parts = [
        schedules.LinearLR(shared, 0.1, 1.0, 4),
        schedules.ExponentialLR(shared, 0.9),
        schedules.CosineAnnealingWarmRestarts(shared, 5),
        schedules.MultiplicativeLR(shared, lambda t: 0.5),
        schedules.LambdaLR(shared, lambda t: 1 / (t + 1)),
    ]
    scheduler = schedules.SequentialLR(shared, parts, milestones=[4, 10, 14, 17])
    scales = [0.1 + 0.9 * t / 4 for t in range(4)] + [0.9**t for t in range(6)] + [cosine(t, 5, 0, 1) for t in range(4)]
    scales += [scales[-1] * 0.5**t for t in (1, 2, 3)] + [1 / (t + 1) for t in range(4)]
    np.testing.assert_allclose(rates(scheduler, 20), np.outer(scales, FIRST), rtol=1e-12)


def test_schedules_nest():
    shared = optimizer()
    warm_up = schedules.LinearLR(shared, 0.5, 1.0, 2)
    decay = schedules.ChainedScheduler([schedules.ExponentialLR(shared, 0.9), schedules.StepLR(shared, 2, 0.5)])
    inner = schedules.SequentialLR(shared, [warm_up, decay], [2])
    outer = schedules.SequentialLR(shared, [schedules.ConstantLR(shared, 0.25, 9), inner], [3])
    scales = [0.25] * 3 + [0.5, 0.75] + [0.9**t * 0.5 ** (t // 2) for t in range(4)]
    found = rates(outer, 8)
    np.testing.assert_allclose(found[:5], np.outer(scales[:5], FIRST), rtol=1e-12)
    np.testing.assert_allclose(found[5:] / found[5], np.outer(scales[5:], [1, 1]), rtol=1e-12)


MAKE = {
    **{name: make for name, (make, _) in SCALES.items()},
    "restarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, 3, 2),
    "cyclic": lambda o: schedules.CyclicLR(o, 0.1, 0.5, 3, mode="exp_range", gamma=0.9),
    "one cycle": lambda o: schedules.OneCycleLR(o, 0.5, 40),
    "sequential": lambda o: schedules.SequentialLR(
        o, [schedules.LinearLR(o, 0.1, 1.0, 4), schedules.CosineAnnealingWarmRestarts(o, 4)], [6]
    ),
    "chained": lambda o: schedules.ChainedScheduler([schedules.StepLR(o, 3), schedules.ExponentialLR(o, 0.9)]),
}


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_resumed_schedule_goes_on_where_it_was(make):
    one = make(optimizer(momentum=0.9))
    rates(one, 8)
    saved, groups = one.state_dict(), one.optimizer.state_dict()
    kept = copy.deepcopy(saved)
    two = make(optimizer(momentum=0.9))
    two.load_state_dict(saved)
    two.optimizer.load_state_dict(groups)
    np.testing.assert_array_equal(rates(two, 9), rates(one, 9))
    assert saved == kept


def test_resumed_plateau_goes_on_where_it_was():
    one, two = (schedules.ReduceLROnPlateau(optimizer(), patience=2) for _ in range(2))
    for metric in (3, 2, 2, 2):
        one.step(metric)
    two.load_state_dict(one.state_dict())
    for each in (one, two):
        each.step(2)
    assert two.get_last_lr() == one.get_last_lr() == pytest.approx([0.03, 0.07])


def test_functions_stay_and_callable_objects_keep_their_attributes():
    class Decay:
        def __init__(self, base):
            self.base = base

        def __call__(self, t):
            return self.base**t

    one = schedules.LambdaLR(optimizer(), [Decay(0.5), lambda t: 1.0])
    two = schedules.LambdaLR(optimizer(), [Decay(0.9), lambda t: 2.0])
    saved = one.state_dict()
    assert saved["lr_lambdas"] == [{"base": 0.5}, None]
    two.load_state_dict(saved)
    two.step()
    assert two.get_last_lr() == [0.15, 1.4]
    one = schedules.CyclicLR(optimizer(), 0.1, 0.5, 3, scale_fn=Decay(0.5), cycle_momentum=False)
    two = schedules.CyclicLR(optimizer(), 0.1, 0.5, 3, scale_fn=Decay(0.9), cycle_momentum=False)
    two.load_state_dict(one.state_dict())
    assert two.scale_fn(1) == 0.5


def test_failed_load_reports_everything_and_changes_nothing():
    scheduler = schedules.StepLR(optimizer(), 2)
    before = scheduler.state_dict()
    saved = {**scheduler.state_dict(), "last_epoch": 7, "x": 1}
    del saved["gamma"]
    with error(ValueError, "StepLR.load_state_dict: expected the state of StepLR, but there is no 'gamma'; 'x' is unk"):
        scheduler.load_state_dict(saved)
    assert scheduler.state_dict() == before

    chain = MAKE["chained"](optimizer())
    before, saved = chain.state_dict(), chain.state_dict()
    saved["_last_lr"] = [7, 7]
    del saved["_schedulers"][1]["gamma"]
    with error(ValueError, "ChainedScheduler, but in schedule 1 there is no 'gamma'."):
        chain.load_state_dict(saved)
    assert chain.state_dict() == before
    del saved["_schedulers"][1]
    with error(ValueError, "it holds 1 schedules, not 2"):
        chain.load_state_dict(saved)


@pytest.mark.parametrize(
    "make",
    [
        lambda o, last: schedules.StepLR(o, 4, 0.5, last),
        lambda o, last: schedules.StepLR(o, 5, 0.5, last),
        lambda o, last: schedules.ExponentialLR(o, 0.8, last),
        lambda o, last: schedules.LinearLR(o, 0.2, 0.9, 8, last),
        lambda o, last: schedules.PolynomialLR(o, 8, 2, last),
        lambda o, last: schedules.CosineAnnealingLR(o, 8, 0.01, last),
        lambda o, last: schedules.LambdaLR(o, lambda t: 1 / (t + 1), last),
        lambda o, last: schedules.MultiplicativeLR(o, lambda t: 0.9, last),
        lambda o, last: schedules.InverseTimeDecay(o, 0.5, last_epoch=last),
    ],
)
def test_run_is_continued_by_the_number_of_its_last_step(make):
    one = make(optimizer(), -1)
    rates(one, 5)
    again = optimizer()
    again.load_state_dict(one.optimizer.state_dict())
    two = make(again, one.last_epoch - 1)
    assert two.last_epoch == one.last_epoch == 5
    np.testing.assert_array_equal(two.get_last_lr(), one.get_last_lr())
    np.testing.assert_allclose(rates(two, 6), rates(one, 6), rtol=1e-14)


def test_run_without_its_first_rates_cannot_be_continued():
    with error(
        ValueError, "StepLR: expected 'initial_lr' in group 0 to continue a run after step 4, but there is none"
    ):
        schedules.StepLR(optimizer(), 4, last_epoch=4)


def test_schedule_with_optimizer_is_copied_and_pickled():
    scheduler = schedules.StepLR(optimizer(), 1, 0.5)
    for twin in (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))):
        twin.step()
        assert twin.optimizer.param_groups[0]["lr"] == 0.15
    assert scheduler.get_last_lr() == [0.3, 0.7]
    assert repr(scheduler) == "StepLR(lr=[0.3, 0.7])"


def test_bad_input_is_an_error():
    o = optimizer()
    with error(TypeError, "StepLR: expected an optimizer, but got float 0.1. Make one first"):
        schedules.StepLR(0.1, 3)
    with error(ValueError, "StepLR: expected step_size as a whole number >= 1, but got 0."):
        schedules.StepLR(o, 0)
    with error(ValueError, "LinearLR: expected 0 <= end_factor <= 1, but got 2."):
        schedules.LinearLR(o, end_factor=2)
    with error(ValueError, "LinearLR: expected start_factor > 0, but got 0."):
        schedules.LinearLR(o, start_factor=0)
    with error(TypeError, "ConstantLR: expected a number as factor, but got str"):
        schedules.ConstantLR(o, "1")
    with error(ValueError, "LambdaLR: expected one lr_lambda, or 2, one for each group, but got 1."):
        schedules.LambdaLR(o, [lambda t: 1])
    with error(TypeError, "LambdaLR: expected a function of the step as lr_lambda, but got 0.9."):
        schedules.LambdaLR(o, 0.9)
    with error(ValueError, "InverseTimeDecay: expected decay_rate >= 0, but got -1."):
        schedules.InverseTimeDecay(o, -1)
    with error(ValueError, "CosineAnnealingWarmRestarts.step: expected epoch >= 0, but got -1."):
        schedules.CosineAnnealingWarmRestarts(o, 3).step(-1)
    with error(ValueError, "CyclicLR: expected mode to be one of ['triangular', 'triangular2', 'exp_range'], or a sc"):
        schedules.CyclicLR(o, 0.1, 0.2, mode="square")
    with error(ValueError, "CyclicLR: expected an optimizer with momentum or betas, but got Adagrad"):
        schedules.CyclicLR(optimizer(optim.Adagrad), 0.1, 0.2)
    with error(ValueError, "OneCycleLR: expected total_steps, or epochs and steps_per_epoch, but got neither."):
        schedules.OneCycleLR(o, 0.1)
    with error(ValueError, "OneCycleLR: expected anneal_strategy 'cos' or 'linear', but got 'x'."):
        schedules.OneCycleLR(o, 0.1, 10, anneal_strategy="x")
    with error(ValueError, "ReduceLROnPlateau: expected 0 <= factor < 1, but got 1."):
        schedules.ReduceLROnPlateau(o, factor=1)
    with error(ValueError, "ReduceLROnPlateau: expected mode to be one of ('min', 'max'), but got 'least'."):
        schedules.ReduceLROnPlateau(o, mode="least")
    plateau = schedules.ReduceLROnPlateau(o, min_lr=[0, 0], patience=0)
    with error(TypeError, "ChainedScheduler: expected schedules that step without a metric, but number 0 is Reduce"):
        schedules.ChainedScheduler([plateau])
    with error(TypeError, "ChainedScheduler: expected an optimizer, but got NoneType None."):
        schedules.ChainedScheduler([3])
    with error(ValueError, "ChainedScheduler: expected at least one schedule, but got none."):
        schedules.ChainedScheduler([])
    one, other = schedules.StepLR(o, 3), schedules.StepLR(optimizer(), 3)
    with error(ValueError, "SequentialLR: expected schedules of one optimizer, but number 1, StepLR, has another."):
        schedules.SequentialLR(o, [one, other], [3])
    with error(ValueError, "SequentialLR: expected one milestone between each two of 1 schedules, but got 1."):
        schedules.SequentialLR(o, [one], [3])
    with error(NotImplementedError, "LRScheduler: expected a method scale(self, t), but got none."):
        schedules.LRScheduler(optimizer())
    o.add_param_group({"params": [Tensor(0.0)]})
    plateau.step(1)
    with error(ValueError, "ReduceLROnPlateau: expected a min_lr for each of 3 groups, but got 2."):
        plateau.step(1)
