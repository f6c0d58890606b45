"""no_grad and enable_grad: blocks and decorators, nested, raised through, in generators, threads and tasks."""

import asyncio
import threading

import pytest

import tinygrad_edu as tg


@pytest.fixture
def x():
    return tg.Tensor(1.0, requires_grad=True)


def test_blocks_nest_and_end(x):
    with tg.no_grad():
        assert not (x * 2).requires_grad
        with tg.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_one_object_may_be_entered_again(x):
    block = tg.no_grad()
    with block, block:
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_an_error_ends_the_block(x):
    with pytest.raises(KeyError), tg.no_grad():
        raise KeyError
    assert tg.is_grad_enabled()


def test_decorated_functions(x):
    @tg.no_grad()
    def f(n):
        return x * n if n < 2 else f(n - 1)

    assert f.__name__ == "f"
    assert not f(3).requires_grad
    assert tg.is_grad_enabled()


def test_a_decorated_generator_does_not_leak_into_its_caller(x):
    @tg.no_grad()
    def numbers():
        got = yield (x * 1).requires_grad
        while got is not None:
            got = yield got, (x * 1).requires_grad
        return "done"

    running = numbers()
    assert next(running) is False
    assert tg.is_grad_enabled()
    assert (x * 1).requires_grad
    assert running.send("a") == ("a", False)
    with pytest.raises(StopIteration) as stop:
        running.send(None)
    assert stop.value.value == "done"


def test_a_decorated_generator_gets_errors_and_is_closed():
    ended = []

    @tg.no_grad()
    def numbers():
        try:
            yield 1
        except KeyError:
            yield tg.is_grad_enabled()
        finally:
            ended.append(tg.is_grad_enabled())

    running = numbers()
    next(running)
    assert running.throw(KeyError()) is False
    running.close()
    assert ended == [False]


def test_a_decorated_coroutine(x):
    @tg.no_grad()
    async def f():
        await asyncio.sleep(0)
        return (x * 2).requires_grad

    async def both():
        return await asyncio.gather(f(), asyncio.sleep(0, tg.is_grad_enabled()))

    assert asyncio.run(both()) == [False, True]


@pytest.mark.parametrize("block", [tg.no_grad, tg.enable_grad])
def test_a_decorator_needs_no_parentheses(x, block):
    @block
    def f(factor, plus=0.0):
        """Linear."""
        return x * factor + plus

    outside = tg.enable_grad if block is tg.no_grad else tg.no_grad
    with outside():
        y = f(2.0, plus=1.0)
        assert tg.is_grad_enabled() is (outside is tg.enable_grad)
    assert y.requires_grad is (block is tg.enable_grad)
    assert (y.item(), f.__name__, f.__doc__) == (3.0, "f", "Linear.")


def test_threads_do_not_share_the_flag(x):
    found = []
    with tg.no_grad():
        thread = threading.Thread(target=lambda: found.append((x * 2).requires_grad))
        thread.start()
        thread.join()
    assert found == [True]
