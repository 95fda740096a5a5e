"""No name whose value is a secret is passed over when lines are picked out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.redaction import names
from confab_sync.redaction.rule import without_possessives
from tests.redaction.maskers import ENGINES, masker

IN_CAPITALS = re.compile(without_possessives(names.RAW_NAME.upper()))
ENVIRONMENT = re.compile(without_possessives(names.ENVIRONMENT))
RAW_NAME = re.compile(without_possessives(f"(?i:{names.RAW_NAME})"))


@pytest.mark.parametrize("kind", [*names.STRONG, *names.WEAK])
@given(data=st.data())
def test_every_name_ends_in_one_that_lines_are_picked_by(kind: str, data: st.DataObject) -> None:
    pattern = without_possessives(f"(?i:(?:{kind}){names.ENDING})")
    made = st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    name = data.draw(made)
    assert any(RAW_NAME.fullmatch(name, start) for start in range(len(name)))
    assert any(IN_CAPITALS.fullmatch(name.upper(), start) for start in range(len(name)))
    assert ENVIRONMENT.fullmatch(f"{name.upper()}=h")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "name",
    [
        *("API_KEY", "APIKEY", "SHARED_KEY", "PRESHARED_KEY", "AWS_SECRET", "ACCESS_TOKEN"),
        *("SECRET_ACCESS_KEY", "PERSONAL_ACCESS_TOKEN", "CONNECTION_STRING", "DB_PASSWORD"),
    ],
)
def test_a_variable_in_capitals_gives_away_a_value_without_a_digit(engine: str, name: str) -> None:
    masked = masker(engine).mask_lines(f"export {name}=hunter".encode()).data
    assert masked == f"export {name}=[REDACTED:SENSITIVE_FIELD]".encode()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "setting",
    [
        *("API_KEY=required", "API_KEY=$SHARED", "SHARED_KEY=your_shared_key", "AUTH_TOKEN=token"),
        *("PUBLIC_KEY=hunter", "SORT_KEY=created", "API_KEY=/run/api", "SESSION_KEY=hunter"),
    ],
)
def test_a_variable_in_capitals_may_hold_what_is_no_secret(engine: str, setting: str) -> None:
    line = f"export {setting}".encode()
    assert masker(engine).mask_lines(line).data is line


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        'token: "private_key": "{}"',
        "secret: 'password': '{}'",
        "next_token: 'secret': 'password': '{}'",
        '"user", "token", "password", "{}"',
        '"auth", "token", "secret", "password", "{}"',
        "<token>password: {}</token>",
        'name="token" value="password={}"',
    ],
)
def test_a_name_that_stands_where_the_value_of_another_would_is_no_cover(
    engine: str, text: str
) -> None:
    secret = "h8Sk2LpQ9zXw7"
    masked = masker(engine).mask_lines(text.format(secret).encode()).data.decode()
    assert secret not in masked
    assert masked.startswith(text[:12])
