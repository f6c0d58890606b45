"""Bad input gives an error that says what was expected, what came and what to do, or the documented result."""

import re

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor, nn, optim
from tinygrad_edu.nn import functional as F


def ones(*shape):
    return Tensor(np.ones(shape, np.float32), requires_grad=True)


def says(kind, *parts):
    """An error of this kind whose text has these parts, in order."""
    return pytest.raises(kind, match="(?s)" + ".*".join(map(re.escape, parts)))


# ---- shapes that do not fit ----


@pytest.mark.parametrize(
    ("a", "b", "parts"),
    [
        ((32, 784), (10, 784), ["last axis of a must match the second-to-last of b", "a (32, 784) and b (10, 784)",
                                "784 != 10", "b.mT has shape (784, 10) and would fit"]),
        ((3, 2), (3, 4), ["a (3, 2) and b (3, 4): 2 != 3", "a.mT has shape (2, 3) and would fit"]),
        ((3,), (4,), ["the only axis of b", "a (3,) and b (4,): 3 != 4"]),
        ((2, 3, 4), (5, 4, 3), ["leading axes", "a (2,) and b (5,): 2 != 5"]),
        ((3,), (), ["at least one axis", "Use `*` for a number"]),
    ],
)  # fmt: skip
def test_matrices_that_do_not_fit(a, b, parts):
    with says(ValueError, "matmul", *parts):
        ones(*a) @ ones(*b)


@pytest.mark.parametrize("make", [ones, lambda *shape: np.ones(shape)])
def test_shapes_that_do_not_broadcast(make):
    with says(ValueError, "add: expected shapes that broadcast together, but got a (2, 3) and b (4,)", "reshape"):
        make(2, 3) + ones(4)


def test_an_in_place_result_of_another_shape():
    with says(ValueError, "+=: expected a result of the tensor's own shape (2,), but got (2, 2)", "Write t = "):
        t = Tensor([1.0, 2.0])
        t += np.ones((2, 2))
    with says(ValueError, "+=: expected a result of the tensor's own shape (2,), but got (2, 2)", "Write t = "):
        t = ones(2) * 1
        t += np.ones((2, 2))


def test_linear_with_other_features():
    with says(ValueError, "Linear: expected an input with in_features=3 as its last axis, but got shape (4, 5)"):
        nn.Linear(3, 2)(ones(4, 5))


def test_batch_norm_with_other_features():
    with says(ValueError, "BatchNorm1d: expected an input of shape (n, 3) or (n, 3, l), but got shape (4, 2)"):
        nn.BatchNorm1d(3)(ones(4, 2))


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.binary_cross_entropy, F.binary_cross_entropy_with_logits])
def test_a_target_of_another_shape(loss):
    """NumPy would broadcast (4, 1) and (4,) to (4, 4), and give a wrong number."""
    with says(ValueError, loss.__name__, "input and target of one shape", "(4, 1)", "(4,)", "Reshape"):
        loss(tg.sigmoid(ones(4, 1)), Tensor(np.zeros(4)))


def test_labels_and_scores_of_different_batches():
    with says(ValueError, "cross_entropy: expected one label for each sample, shape (4,), but got shape (3,)"):
        F.cross_entropy(ones(4, 3), [0, 1, 2])


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("weight", [[1.0, 2.0], [1.0, 2.0, 3.0, 4.0], 1.0, [[1.0, 2.0, 3.0]]])
def test_class_weights_that_are_not_one_for_each_class(loss, weight):
    with says(ValueError, loss.__name__, "expected one weight for each of 3 classes, shape (3,), but got shape"):
        loss(ones(2, 3), [0, 1], weight=weight)


@pytest.mark.parametrize("shape", [(3, 1), (2, 3), (2,)])
@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("binary_cross_entropy", "weight"),
        ("binary_cross_entropy_with_logits", "weight"),
        ("binary_cross_entropy_with_logits", "pos_weight"),
    ],
)
def test_a_weight_that_would_multiply_the_losses(name, argument, shape):
    """A weight of (3, 1) for losses of (3,) would make nine of them."""
    with says(ValueError, f"{name}: expected a {argument} that broadcasts to the losses' shape (3,), but got shape"):
        getattr(F, name)(Tensor([0.2, 0.3, 0.4]), Tensor([0.0, 1.0, 1.0]), **{argument: np.ones(shape)})


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda: ones(2, 3).reshape(4, 2), ["reshape", "6 elements", "(4, 2)"]),
        (lambda: ones(2, 3).sum(2), ["sum: expected an axis in -2..1, but got axis 2"]),
        (lambda: tg.concatenate([ones(2, 3), ones(2, 2)]), ["concatenate", "3 != 2 on axis 1"]),
        (lambda: tg.einsum("ij,jk->ik", ones(2, 3), ones(4, 5)), ["einsum", "'ij,jk->ik'", "'j' is 3, and 4"]),
    ],
)
def test_arrangements_that_do_not_fit(call, parts):
    with says(ValueError, *parts):
        call()


def test_no_array_at_all():
    with says(TypeError, "matmul: expected a Tensor, an array or a number as b, but got None"):
        tg.matmul(ones(3), None)


def test_a_fraction_assigned_to_whole_numbers():
    t = Tensor([1, 2])
    for value in (2.7, np.array(2.7), Tensor(2.7)):
        with says(TypeError, "setitem: expected a value that fits into int64, but got", "t.astype('float32')"):
            t[0] = value
    assert t.tolist() == [1, 2]


@pytest.mark.parametrize("dtype", [complex, str, object])
def test_conversion_to_what_is_no_real_number(dtype):
    with says(TypeError, "astype: expected a floating, integer or boolean dtype, but got"):
        ones(2).astype(dtype)


def test_an_index_out_of_range():
    with says(IndexError, "getitem: expected an index in -3..2 for axis 0 of shape (3,), but got 5"):
        ones(3)[5]


# ---- backward ----


def test_backward_of_several_numbers_wants_a_gradient():
    with says(ValueError, "backward: expected a scalar, but this tensor has shape (3,)", "t.mean().backward()"):
        (ones(3) * 2).backward()


@pytest.mark.parametrize("gradient", [[1.0, 2.0], 1.0, np.ones((1, 3))])
def test_a_gradient_of_another_shape(gradient):
    with says(ValueError, "backward: expected a gradient of this tensor's shape (3,), but got shape"):
        (ones(3) * 2).backward(gradient)


@pytest.mark.parametrize("gradient", ["text", 1j])
def test_a_gradient_that_is_no_number(gradient):
    with says(TypeError, "expected real numbers, but got"):
        (ones(1) * 2).backward(gradient)


@pytest.mark.parametrize("data", [2, [1, 2], True, np.arange(10)])
def test_whole_numbers_have_no_gradient(data):
    with says(TypeError, "requires_grad: expected a floating dtype, but got", "write 2.0 for 2"):
        Tensor(data, requires_grad=True)


@pytest.mark.parametrize("make", [lambda: Tensor(1.0), lambda: Tensor(1.0) * 2, lambda: ones(1).detach()])
def test_backward_without_a_history(make):
    with says(RuntimeError, "backward: expected a tensor with a history", "requires_grad=True", "outside no_grad()"):
        make().backward()


def test_backward_of_what_was_computed_without_recording():
    x = ones(1)
    with tg.no_grad():
        y = x * 2
    with says(RuntimeError, "backward: expected a tensor with a history"):
        y.backward()
    assert x.grad is None


def test_a_tensor_with_a_history_is_not_made_an_array_silently():
    with says(TypeError, "requires grad, and an array would lose it silently", "t.detach().numpy()"):
        np.asarray(ones(2) * 2)


# ---- labels, targets and probabilities ----


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize(("labels", "found"), [([0, 3], "3 at index 1"), ([-1, 0], "-1 at index 0")])
def test_a_label_that_is_no_class(loss, labels, found):
    with says(ValueError, f"{loss.__name__}: expected labels in 0..2 (3 classes), but got {found}"):
        loss(ones(2, 3), labels)


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("labels", [[0.0, 1.0], [0.5, np.nan], [True, False]])
def test_labels_of_the_wrong_type(loss, labels):
    with says(TypeError, f"{loss.__name__}: expected integer labels, but got", "labels.astype('int64')"):
        loss(ones(2, 3), Tensor(labels))


def test_labels_that_are_text():
    with says(TypeError, "expected real numbers, but got"):
        F.cross_entropy(ones(2, 3), ["cat", "dog"])


def test_one_hot_of_what_is_no_label():
    with says(ValueError, "one_hot: expected labels in 0..2 (3 classes), but got 4 at index 1"):
        tg.one_hot([0, 4], 3)
    with says(TypeError, "one_hot: expected integer labels, but got float32"):
        tg.one_hot(Tensor([0.5]))


@pytest.mark.parametrize("p", [1.2, -0.1, np.nan])
def test_a_probability_out_of_range(p):
    with says(ValueError, "binary_cross_entropy: expected probabilities in 0..1, but got", "at index 1", "sigmoid"):
        F.binary_cross_entropy(Tensor([0.2, p]), Tensor([0.0, 1.0]))


@pytest.mark.parametrize("loss", [F.binary_cross_entropy, F.binary_cross_entropy_with_logits])
@pytest.mark.parametrize("t", [2.0, -1.0, np.nan])
def test_a_target_that_is_no_probability(loss, t):
    with says(ValueError, loss.__name__, "expected targets in 0..1, but got", "at index 1"):
        loss(Tensor([0.2, 0.3]), Tensor([0.0, t]))


def test_class_probabilities_of_nan():
    with says(ValueError, "cross_entropy: expected class probabilities in 0..1, but got nan at index (0, 0)"):
        F.cross_entropy(ones(1, 2), Tensor([[np.nan, 1.0]]))


def test_a_target_of_nan_makes_the_squared_loss_nan():
    assert np.isnan(F.mse_loss(ones(2), Tensor([0.0, np.nan])).item())


@pytest.mark.parametrize("p", [1.5, -0.1, float("nan")])
def test_a_dropout_rate_out_of_range(p):
    with says(ValueError, "Dropout: expected a probability p in 0..1, but got"):
        nn.Dropout(p)


def test_a_reduction_that_is_none():
    with says(ValueError, "cross_entropy: expected reduction='mean', 'sum' or 'none', but got 'avg'"):
        F.cross_entropy(ones(2, 3), [0, 1], reduction="avg")


# ---- empty batches ----


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("cross_entropy", lambda **k: F.cross_entropy(ones(0, 3), np.zeros(0, int), **k)),
        ("mse_loss", lambda **k: F.mse_loss(ones(0, 3), np.zeros((0, 3)), **k)),
        ("binary_cross_entropy", lambda **k: F.binary_cross_entropy(tg.sigmoid(ones(0)), np.zeros(0), **k)),
    ],
)
def test_the_mean_loss_of_an_empty_batch_is_nan_and_the_sum_is_zero(name, loss):
    mean, total = loss(), loss(reduction="sum")
    assert np.isnan(mean.item())
    assert total.item() == 0
    for result in (mean, total):
        result.backward()


def test_layers_take_an_empty_batch():
    x = ones(0, 3)
    y = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2))(x)
    assert tg.softmax(y).shape == (0, 2)
    y.sum().backward()
    assert x.grad.shape == (0, 3)


def test_batch_norm_cannot_train_on_a_single_sample():
    with pytest.raises(ValueError, match=r"expected .* but got shape \(1, 3\)"):
        nn.BatchNorm1d(3)(ones(1, 3))
    assert nn.BatchNorm1d(3).eval()(ones(1, 3)).shape == (1, 3)


def test_the_largest_of_nothing():
    with says(ValueError, "max: expected at least one element", "(0, 3)"):
        ones(0, 3).max()


# ---- optimizers and state dicts ----

OPTIMIZERS = [optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("lr", [-0.1, float("nan")])
def test_a_negative_learning_rate(optimizer, lr):
    with says(ValueError, f"{optimizer.__name__}: expected lr >= 0, but got {lr}"):
        optimizer([ones(2)], lr=lr)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_without_parameters(optimizer):
    with says(ValueError, f"{optimizer.__name__}: expected at least one parameter, but got none", "model.parameters()"):
        optimizer([], lr=0.1)


@pytest.mark.parametrize(
    ("parameters", "parts"),
    [
        (ones(2), ["expected a list of tensors or groups, but got a Tensor, shape (2,)", "[w]"]),
        ([np.ones(2)], ["expected Tensors, but parameter 0 of group 0 is ndarray", "requires_grad=True"]),
    ],
)
def test_parameters_that_are_none(parameters, parts):
    with says(TypeError, "SGD", *parts):
        optim.SGD(parameters, lr=0.1)


def test_a_parameter_given_twice():
    w = ones(2)
    with says(ValueError, "SGD: expected every parameter once, but parameter 1 of group 0, shape (2,), came before"):
        optim.SGD([w, w], lr=0.1)


def test_a_state_dict_that_does_not_fit_is_reported_whole_and_changes_nothing():
    layer = nn.Linear(2, 2)
    before = layer.state_dict()
    with says(ValueError, "load_state_dict", "missing 'bias'", "unexpected 'x'", "'weight' has shape (3, 2)", "(2, 2)"):
        layer.load_state_dict({"weight": np.ones((3, 2)), "x": np.ones(1)})
    for name, array in layer.state_dict().items():
        assert (array == before[name]).all()


def test_a_state_dict_of_another_optimizer():
    with says(ValueError, "SGD.load_state_dict: expected", "Load what state_dict() returned"):
        optim.SGD([ones(2)], lr=0.1).load_state_dict({})


# ---- one number, wanted of several ----


@pytest.mark.parametrize(("convert", "name"), [(bool, "bool"), (Tensor.item, "item"), (float, "item")])
def test_a_single_number_of_several(convert, name):
    with says(ValueError, f"{name}: expected a single element, but this tensor has shape (2,)"):
        convert(ones(2))
