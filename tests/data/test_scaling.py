import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.golden import case
from tinygrad_edu.data import StandardScaler

samples = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3), elements=st.floats(-100, 100, width=32))


@given(X=samples)
def test_features_get_mean_zero_and_variance_one_and_the_way_back_is_exact(X):
    scaler = StandardScaler()
    scaled = scaler.fit_transform(X)
    varies = np.ptp(X, axis=0) > 1e-3
    np.testing.assert_allclose(scaled.mean(axis=0)[varies], 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=0)[varies], 1, atol=1e-4)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, atol=1e-10)


def test_test_data_are_normalized_with_the_training_statistics_as_in_the_course():
    normalize = case("normalize.inputs")
    train, test = (np.array(normalize.inputs[name]) for name in ("train_rows", "test_rows"))
    scaler = StandardScaler().fit(train)
    normalize.check(
        {
            "mu": scaler.mean,
            "sigma": scaler.std,
            "train": scaler.transform(train),
            "test": scaler.transform(test),
        }
    )


def test_normalized_features_make_the_contours_of_the_loss_round():
    """The condition number of X^T X / m, the Hessian of a squared loss, on a grid of 41 x 41 samples."""
    condition = case("normalize.condition")
    axes = [np.linspace(*condition.inputs[name], 41) for name in ("x1", "x2")]
    X = np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=1)
    scaler = StandardScaler().fit(X)
    condition.check(
        {
            "before": np.linalg.cond((X - scaler.mean).T @ (X - scaler.mean)),
            "after": np.linalg.cond(scaler.transform(X).T @ scaler.transform(X)),
        }
    )


def test_a_feature_that_never_varies_becomes_zero():
    scaler = StandardScaler().fit([[0.1, 1], [0.1, 2], [0.1, 3]])
    assert scaler.std[0] == 1
    np.testing.assert_allclose(scaler.transform([[0.1, 2], [1.1, 2]]), [[0, 0], [1, 0]], atol=1e-7)


def test_floating_samples_keep_their_dtype_and_counts_take_the_default():
    for dtype, wanted in [(np.float32, np.float32), (np.float64, np.float64), (np.uint8, np.float32)]:
        assert StandardScaler().fit_transform(np.array([[1], [2]], dtype)).dtype == wanted


def test_samples_are_left_unchanged():
    X = np.array([[1.0], [3.0]])
    StandardScaler().fit_transform(X)
    assert X.tolist() == [[1], [3]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_an_error_that_says_where(bad):
    X = np.array([[1.0, 2.0], [3.0, bad]])
    with pytest.raises(ValueError, match=rf"fit: expected finite numbers, but got {bad} at \[1, 1\]"):
        StandardScaler().fit(X)
    with pytest.raises(ValueError, match=r"StandardScaler.transform: expected finite"):
        StandardScaler().fit(np.ones((2, 2))).transform(X)


def test_transform_before_fit_is_an_error():
    with pytest.raises(RuntimeError, match=r"Call fit\(X_train\) first"):
        StandardScaler().transform([[1.0]])


def test_samples_of_another_shape_are_an_error():
    scaler = StandardScaler().fit(np.ones((4, 3)))
    with pytest.raises(ValueError, match=r"samples of shape \(3,\) as in fit, but got \(2,\) \(array \(4, 2\)\)"):
        scaler.transform(np.ones((4, 2)))
    with pytest.raises(ValueError, match="at least one sample"):
        scaler.fit(np.ones((0, 3)))


def test_repr_says_whether_it_was_fitted():
    assert repr(StandardScaler()) == "StandardScaler(not fitted)"
    assert repr(StandardScaler().fit(np.ones((4, 3)))) == "StandardScaler(features (3,))"
