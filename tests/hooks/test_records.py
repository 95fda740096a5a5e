from __future__ import annotations

import datetime
from typing import Any

from confab_sync import quickjson
from confab_sync.claude.payload import Payload
from confab_sync.hooks.records import end_record, moved_record, start_record
from confab_sync.presence.life import fold
from confab_sync.process import Identity

ADA = Identity(10, "1", "boot", "ns")


def payload(**fields: Any) -> Payload:
    return Payload("s", "/p/s.jsonl", "/cwd", "Event", fields)


def test_the_records_of_a_session_tell_its_life() -> None:
    life = fold([start_record(payload(), ADA, "/p")])
    assert (life.parents, life.transcript_path, life.cwd) == ({ADA}, "/p/s.jsonl", "/cwd")
    assert life.directories == {"/cwd", "/p"}
    assert fold([moved_record(payload())]).transcript_path == "/p/s.jsonl"
    life = fold([start_record(payload(), ADA, "/p"), end_record(payload(), ADA)])
    assert life.deserted
    assert life.transcript_path == "/p/s.jsonl"


def test_who_is_not_known_is_not_named() -> None:
    assert start_record(payload(), None, "/p")["parent"] is None
    assert fold([start_record(payload(), None, "/p")]).unnamed_parent


def test_every_field_of_the_go_clis_record_is_present_even_if_empty() -> None:
    empty = end_record(payload(reason=7), None)["hook_input"]
    assert empty["permission_mode"] == ""
    assert empty["reason"] == ""
    full = end_record(payload(reason="clear", permission_mode="plan"), None)["hook_input"]
    assert (full["reason"], full["permission_mode"]) == ("clear", "plan")


def test_records_can_be_written_and_carry_their_moment() -> None:
    for record in (
        start_record(payload(), ADA, "/p"),
        moved_record(payload()),
        end_record(payload(), ADA),
    ):
        assert quickjson.loads(quickjson.dumps(record)) == record
        assert datetime.datetime.fromisoformat(record["timestamp"]).tzinfo == datetime.UTC


def test_nothing_else_of_the_payload_is_kept() -> None:
    secretive = payload(prompt="secret", source="startup", reason="clear")
    for record in (
        start_record(secretive, ADA, "/p"),
        moved_record(secretive),
        end_record(secretive, ADA),
    ):
        assert "secret" not in quickjson.dumps(record)
