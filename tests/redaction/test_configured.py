"""config.json decides what is masked; what it cannot mean stops everything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from confab_sync.errors import ConfigError
from confab_sync.redaction.configured import masker_from
from tests.redaction.maskers import ENGINES, custom, engine

SECRET = "hunt" + "er2x"


def mask(masker: Any, value: object) -> Any:
    return json.loads(masker.mask_lines(json.dumps(value).encode()).data)


@pytest.mark.parametrize("stated", [None, {}, {"enabled": True}, {"patterns": None}])
def test_masking_is_on_unless_it_is_switched_off(stated: dict[str, object] | None) -> None:
    assert mask(masker_from(stated), {"password": SECRET}) != {"password": SECRET}


def test_masking_can_be_switched_off() -> None:
    assert masker_from({"enabled": False}) is None


@pytest.mark.parametrize("name", ENGINES)
def test_a_pattern_masks_in_every_string_by_its_group(name: str) -> None:
    masker = custom(name, {"pattern": "ACME-([0-9]{6})", "type": "acme id", "capture_group": 1})
    value = {"a": ["x ACME-123456 y", 123456], "ACME-654321": json.dumps({"b": "ACME-111111"})}
    assert mask(masker, value) == {
        "a": ["x ACME-[REDACTED:ACME_ID] y", 123456],
        "ACME-[REDACTED:ACME_ID]": json.dumps({"b": "ACME-[REDACTED:ACME_ID]"}),
    }
    assert masker.mask_text("ACME-123456") == "ACME-[REDACTED:ACME_ID]"


@pytest.mark.parametrize("name", ENGINES)
def test_a_pattern_sees_strings_as_they_read_and_one_by_one(name: str) -> None:
    masker = custom(name, {"pattern": '^say "[a-z]{2}"$', "type": "t"})
    value = {"a": 'say "hi"', "b": 'I say "hi"', "c": 12}
    assert mask(masker, value) == {"a": "[REDACTED:T]", "b": 'I say "hi"', "c": 12}


@pytest.mark.parametrize("name", ENGINES)
def test_a_field_pattern_masks_all_that_stands_under_the_field(name: str) -> None:
    masker = custom(name, {"field_pattern": "(?i)^ssn$", "type": "9ssn"})
    value = {
        "SSN": "1-2",
        "ssn": {"x": ["1"], "y": 12},
        "ssn2": "kept",
        "in": json.dumps({"ssn": 7}),
    }
    assert mask(masker, value) == {
        "SSN": "[REDACTED:X9SSN]",
        "ssn": {"x": ["[REDACTED:X9SSN]"], "y": "[REDACTED:X9SSN]"},
        "ssn2": "kept",
        "in": json.dumps({"ssn": "[REDACTED:X9SSN]"}),
    }


@pytest.mark.parametrize("name", ENGINES)
def test_a_field_and_a_pattern_mask_what_matches_in_the_field(name: str) -> None:
    masker = custom(name, {"field_pattern": "^note$", "pattern": "[0-9]{4}", "type": "pin"})
    value = {"note": "pin 1234", "other": "pin 1234"}
    assert mask(masker, value) == {"note": "pin [REDACTED:PIN]", "other": "pin 1234"}


def test_the_users_patterns_come_on_top_of_the_default_ones_or_in_their_place() -> None:
    value = {"password": SECRET, "x": "ACME"}
    pattern: dict[str, object] = {"pattern": "ACME", "type": "a"}
    assert mask(custom("re2", pattern), value) == {"password": SECRET, "x": "[REDACTED:A]"}
    both = mask(custom("re2", pattern, defaults=True), value)
    assert both == {"password": "[REDACTED:SENSITIVE_FIELD]", "x": "[REDACTED:A]"}


def test_a_greedy_pattern_breaks_neither_json_nor_markers() -> None:
    masker = custom(
        "re2", {"pattern": r"(?s).+", "type": "all"}, {"pattern": "[A-Z]+", "type": "u"}
    )
    assert mask(masker, {"a": "some Text", "b": 1}) == {"[REDACTED:ALL]": "[REDACTED:ALL]"} | {
        "[REDACTED:ALL]": 1
    }


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ({"name": "N", "pattern": "("}, "'N' cannot be used"),
        ({"name": "N", "pattern": "(?=x)"}, "'N' cannot be used"),
        ({"pattern": r"(x)\1"}, "number 1"),
        ({"name": "N"}, "neither pattern nor field_pattern"),
        ({"name": "N", "pattern": "x", "capture_group": 1}, "no capture group 1"),
        ({"name": "N", "pattern": "x", "capture_group": -1}, "capture_group"),
        ({"name": "N", "pattern": 7}, "pattern should be a string"),
    ],
)
@pytest.mark.parametrize("name", ENGINES)
def test_a_pattern_that_cannot_be_used_stops_everything(
    name: str, pattern: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint.replace("(", r"\(")):
        custom(name, pattern)


@pytest.mark.parametrize("pattern", ["a+", "(a|b){2,}", r"\pL", "[[:alpha:]]", "(ab)?", "x{1,9}y*"])
def test_without_re2_a_pattern_that_could_be_slow_or_read_otherwise_is_refused(
    pattern: str,
) -> None:
    custom("re2", {"pattern": pattern})
    with pytest.raises(ConfigError, match="google-re2"):
        custom("re", {"pattern": pattern})


@pytest.mark.parametrize(
    "stated",
    [{"enabled": "yes"}, {"use_default_patterns": 1}, {"patterns": {}}, {"patterns": ["x"]}],
)
def test_what_has_the_wrong_type_stops_everything(stated: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        masker_from(stated, engine=engine("re"))
