"""Addresses of git remotes without what lets one in."""

from __future__ import annotations

import re

_USERINFO = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
_QUERY = re.compile(r"[?#].*\Z", re.DOTALL)


def without_credentials(url: str) -> str:
    """The address without userinfo, query and fragment.

    The `git@` of an address in scp's form stays: it is a user name that everybody has.
    """
    return _QUERY.sub("", _USERINFO.sub(r"\1", url)) if "://" in url else url
