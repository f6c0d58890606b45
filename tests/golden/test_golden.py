import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.golden import case, cases


def test_every_case_of_the_course_is_here_once():
    assert len(cases()) == 161


def test_check_accepts_what_is_within_the_tolerance_and_nothing_else():
    softmax = case("normalize.inputs")
    softmax.check(np.array([3.0, 500.0 + 1e-13]), "mu")
    softmax.check({"mu": [3.0, 500.0]})
    with pytest.raises(AssertionError, match="normalize.inputs"):
        softmax.check([3.0, 500.1], "mu")
    with pytest.raises(AssertionError, match="shape"):
        softmax.check([[3.0, 500.0]], "mu")
    with pytest.raises(AssertionError, match="nothing to compare"):
        softmax.check({})


def test_check_compares_truth_values_and_ranges():
    case("poly.ridge").check({"norms_decrease": True})
    with pytest.raises(AssertionError, match="norms_decrease"):
        case("poly.ridge").check({"norms_decrease": False})
    case("dropout.mean_kept").check_between(1.0)
    with pytest.raises(AssertionError, match=r"0.995..1.005"):
        case("dropout.mean_kept").check_between(0.9)


def test_expected_values_are_finite():
    def numbers(value):
        if isinstance(value, dict | list):
            for part in value.values() if isinstance(value, dict) else value:
                yield from numbers(part)
        elif isinstance(value, int | float):
            yield value

    for each in cases().values():
        assert np.isfinite(list(numbers(each.expected))).all(), each.id
        assert json.dumps(each.inputs), each.id


# Parts of the course that the package does not cover yet.
LATER = ("curse.", "diagnose", "hoeffding", "hyper.beta", "hyper.integer", "hyper.linear", "hyper.log")


def test_every_case_is_used_by_a_test_or_its_part_is_still_to_come():
    tests = [path for path in Path(__file__).parent.parent.rglob("test_*.py") if path != Path(__file__)]
    texts = [path.read_text(encoding="utf-8") for path in tests]
    named = {name for text in texts for name in re.findall(r'"([\w.+-]+)"', text)}
    families = tuple(start for text in texts for start in re.findall(r'(?:case\(f"|id\.startswith\(")([\w.]+)', text))
    unused = {id for id in cases() if id not in named and not id.startswith(families)}
    assert sorted(id for id in unused if not id.startswith(LATER)) == []
    assert [part for part in LATER if not any(id.startswith(part) for id in unused)] == [], "no longer to come"
