import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.train import EarlyStopping


def run(values, **options):
    """The epochs that were run, the watcher, and the epoch whose weights the model has in the end."""
    model = nn.Linear(1, 1, bias=False)
    with EarlyStopping(model, **options) as stopping:
        for epoch, value in enumerate(values):
            nn.init.constant_(model.weight, epoch)
            if stopping.step(value):
                break
    return epoch + 1, stopping, model.weight.item()


def test_the_weights_of_the_lowest_point_of_the_dev_error_are_kept():
    golden = case("early_stopping")
    epochs, stopping, weight = run(golden.inputs["dev_error"], patience=2)
    golden.check(stopping.best_epoch)
    golden.check(weight)
    assert epochs == 6
    assert stopping.best_value == min(golden.inputs["dev_error"])


def test_the_best_weights_come_back_also_when_the_loop_ends_by_itself_or_by_an_error():
    assert run([3.0, 1.0, 2.0])[2] == 1
    model = nn.Linear(1, 1, bias=False)

    def train():
        with EarlyStopping(model) as stopping:
            nn.init.constant_(model.weight, 7.0)
            stopping.step(1.0)
            nn.init.constant_(model.weight, 8.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train()
    assert model.weight.item() == 7


def test_who_stops_when_told_to_has_the_best_weights_also_without_a_block():
    model = nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(model, patience=2)
    for epoch, value in enumerate([3.0, 1.0, 2.0, 2.0, 0.0]):
        nn.init.constant_(model.weight, epoch)
        if stopping.step(value):
            break
    assert (epoch, model.weight.item()) == (3, 1)


def test_buffers_come_back_with_the_weights():
    model = nn.BatchNorm1d(1)
    with EarlyStopping(model) as stopping:
        stopping.step(1.0)
        model(tg.Tensor([[5.0], [7.0]]))
    assert model.running_mean.item() == 0
    assert model.num_batches_tracked.item() == 0


def test_patience_counts_epochs_since_the_best():
    assert run([3, 2, 2, 1, 1, 1, 1, 1], patience=2)[0] == 6
    assert run([3, 2, 2, 1, 1, 1, 1, 1], patience=1)[0] == 3


def test_an_improvement_must_exceed_min_delta():
    epochs, stopping, _ = run([1.0, 0.95, 0.89, 0.8], min_delta=0.1, patience=3)
    assert stopping.best_epoch == 2
    assert epochs == 4


def test_accuracies_are_watched_for_their_maximum():
    _, stopping, weight = run([0.5, 0.9, 0.8], mode="max")
    assert stopping.best_epoch == weight == 1


def test_a_run_of_nan_stops_and_leaves_the_weights():
    epochs, stopping, weight = run([float("nan")] * 9, patience=3)
    assert (epochs, stopping.best_epoch, weight) == (3, None, 2)


def test_settings_that_make_no_sense_are_errors():
    model = nn.Linear(1, 1)
    for options, message in (
        ({"patience": 0}, "expected a patience of at least 1 epoch, but got 0"),
        ({"min_delta": -1.0}, "expected min_delta of at least 0, but got -1.0"),
        ({"mode": "best"}, "expected mode 'min' or 'max', but got 'best'"),
    ):
        with pytest.raises(ValueError, match=f"EarlyStopping: {message}"):
            EarlyStopping(model, **options)


def test_resumed_watcher_goes_on_where_it_was(tmp_path):
    values = [0.5, 0.3, 0.4, 0.35, 0.6, 0.7]
    one, two = (EarlyStopping(nn.Linear(1, 1, bias=False), patience=3) for _ in range(2))
    for stopping, first in ((one, values), (two, values[:3])):
        for value in first:
            nn.init.constant_(stopping.model.weight, value)
            stopping.step(value)
    tg.save(two.state_dict(), tmp_path / "file")
    three = EarlyStopping(nn.Linear(1, 1, bias=False), patience=3)
    three.load_state_dict(tg.load(tmp_path / "file"))
    assert [three.step(value) for value in values[3:]] == [False, True, True]
    assert (three.best_epoch, three.best_value) == (one.best_epoch, one.best_value) == (1, 0.3)
    three.restore()
    assert three.model.weight.item() == pytest.approx(0.3)
    with pytest.raises(ValueError, match="but there is no best_epoch, best_state. Load what state_dict"):
        three.load_state_dict({"best_value": 1.0, "epochs": 3})
