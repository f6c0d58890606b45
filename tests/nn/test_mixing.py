import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.regularization import cutmix, mixup

N, C = 6, 3
RNG = np.random.default_rng(0)
TABLE, IMAGES = RNG.normal(size=(N, 4)), RNG.normal(size=(N, 2, 8, 6))
LABELS = np.array([0, 2, 1, 1, 0, 2])
ONE_HOT = np.eye(C)[LABELS]


def partners(seed, alpha):
    """The share and the order that are drawn: from the beta distribution, then a permutation."""
    rng = np.random.default_rng(seed)
    return (rng.beta(alpha, alpha) if alpha else 1.0), rng.permutation(N)


@given(seed=st.integers(0, 99), alpha=st.sampled_from([0, 0.2, 1.0]))
def test_every_sample_is_blended_with_its_partner_and_so_is_its_target(seed, alpha):
    share, order = partners(seed, alpha)
    for x in (TABLE, IMAGES):
        with tg.random.seeded(seed):
            mixed, targets = mixup(x, LABELS, alpha, num_classes=C)
        for i in range(N):
            np.testing.assert_allclose(mixed[i], share * x[i] + (1 - share) * x[order[i]], rtol=1e-12)
            np.testing.assert_allclose(targets[i], share * ONE_HOT[i] + (1 - share) * ONE_HOT[order[i]], rtol=1e-12)
        np.testing.assert_allclose(targets.sum(-1), 1)


def test_the_loss_of_the_mixed_targets_is_the_mixture_of_both_losses():
    scores = tg.Tensor(RNG.normal(size=(N, C)))
    with tg.random.seeded(3):
        _, targets = mixup(TABLE, LABELS, 1.0, num_classes=C)
    share, order = partners(3, 1.0)
    loss = nn.CrossEntropyLoss()
    wanted = share * loss(scores, LABELS).item() + (1 - share) * loss(scores, LABELS[order]).item()
    assert loss(scores, tg.Tensor(targets)).item() == pytest.approx(wanted)


def test_targets_in_floats_are_blended_as_they_are():
    with tg.random.seeded(1):
        x, y = mixup(TABLE, TABLE[:, 0], 1.0)
    np.testing.assert_allclose(x[:, 0], y)
    with tg.random.seeded(1):
        _, probabilities = mixup(TABLE, ONE_HOT, 1.0)
    with tg.random.seeded(1):
        _, wanted = mixup(TABLE, LABELS, 1.0, num_classes=C)
    np.testing.assert_array_equal(probabilities, wanted)


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_alpha_0_changes_nothing(mix):
    x, y = mix(IMAGES, LABELS, 0, num_classes=C)
    np.testing.assert_array_equal(x, IMAGES)
    np.testing.assert_array_equal(y, ONE_HOT)


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_tensors_give_tensors_float32_stays_float32_and_gradients_flow(mix):
    x = tg.Tensor(IMAGES, dtype="float32", requires_grad=True)
    mixed, targets = mix(x, tg.Tensor(LABELS), num_classes=C)
    assert isinstance(targets, tg.Tensor)
    assert mixed.dtype == targets.dtype == np.float32
    mixed.sum().backward()
    assert x.grad.sum() == pytest.approx(x.size, rel=1e-5)
    arrays = mix(IMAGES.astype(np.float32), LABELS, num_classes=C)
    assert all(isinstance(a, np.ndarray) and a.dtype == np.float32 for a in arrays)


@given(seed=st.integers(0, 99))
def test_a_rectangle_is_pasted_and_the_targets_follow_its_area(seed):
    with tg.random.seeded(seed):
        mixed, targets = cutmix(IMAGES, LABELS, num_classes=C)
    share, order = partners(seed, 1.0)
    pasted = (mixed != IMAGES).any((0, 1))  # (h, w)
    rows, columns = np.flatnonzero(pasted.any(1)), np.flatnonzero(pasted.any(0))
    if pasted.any():
        assert pasted[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert pasted.sum() == (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    for places, size in ((rows, 8), (columns, 6)):
        wanted = size * (1 - share) ** 0.5
        assert len(places) <= wanted + 1
        if len(rows) and len(columns) and places[0] > 0 and places[-1] < size - 1:  # nothing hangs over the edge
            assert len(places) >= wanted - 1
    np.testing.assert_array_equal(mixed, np.where(pasted, IMAGES[order], IMAGES))
    share = 1 - pasted.mean()
    np.testing.assert_allclose(targets, share * ONE_HOT + (1 - share) * ONE_HOT[order])


def test_pixels_in_integers_become_floating():
    x, _ = mixup(np.full((2, 3), 255, np.uint8), np.array([0, 1]), num_classes=2)
    assert x.dtype.kind == "f"
    np.testing.assert_allclose(x, 255)


@pytest.mark.parametrize("mix", [mixup, cutmix])
def test_what_does_not_fit_is_an_error(mix):
    name = mix.__name__
    with pytest.raises(ValueError, match=f"{name}: expected alpha of at least 0, but got -1"):
        mix(IMAGES, LABELS, -1, num_classes=C)
    with pytest.raises(ValueError, match=rf"{name}: expected one target for each sample, .* targets \(5,\)"):
        mix(IMAGES, LABELS[:5], num_classes=C)
    with pytest.raises(ValueError, match=f"{name}: expected num_classes for labels in integers"):
        mix(IMAGES, LABELS)
    with pytest.raises(ValueError, match=rf"{name}: expected labels in 0..1 \(2 classes\), but got 2"):
        mix(IMAGES, LABELS, num_classes=2)


def test_a_rectangle_needs_images():
    with pytest.raises(ValueError, match=r"cutmix: expected images \(n, ..., h, w\), but got shape \(6, 4\)"):
        cutmix(TABLE, LABELS, num_classes=C)
