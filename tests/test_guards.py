"""The guard of conftest.py is seen to fail: what it must catch, and what it must leave alone."""

import gc

import pytest

from tests.leaks import in_cycles


class Node:
    """Stands for any class of the package."""

    __module__ = "tinygrad_edu.somewhere"

    def __init__(self, *inputs):
        self.inputs = inputs


@pytest.fixture
def garbage():
    """What the collector finds when a function has returned."""

    def collect(function):
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            function()
            gc.collect()
            return [type(each).__name__ for each in in_cycles(gc.garbage)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.collect()

    return collect


def test_an_object_of_the_package_in_a_cycle_is_found(garbage):
    def knot():
        a = Node()
        a.inputs = (Node(a, Node()),)

    assert garbage(knot) == ["Node", "Node"]


def test_a_cycle_through_a_closure_is_found(garbage):
    def knot():
        a = Node()
        a.backward = lambda: a

    assert garbage(knot) == ["Node"]


def test_a_chain_without_a_cycle_leaves_no_garbage(garbage):
    def chain():
        a = Node()
        for _ in range(100):
            a = Node(a, a)

    assert garbage(chain) == []


def test_an_error_of_the_package_is_no_leak_when_its_traceback_leads_back_to_it(garbage):
    class Mistake(ValueError):
        __module__ = "tinygrad_edu.somewhere"

    def fail():
        try:
            raise Mistake
        except Mistake as error:
            kept = error
            assert kept.__traceback__.tb_frame.f_locals["kept"] is kept

    assert garbage(fail) == []


def test_what_the_traceback_of_an_expected_error_holds_is_no_leak(garbage):
    def fail():
        a = Node(Node())
        try:
            raise ValueError(a.inputs)
        except ValueError as error:
            kept = error
            assert kept.__traceback__.tb_frame.f_locals["kept"] is kept

    assert garbage(fail) == []
