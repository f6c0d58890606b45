"""Averages of weights against the mean and the weighted sum, written out."""

import copy
import math
import pickle
import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.optim.swa_utils import (
    SWALR,
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_multi_avg_fn,
    update_bn,
)


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).double()


def trained(averaged, model, steps=5):
    """The weights of each step, after each was shown to the average."""
    rng = np.random.default_rng(0)
    path = []
    for _ in range(steps):
        for p in model.parameters():
            p.data = p.data + rng.standard_normal(p.shape)
        model(tg.Tensor(rng.standard_normal((6, 3))))  # moves running statistics
        averaged.update_parameters(model)
        path.append(model.state_dict())
    return path


@pytest.mark.parametrize("options", [{}, {"multi_avg_fn": get_swa_multi_avg_fn()}])
def test_average_is_the_mean_of_all_weights_and_buffers_are_the_last(options):
    model = network()
    averaged = AveragedModel(model, **options)
    path = trained(averaged, model)
    for name, p in averaged.module.named_parameters():
        np.testing.assert_allclose(p.data, np.mean([state[name] for state in path], axis=0), rtol=1e-12, atol=1e-14)
    for name, b in averaged.module.named_buffers():
        np.testing.assert_array_equal(b.data, path[-1][name])
    assert averaged.n_averaged.item() == 5


@pytest.mark.parametrize("options", [{"avg_fn": get_ema_avg_fn(0.8)}, {"multi_avg_fn": get_ema_multi_avg_fn(0.8)}])
def test_exponential_average_starts_from_the_first_weights(options):
    model = network()
    averaged = AveragedModel(model, **options)
    path = trained(averaged, model)
    for name, p in averaged.module.named_parameters():
        wanted = path[0][name]
        for state in path[1:]:
            wanted = 0.8 * wanted + 0.2 * state[name]
        np.testing.assert_allclose(p.data, wanted, rtol=1e-12, atol=1e-14)


def test_buffers_are_averaged_if_asked_for():
    model = network()
    averaged = AveragedModel(model, use_buffers=True)
    path = trained(averaged, model)
    wanted = np.mean([state["1.running_mean"] for state in path], axis=0)
    np.testing.assert_allclose(averaged.module[1].running_mean.data, wanted, rtol=1e-12)


def test_average_has_weights_of_its_own_and_computes_with_them():
    model = network()
    averaged = AveragedModel(model)
    averaged.update_parameters(model)
    x = tg.randn(4, 3).data
    np.testing.assert_array_equal(averaged.eval()(tg.Tensor(x)).data, model.eval()(tg.Tensor(x)).data)
    before = averaged.state_dict()
    nn.init.zeros_(model[0].weight)
    np.testing.assert_equal(averaged.state_dict(), before)


def test_state_dict_has_the_names_of_pytorch_and_goes_to_a_copy():
    model = network()
    averaged = AveragedModel(model, avg_fn=None)
    trained(averaged, model)
    assert list(averaged.state_dict())[:2] == ["n_averaged", "module.0.weight"]
    twins = [copy.deepcopy(averaged), pickle.loads(pickle.dumps(averaged)), AveragedModel(network())]
    twins[2].load_state_dict(averaged.state_dict())
    trained(averaged, copy.deepcopy(model))
    for twin in twins:
        trained(twin, copy.deepcopy(model))
        np.testing.assert_equal(twin.state_dict(), averaged.state_dict())


def test_change_between_forward_and_backward_is_noticed():
    model = network()
    averaged = AveragedModel(model)
    loss = (averaged(tg.Tensor(np.ones((2, 3)))) ** 2).sum()
    averaged.update_parameters(model)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_other_models_and_settings_are_errors():
    averaged = AveragedModel(nn.Linear(2, 1))
    before = averaged.state_dict()
    with pytest.raises(ValueError, match=re.escape("of shapes [(1, 2), (1,)], but got [(1, 3), (1,)]")):
        averaged.update_parameters(nn.Linear(3, 1))
    np.testing.assert_equal(averaged.state_dict(), before)
    with pytest.raises(ValueError, match="expected avg_fn or multi_avg_fn, but got both"):
        AveragedModel(nn.Linear(2, 1), avg_fn=get_ema_avg_fn(), multi_avg_fn=get_ema_multi_avg_fn())
    with pytest.raises(ValueError, match=re.escape("get_ema_avg_fn: expected a decay in 0..1, but got 1.5")):
        get_ema_avg_fn(1.5)
    with pytest.raises(ValueError, match="expected device None"):
        AveragedModel(nn.Linear(2, 1), "cuda")


def test_running_statistics_are_measured_over_all_batches():
    model = network()
    model[1].eval()
    modes = [m.training for m in model.modules()]
    batches = [np.random.default_rng(i).standard_normal((5 + i, 3)) for i in range(3)]
    update_bn([(batches[0], 0), [tg.Tensor(batches[1])], batches[2]], model)
    hidden = [model[0](tg.Tensor(x)).data for x in batches]
    np.testing.assert_allclose(model[1].running_mean.data, np.mean([h.mean(axis=0) for h in hidden], axis=0))
    np.testing.assert_allclose(model[1].running_var.data, np.mean([h.var(axis=0, ddof=1) for h in hidden], axis=0))
    assert model[1].momentum == 0.1
    assert [m.training for m in model.modules()] == modes


def test_mode_and_momentum_come_back_when_a_batch_fails():
    model = network().eval()
    with pytest.raises(ValueError, match="in_features"):
        update_bn([np.ones((2, 5))], model)
    assert not model[1].training
    assert model[1].momentum == 0.1


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("length", [0, 1, 4])
def test_rate_goes_to_that_of_the_average(strategy, length):
    groups = [{"params": [tg.zeros(1, requires_grad=True)], "lr": lr} for lr in (0.5, 0.1)]
    optimizer = optim.SGD(groups)
    schedule = SWALR(optimizer, [0.05, 0.2], length, strategy)
    for t in range(7):
        h = 1.0 if length == 0 else min(t / length, 1)
        h = (1 - math.cos(math.pi * h)) / 2 if strategy == "cos" else h
        assert schedule.get_last_lr() == pytest.approx([0.5 + h * (0.05 - 0.5), 0.1 + h * (0.2 - 0.1)], rel=1e-12)
        schedule.step()


def test_rate_goes_on_from_where_another_schedule_left_it():
    optimizer = optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.8)
    decay, schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.5), SWALR(optimizer, 0.1, 2, "linear")
    decay.step()
    schedule.step()
    assert schedule.get_last_lr() == pytest.approx([0.25])
    twin = SWALR(optimizer, 0.1, 2, "linear")
    twin.load_state_dict(schedule.state_dict())
    twin.step()
    assert twin.get_last_lr() == pytest.approx([0.1])


def test_run_is_continued_by_the_number_of_its_last_step():
    optimizer = optim.SGD([tg.zeros(1, requires_grad=True)], lr=0.5)
    one = SWALR(optimizer, 0.1, 4)
    for _ in range(2):
        one.step()
    again = optim.SGD([tg.zeros(1, requires_grad=True)])
    again.load_state_dict(optimizer.state_dict())
    two = SWALR(again, 0.1, 4, last_epoch=1)
    for _ in range(4):
        assert two.get_last_lr() == pytest.approx(one.get_last_lr(), rel=1e-14)
        one.step()
        two.step()


def test_settings_of_the_schedule_that_are_wrong_are_errors():
    optimizer = optim.SGD([tg.zeros(1, requires_grad=True)])
    with pytest.raises(ValueError, match="expected anneal_strategy 'cos' or 'linear', but got 'sin'"):
        SWALR(optimizer, 0.1, anneal_strategy="sin")
    with pytest.raises(ValueError, match="expected anneal_epochs as a whole number >= 0, but got -1"):
        SWALR(optimizer, 0.1, -1)
    with pytest.raises(ValueError, match="expected one swa_lr, or 1, one for each group, but got 2"):
        SWALR(optimizer, [0.1, 0.2])
