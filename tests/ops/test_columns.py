"""However the work of a convolution is divided, the result is the same."""

import numpy as np
import pytest
from hypothesis import given

from tests.ops.rows_convolution import by_definition, geometries, image, kernel_of
from tinygrad_edu import threads
from tinygrad_edu.ops import columns
from tinygrad_edu.ops.convolution import conv, conv_image, conv_kernel


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("block", [1, 2000, 1 << 20], ids="block {}".format)
@pytest.mark.parametrize("short", [1, 3, 128], ids="short {}".format)
@pytest.mark.parametrize("small", [0, 1 << 24], ids="small {}".format)
@given(shape=geometries())
def test_blocks_parts_of_lines_and_threads_make_no_difference(block, short, small, shape):
    size, kernel, how = shape
    x, w, b = numbers(3, 4, *size), numbers(6, 2, *kernel, seed=1), numbers(6, seed=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "BLOCK", block)
        patch.setattr(columns, "SHORT", short)
        patch.setattr(columns, "SMALL", small)
        patch.setattr(threads, "cores", lambda: 2)
        y = conv(x, w, b, groups=2, **how)
        np.testing.assert_allclose(y, by_definition(x, w, b, groups=2, **how), atol=1e-12)
        np.testing.assert_allclose(
            conv_image(y, w, size, groups=2, **how), image(y, w, size, groups=2, **how), atol=1e-9
        )
        found, wanted = (f(x, y, kernel, groups=2, **how) for f in (conv_kernel, kernel_of))
        np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_columns_of_a_large_image_are_made_in_parts(monkeypatch):
    lengths = []
    spread = columns._Block.spread

    def noted(block, first, length):
        lengths.append(block.columns.nbytes)
        return spread(block, first, length)

    monkeypatch.setattr(columns._Block, "spread", noted)
    y = conv(np.ones((1, 8, 100, 100), np.float32), np.ones((1, 8, 3, 3), np.float32))
    assert len(lengths) > 1
    assert max(lengths) <= 1.1 * columns.BLOCK
    assert (y == 72).all()
