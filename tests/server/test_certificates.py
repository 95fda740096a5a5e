"""What is wrong with a certificate or key is said with the file's name, and nobody is asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from confab_sync.errors import ServerError
from confab_sync.server.certificates import check_certificate

from .certificates import certificate


def test_a_certificate_and_its_key_are_fine(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    check_certificate(str(cert), str(key))


def test_files_that_are_missing_or_hold_something_else_are_named(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    none = tmp_path / "none.pem"
    for given, expected in (
        ((none, key), "none.pem cannot be read: No such file"),
        ((cert, none), "none.pem cannot be read: No such file"),
        ((cert, tmp_path), "cannot be read: Is a directory"),
        ((junk, key), "junk.pem holds no certificate"),
        ((key, key), "key.pem holds no certificate"),
        ((cert, junk), "junk.pem holds no private key"),
        ((cert, cert), "cert.pem holds no private key"),
    ):
        with pytest.raises(ServerError, match=expected):
            check_certificate(*map(str, given))


def test_the_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    cert, _ = certificate(tmp_path / "one")
    _, key = certificate(tmp_path / "other")
    with pytest.raises(ServerError, match=r"other/key.pem is not that of .*one/cert.pem"):
        check_certificate(str(cert), str(key))


def test_a_passphrase_is_not_asked_for(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    encrypted = tmp_path / "encrypted.pem"
    command = ["openssl", "pkey", "-in", str(key), "-out", str(encrypted), "-aes256"]
    subprocess.run([*command, "-passout", "pass:x"], check=True, capture_output=True)
    with pytest.raises(ServerError, match="has a passphrase"):
        check_certificate(str(cert), str(encrypted))
