"""The further tests of a secret that rules name."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from confab_sync.redaction.entropy import dense, generated, mixed, scattered
from confab_sync.redaction.literal import is_template, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PORT = re.compile(rb"[0-9]{0,5}(?:[?#,;&)|]|\Z)")


def _user_and_password(value: bytes) -> bool:
    """Whether the Base64 text says `user:password`, as in RFC 7617."""
    decoded = _decoded(value)
    user, colon, password = decoded.partition(b":")
    return bool(colon and user + password) and all(32 <= b < 127 for b in decoded)


def _jwt_in_base64(value: bytes) -> bool:
    return _decoded(value[:64]).startswith(b"eyJ")


def _key_in_base64(value: bytes) -> bool:
    return b"PRIVATE KEY" in _decoded(value[:96])


def _decoded(value: bytes) -> bytes:
    try:
        return base64.b64decode(value + b"=" * (-len(value) % 4))
    except binascii.Error:
        return b""


def _url_password(value: bytes) -> bool:
    """A password, where a port and a query with an address in it look alike."""
    return literal(value) and not is_template(value) and not _PORT.match(value)


CHECKS: Mapping[str, Callable[[bytes], bool]] = {
    "mixed": mixed,
    "generated": generated,
    "dense": dense,
    "scattered": scattered,
    "literal": literal,
    "url_password": _url_password,
    "user_and_password": _user_and_password,
    "jwt_in_base64": _jwt_in_base64,
    "key_in_base64": _key_in_base64,
}
"""Further tests that a rule may name."""
