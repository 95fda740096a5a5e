"""Secrets whose shape is no vendor's own: tokens of open standards, passwords, private keys."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

_PEM_BREAK = (
    r"(?:[\s\x00\"'`+,>|*#:;]|\\+[nrt]|\xe2\x86\x92|\xff"
    r"|[0-9]{1,6}+(?:[ \t]*+\||\t|:|\xe2\x86\x92|\xff))"
)
"""What may stand between two lines of a key: line ends, escaped or not, quotes, list
punctuation, the marks of diffs and comments, and line numbers as tools print them, with an
arrow (which is \\xff where it was escaped, see `views`)."""

_PEM_GAP = rf"(?:{_PEM_BREAK}|-)"

_PEM_HEADER = r"(?:Proc-Type|DEK-Info|Comment|Version|Subject|X-[A-Za-z-]{1,30})[:][^\n\x00\\\"]*+"

_PEM = (
    r"-----BEGIN[A-Z0-9 _-]{0,40}?PRIVATE KEY(?: BLOCK)?-----"
    rf"(?:{_PEM_GAP}*+(?:[A-Za-z0-9/+=]{{16,}}+|{_PEM_HEADER}))++"
    rf"(?:{_PEM_GAP}*+[A-Za-z0-9/+]{{0,15}}={{1,2}}+)?+"
    rf"(?:{_PEM_BREAK}*+(?:[A-Za-z0-9/+=]{{1,15}}+{_PEM_BREAK}*+)?+"
    r"-{4,6}+END[A-Z0-9 _-]{0,40}?PRIVATE KEY(?: BLOCK)?-{4,5}+)?+"
)

RULES: tuple[Rule, ...] = (
    Rule(
        "JWT",
        "gitleaks:jwt; RFC 7519, RFC 7516 (five parts)",
        r"\beyJ[A-Za-z0-9_-]{8,2000}+={0,2}+\.[A-Za-z0-9_-]{10,}+={0,2}+(?:\.[A-Za-z0-9_-]*+)*+",
        ("eyj",),
    ),
    Rule(
        "JWT",
        "gitleaks:jwt-base64",
        r"\bZXlK[A-Za-z0-9+/]{60,}+={0,2}+",
        ("zxlk",),
        check="jwt_in_base64",
    ),
    Rule(
        "BEARER_TOKEN",
        "RFC 6750; contract §4.8",
        r"(?i:\bbearer)[ \t]++([A-Za-z0-9_~.+/=-]{16,}+)",
        ("bearer",),
        trigger=r"(?i:bearer)(?:[ \t]|\\+t)+[A-Za-z0-9_~.+/=\\-]{8}",
        group=1,
        check="generated",
    ),
    Rule(
        "BASIC_AUTH",
        "RFC 7617",
        r"(?i:\bbasic)[ \t]++([A-Za-z0-9+/]{6,}+={0,2}+)",
        ("basic",),
        trigger=r"(?i:basic)(?:[ \t]|\\+t)+[A-Za-z0-9+/\\]{6}",
        group=1,
        check="user_and_password",
    ),
    Rule(
        "AUTHORIZATION",
        "gitleaks:curl-auth-header; RFC 9110 §11.6.2",
        r"(?i:authorization)[\"'`]?+[ \t]*+[:=,][ \t]*+[\"'`]?+"
        r"(?i:bearer|basic|token|apikey|api-key|digest|key)[ \t]++([A-Za-z0-9_~.+/=:-]{8,}+)",
        ("authorization",),
        trigger=r"(?i:authorization)[\\\"'`]*(?:[ \t]|\\+t)*[:=,][ \t]*[\\\"'`]*"
        r"(?i:bearer|basic|token|apikey|api-key|digest|key)",
        group=1,
        check="mixed",
    ),
    Rule(
        "PASSWORD",
        "gitleaks:curl-auth-user",
        r"(?:-u|--user|--proxy-user)[ =]{1,2}+[\"']?+[A-Za-z0-9_.@$+-]{0,200}+:"
        r"[\"']?+([^\s\"'\x00:]{3,}+)",
        ("-u", "--user", "--proxy-user"),
        trigger=r"-(?:u|-user|-proxy-user)[ =]+[\\\"']*[A-Za-z0-9_.@$+-]*:[^\s:]",
        group=1,
        check="after_curl",
    ),
    Rule(
        "PASSWORD",
        "RFC 3986 §3.2.1: userinfo in URLs and connection strings; contract §4.8",
        r"://[^\s\"'`<>/@:\x00]{0,200}+:((?:[^\s\"'`<>/@\x00]{0,500}+@)++)",
        ("://",),
        trigger=r":\\*/\\*/[^\s\"'`<>/@:]*:[^\s\"'`<>/@]+@",
        group=1,
        tail=1,
        check="url_password",
    ),
    Rule(
        "PASSWORD",
        "git over HTTPS: a token in the place of the user",
        r"://([A-Za-z0-9_-]{20,500}+)@[A-Za-z0-9]",
        ("://",),
        trigger=r":\\*/\\*/[A-Za-z0-9_-]{20,}@",
        group=1,
        check="generated",
    ),
    Rule(
        "PRIVATE_KEY",
        "gitleaks:private-key; RFC 7468, RFC 1421, OpenSSH, OpenPGP",
        _PEM,
        ("-----begin",),
        trigger=r"-----BEGIN[A-Z0-9 _-]{0,40}PRIVATE KEY",
    ),
    Rule(
        "PRIVATE_KEY",
        "PEM in base64, as in kubeconfig files and Kubernetes secrets",
        r"\bLS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}+={0,2}+",
        ("ls0tls1crudjti",),
        check="key_in_base64",
    ),
    Rule(
        "PRIVATE_KEY",
        "PuTTY key files",
        rf"Private-Lines: [0-9]++(?:{_PEM_GAP}*+[A-Za-z0-9/+=]{{16,}}+)++"
        rf"(?:{_PEM_GAP}*+[A-Za-z0-9/+]{{1,15}}=*+)?+",
        ("private-lines: ",),
        trigger=r"Private-Lines: [0-9]",
    ),
)
