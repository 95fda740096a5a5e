"""The names whose values are secrets, and the ways a name and its value are written.

Sources: contract §4.8 (field rule), gitleaks:generic-api-key, gitleaks:hashicorp-tf-password,
gitleaks:nuget-config-password, and the names that vendors give in their own documentation.
"""

from __future__ import annotations

import re

from confab_sync.redaction.judge import Strength


def _upper(pattern: str) -> str:
    """The pattern of a name for the names in capitals only."""
    letters = re.sub(r"(?<!\\)(?<!\(\?)[a-z]", lambda found: found.group().upper(), pattern)
    return letters.replace("(?i:", "(?:")


_JOIN = r"[_. -]?"

_STRONG_KEYS = (
    *("api", "private", "encryption", "decryption", "signing", "master", "auth", "ssh", "hmac"),
    "root",
)
_WEAK_KEYS = (
    *("access", "account", "session", "client", "storage", "service", "consumer", "subscription"),
    *("license", "admin", "app", "application", "deploy", "webhook", "host", "function"),
    *("partner", "developer", "billing", "data"),
)

STRONG = (
    r"pass(?:word|wd|phrase|code)s?+",
    rf"secret{_JOIN}(?:access{_JOIN})?(?:keys?|token|value|string)",
    r"secrets?+",
    r"credentials?+",
    r"creds",
    rf"(?:{'|'.join(_STRONG_KEYS)}){_JOIN}keys?+",
    rf"aws{_JOIN}secret",
    rf"(?:access|auth|refresh|api|bearer|security|session|personal{_JOIN}access|id|bot|oauth"
    rf"|client|private|deploy|github|gitlab|gh|npm|pypi|slack|hf|vault|service|user|account"
    rf"|integration|webhook|registry|app|admin){_JOIN}token",
    r"_authtoken",
    r"authorization",
    rf"connection{_JOIN}string",
    rf"(?:pre)?shared{_JOIN}key",
)
"""Names, or ends of names, after which any literal is a secret."""

WEAK = (
    r"token",
    r"auth",
    r"pwd",
    r"pass",
    rf"(?:{'|'.join(_WEAK_KEYS)}){_JOIN}key",
)
"""Names that often mean something else: their values must look like secrets themselves."""

ENDING = r"(?:[_-]?(?:base|confirm(?:ation)?|[0-9]{1,3}))?+"

NAME = rf"(?i:(?:{'|'.join((*STRONG, *WEAK))}){ENDING})"

_BLANK = r"[ \t]*+"
_TYPE = r"[A-Za-z_*&][A-Za-z0-9_.<>|?*&\[\]]{0,100}+[ \t]*+"
SIGN = rf"(?::[ \t]*+{_TYPE}=|=>|:{{1,3}}+=|[?.+]=|\|\|=|={{1,2}}+|:)"
"""What stands between a name and its value, with the type of `password: str =`."""
TYPED = r"[ \t]++(?:\*?string|String|str|\[\]byte|bytes)[ \t]*+:?="
"""The same with the type of `password string =`."""
_OPENING = r"(?:[fFrRbBuUL@$]{1,2}+[\"']|[\"'`])"
_WITH_DIGIT = r"(?:[0-9]|[^0-9\s\"'`\x00<>][^0-9\s\"'`\x00<>,;)&|}\]\\]{0,100}+[0-9])"
"""A value that nothing encloses; it ends before what begins another one."""

JSON = r"\"[ \t\r\n]*+:[ \t\r\n]*+[\"\[{0-9-]"
PAIR = rf"\"{_BLANK},{_BLANK}\"[Vv]alue\"{_BLANK}:{_BLANK}\""
ASSIGNMENT = (
    rf"(?:(?:\\?[\"'`])?+[)\]]?+{_BLANK}{SIGN}|{TYPED}){_BLANK}"
    rf"(?:{_OPENING}[^\s\x00]|{_WITH_DIGIT})"
)
ATTRIBUTE = r"[\"'][ \t]*+value=[\"'][^\"'\x00]"
ELEMENT = r">[ \t\r\n]*+[^<\s\x00][^<\x00\n]{0,500}+[ \t\r\n]*+</"
ARGUMENT = rf"[\"']{_BLANK},{_BLANK}[\"'][^\"'\x00\n]"
PHRASE = (
    r"[\"'`*]{0,2}+(?:[ \t]++(?:is|was|to|of|as|for|value|=|:)[ \t:=]*+|[ \t]++|:[ \t]*+)"
    rf"[\"'`*]{{0,2}}+{_WITH_DIGIT}"
)

STRUCTURAL = rf"{NAME}(?:{JSON}|{PAIR})"
"""Names in JSON itself, where only what keeps the line valid may be looked for."""

ANYWHERE = rf"{NAME}(?:{JSON}|{PAIR}|{ASSIGNMENT}|{ATTRIBUTE}|{ELEMENT}|{ARGUMENT}|{PHRASE})"
"""Names in any text; where nothing encloses the value, it has to have a digit."""

ENVIRONMENT = rf"{_upper(NAME)}=[^\s\x00\"'`=$]"
"""Names of environment variables, whose values are secrets even without a digit."""

_RAW_BLANK = r"(?:[ \t]|\\+[tnr])*"
_RAW_CLOSING = r"[\\\"'`*)\]]*"
_RAW_OPENING = r"(?:[fFrRbBuUL@$]{0,2}\\*[\"'`]|[\[{])"
_RAW_WITH_DIGIT = r"[^0-9\s\"'`<>]*[0-9]"

_RAW_ENDS = sorted(
    (
        *("pass", "pass(?:word|wd|phrase|code)s?", "pwd", "token", "auth", "authorization"),
        *("secrets?", "credentials?", "creds", f"connection{_JOIN}string"),
        f"secret{_JOIN}(?:access{_JOIN})?(?:keys?|value|string)",
        *(f"{each}{_JOIN}keys?" for each in ("shared", *_STRONG_KEYS, *_WEAK_KEYS)),
    )
)
"""In this order RE2 looks at what they have in common once, and has few states to make."""

RAW_NAME = rf"(?:{'|'.join(_RAW_ENDS)}){ENDING}"
"""How every name ends, and no more of it than tells: of an access token, `token` is enough."""

_RAW_VALUES = (
    rf"{_RAW_CLOSING}{_RAW_BLANK}(?:{SIGN}|{TYPED}){_RAW_BLANK}(?:{_RAW_OPENING}|{_RAW_WITH_DIGIT})",
    rf"[\\\"']+{_RAW_BLANK},{_RAW_BLANK}[\\\"']+[^\s\"',\\]*[0-9]",
    rf"[\\\"']+{_RAW_BLANK},{_RAW_BLANK}[\\\"]+[Vv]alue",
    rf"[\\\"']+{_RAW_BLANK}value=",
    rf">{_RAW_BLANK}[^<\s\\]",
    r"[\\\"'`*]*(?:[ \t]|\\+t)+(?:(?:is|was|to|of|as|for|value|=|:)[ \t:=]+)?"
    rf"[\\\"'`*]*{_RAW_WITH_DIGIT}",
)

RAW_TRIGGERS = (
    rf"(?i:{RAW_NAME})(?:{'|'.join(_RAW_VALUES)})",
    rf"{RAW_NAME.upper()}=[^\s\\\"'`=$]",
)
"""Where in undecoded text one of the above may be, whatever the depth of its escapes."""

HINT = (
    r"(?:pass(?:word|wd|phrase|code)?s?|pwd|secrets?|cred(?:ential)?s?|keys?|token|auth(?:orization)?"
    r"|string|value)(?:[_-]?(?:base|confirm(?:ation)?|[0-9]{1,3}))?[^a-z0-9_]"
)
"""What every text with one of them has in it, in lower case: quicker to look for with `re`."""

HINT_REACH = 24
"""The most bytes between the beginning of a name and that."""

PREFIX_REACH = 48
"""Bytes before a sensitive word that may belong to its name."""

_OF_NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$-"
_PREFIX_OF_SOMETHING_ELSE = re.compile(
    rb"(?i)(?:page|next|continu(?:e|ation)|cancell?(?:ation)?|pad|eos|bos|unk|sep|cls|mask|special"
    rb"|stop|start|end|first|last|prev(?:ious)?|per|design|num|max|min|total|count|public|by)[_-]?\Z"
)
_WEAK_NAME = re.compile(
    rf"(?i)(?:{'|'.join(WEAK)})(?:[_-]?[0-9]{{1,3}})?".replace("*+", "*").encode()
)
_SHORT_FOR_PASSWORD = re.compile(rb"(?i)(?:pass|pwd)(?![a-z])")
_OWNER_OF_PASSWORD = re.compile(
    rb"(?i)(?:db|database|sql|mysql|pg|postgres|mongo|redis|rabbitmq|mq|smtp|mail|email|imap|ftp|ssh"
    rb"|ldap|http|proxy|user|admin|root|login|basic|auth|sudo|become|key|keystore|cert|ssl)[_.-]?\Z"
)


def prefix_of(data: bytes, start: int) -> bytes:
    """What stands before the sensitive word at `start` and belongs to the same name."""
    before = data[max(0, start - PREFIX_REACH) : start]
    return before[len(before.rstrip(_OF_NAMES)) :]


def strength_of(prefix: bytes, name: bytes) -> Strength:
    """How much the name tells of its value."""
    if _WEAK_NAME.fullmatch(name) is None:
        return Strength.STRONG
    if _SHORT_FOR_PASSWORD.match(name) and _OWNER_OF_PASSWORD.search(prefix):
        return Strength.STRONG
    is_credential = name.lower().startswith((b"token", b"pass", b"pwd"))
    return Strength.CREDENTIAL if is_credential else Strength.WEAK


def means_something_else(prefix: bytes, name: bytes) -> bool:
    """Whether the whole name is a well-known one that has nothing to do with secrets."""
    lowered = name.lower()
    is_short = lowered.startswith((b"pass", b"pwd", b"auth")) and len(lowered) <= 6
    is_hump = name[:1].isupper() and prefix[-1:].islower()
    if is_short and prefix[-1:].isalpha() and not is_hump:
        return True  # bypass, compass, OLDPWD; but not dbPass
    return _PREFIX_OF_SOMETHING_ELSE.search(prefix) is not None
