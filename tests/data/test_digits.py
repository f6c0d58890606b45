import numpy as np

from tinygrad_edu import data
from tinygrad_edu.data import load_digits


def test_digits_are_images_and_labels_of_documented_shape_and_range():
    images, labels = load_digits()
    assert (images.shape, images.dtype) == ((1797, 8, 8), np.uint8)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    assert (images.min(), images.max()) == (0, 16)


def test_digits_are_the_file_of_the_repository():
    """Counts per class and the total ink, as in the copy that scikit-learn ships."""
    images, labels = load_digits()
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert images.sum(dtype=int) == 561718
    assert images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_every_call_gives_arrays_of_its_own():
    load_digits().images[:] = 0
    assert load_digits().images.any()


def test_source_and_licence_lie_beside_the_file():
    from importlib import resources

    text = resources.files(data).joinpath("LICENSE-digits.txt").read_text()
    assert "10.24432/C50P49" in text
    assert "CC BY 4.0" in text
