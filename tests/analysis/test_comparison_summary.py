import io
import json
import math

import pytest
from hypothesis import given, settings

from gilscope.analysis.comparison_summary import summarise_comparison
from gilscope.cli.plain import print_json
from gilscope.model.comparison import FAILED, Mode, Outcome
from gilscope.model.states import STATES
from tests.analysis import compared
from tests.analysis.any_comparison import comparisons
from tests.analysis.compared import primes
from tests.analysis.outcomes import a_comparison, an_outcome, sequential

CONTRACT = {"schema", "work", "tasks", "workers", "cores", "modes", "verdict"}
OF_MODE = {
    "mode",
    "python",
    "ok",
    "error",
    "wall",
    "startup",
    "speedup",
    "efficiency",
    "cpu",
    "cores_used",
    "memory_mb",
    "results_equal",
    "gil",
    "states",
}


def as_json(comparison):
    file = io.StringIO()
    print_json(summarise_comparison(comparison), file)

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads(file.getvalue(), parse_constant=refuse)


def test_the_summary_has_every_field_of_the_contract():
    told = as_json(primes())
    assert set(told) >= CONTRACT
    for mode in told["modes"]:
        assert set(mode) >= OF_MODE
        assert set(mode["gil"]) >= {"enabled", "load", "switches_per_s"}
        assert list(mode["states"]) == [state.value for state in STATES]
    assert set(told["verdict"]) == {"best", "text", "evidence"}


def test_figures_are_told_in_seconds_megabytes_and_multiples():
    told = as_json(primes())
    assert (told["schema"], told["work"], told["tasks"]) == (1, "primes", 8)
    _, threads, processes = told["modes"]
    assert threads["mode"] == threads["label"] == "threads"
    assert threads["python"] == "3.12.1"
    assert threads["wall"] == 4.1
    assert threads["speedup"] == 0.9756
    assert threads["efficiency"] == 0.4878
    assert threads["gil"] == {
        "enabled": True,
        "load": 2.0,
        "switches_per_s": 190.0,
        "held": 0.995,
        "waiting": 1.0,
    }
    assert threads["states"]["wait"] == 0.5
    assert processes["memory_mb"] == 52.0
    assert processes["cores_used"] == 1.9286
    assert processes["method"] == "fork"
    assert told["verdict"]["best"] == "processes"


def test_what_is_not_known_is_null():
    (mode,) = as_json(a_comparison(Outcome(Mode("threads"))))["modes"]
    for name in OF_MODE - {"mode", "ok", "gil", "states"}:
        assert mode[name] is None
    assert set(mode["gil"].values()) == {None}
    assert set(mode["states"].values()) == {None}
    assert mode["ok"] is False


def test_a_mode_that_failed_keeps_what_it_did_and_says_why():
    failed = an_outcome("threads", 4.0, 4.2, condition=FAILED, error="It broke.", fix="Mend it.")
    mode = as_json(a_comparison(sequential(), failed, repeat=5))["modes"][1]
    assert (mode["ok"], mode["error"], mode["fix"]) == (False, "It broke.", "Mend it.")
    assert (mode["walls"], mode["wall_min"], mode["wall_max"]) == ([4.0, 4.2], 4.0, 4.2)


def test_wrong_results_have_no_speed_up():
    mode = as_json(compared.counter())["modes"][2]
    assert (mode["ok"], mode["results_equal"], mode["speedup"]) == (False, False, None)
    assert mode["unequal"] == "The counter is 0 in place of 8000."


def test_the_best_is_called_by_a_label_that_no_other_mode_has():
    told = as_json(compared.free_threaded())
    assert told["verdict"]["best"] == "threads 3.13.5t"
    assert [each["mode"] for each in told["modes"] if each["label"] == "threads 3.13.5t"] == [
        "threads"
    ]


def test_it_is_not_clear_which_is_best():
    assert as_json(compared.pools())["verdict"]["best"] is None


@pytest.mark.parametrize("case", compared.CASES)
def test_shares_add_up_to_one(case):
    for mode in as_json(case())["modes"]:
        shares = [share for share in mode["states"].values() if share is not None]
        assert not shares or math.isclose(sum(shares), 1.0, abs_tol=1e-9)


@settings(max_examples=60, deadline=None)
@given(comparisons())
def test_any_comparison_is_valid_json(comparison):
    told = as_json(comparison)
    labels = [mode["label"] for mode in told["modes"]]
    best = told["verdict"]["best"]
    assert best is None or told["modes"][labels.index(best)]["ok"]
