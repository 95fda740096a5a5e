"""Whom to believe that a server is the one it says it is."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from confab_sync.errors import BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping


def context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """What checks certificates: the user's own file, else the system, else certifi's list.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` win, because who sets them means it. TLS 1.2 is the
    oldest that is spoken (contract §1.1). Raises `BackendUnavailable` when a file that the
    environment names cannot be used.
    """
    made = _chosen(environ)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def _chosen(environ: Mapping[str, str]) -> ssl.SSLContext:
    file, directory = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if file or directory:
        try:
            return ssl.create_default_context(cafile=file or None, capath=directory or None)
        except OSError as error:  # ssl.SSLError is one
            named = " and ".join(n for n in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(n))
            raise BackendUnavailable(
                f"the certificates that {named} names cannot be used: {error.strerror or error}"
            ) from error
    try:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    except (ImportError, NotImplementedError, ssl.SSLError):  # an old system without the means
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
