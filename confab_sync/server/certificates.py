"""Says clearly what is wrong with a certificate and its key before the server uses them."""

from __future__ import annotations

import ssl

from confab_sync.errors import ServerError


def check_certificate(cert: str, key: str) -> None:
    """Raise `ServerError`, naming the file, unless these PEM files can serve TLS together.

    A key with a passphrase is refused: there is nobody to type it when a service starts.
    """
    for path in (cert, key):
        try:
            with open(path, "rb") as file:
                file.read(1)
        except OSError as error:
            raise ServerError(f"{path} cannot be read: {error.strerror}") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(cafile=cert)
    except ssl.SSLError as error:
        raise ServerError(f"{cert} holds no certificate in PEM ({error.reason})") from error
    try:
        context.load_cert_chain(cert, key, password=_refuse)
    except _Encrypted:
        raise ServerError(
            f"the key in {key} has a passphrase, which nobody can type when the server starts; "
            f"`openssl pkey -in {key}` writes it without one"
        ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ServerError(f"the key in {key} is not that of {cert}") from error
        raise ServerError(f"{key} holds no private key in PEM ({error.reason})") from error


def _refuse() -> str:
    raise _Encrypted


class _Encrypted(Exception):
    """The key has a passphrase. Never leaves this module."""
