"""Makes a secret of every kind that the masker has to find, from published shapes.

Independent of the masker's own table: the shapes are those of gitleaks' rules and of the
vendors' documentation. Nothing that looks like a real key stands in the source: prefixes are
put together and the rest is drawn when a test runs.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
WORD = ALNUM + "_-"
HEX = DIGITS + "abcdef"
B64 = ALNUM + "+/"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret: what to call it, and how one is drawn; `text` is what it stands in."""

    name: str
    secret: Callable[[random.Random], str]
    text: str = "see {} here"


def _of(alphabet: str, count: int) -> Callable[[random.Random], str]:
    def draw(rng: random.Random) -> str:
        made = "".join(rng.choice(alphabet) for _ in range(count))
        # A secret of letters only is rarer than this test is repeated.
        return made if count < 12 or any(c in DIGITS for c in made) else made[:-1] + "7"

    return draw


def _shape(*parts: str | tuple[str, int]) -> Callable[[random.Random], str]:
    draws = [_of(*part) if isinstance(part, tuple) else part for part in parts]

    def draw(rng: random.Random) -> str:
        return "".join(part if isinstance(part, str) else part(rng) for part in draws)

    return draw


def _base64_of(count: int) -> Callable[[random.Random], str]:
    return lambda rng: base64.b64encode(rng.randbytes(count)).decode()


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _jwt(rng: random.Random) -> str:
    header = _url64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    payload = _url64(json.dumps({"sub": str(rng.getrandbits(40)), "name": "x"}).encode())
    return f"{header}.{payload}.{_url64(rng.randbytes(32))}"


def _discord(rng: random.Random) -> str:
    user = _url64(str(rng.randrange(10**17, 10**18)).encode())
    return f"{user}.{_of(WORD, 6)(rng)}.{_of(ALNUM, 38)(rng)}"


def _basic(rng: random.Random) -> str:
    return base64.b64encode(f"user:{_of(ALNUM, 12)(rng)}".encode()).decode()


def pem(rng: random.Random, label: str, lines: int = 4, end: bool = True) -> str:
    """A private key in PEM, with its end marker or without."""
    body = "\n".join(base64.b64encode(rng.randbytes(48)).decode() for _ in range(lines))
    dashes = "-" * 5
    text = f"{dashes}BEGIN {label}{dashes}\n{body}\n"
    return (
        text + f"{base64.b64encode(rng.randbytes(16)).decode()}\n{dashes}END {label}{dashes}" * end
    )


PRIVATE = "PRIVATE " + "KEY"
PEM_LABELS = (
    f"RSA {PRIVATE}",
    f"EC {PRIVATE}",
    f"DSA {PRIVATE}",
    f"OPENSSH {PRIVATE}",
    f"ENCRYPTED {PRIVATE}",
    PRIVATE,
    f"PGP {PRIVATE} BLOCK",
)

ASSIGNED = "{}"

SHAPED: tuple[Kind, ...] = (
    Kind("anthropic", _shape("sk-", "ant-api03-", (WORD, 93), "AA")),
    Kind("anthropic admin", _shape("sk-", "ant-admin01-", (WORD, 93), "AA")),
    Kind("anthropic oauth", _shape("sk-", "ant-oat01-", (WORD, 93), "AA")),
    Kind("openai old", _shape("sk-", (ALNUM, 20), "T3Blbk" + "FJ", (ALNUM, 20))),
    Kind("openai project", _shape("sk-", "proj-", (WORD, 74), "T3Blbk" + "FJ", (WORD, 73), "a")),
    Kind("openai service", _shape("sk-", "svcacct-", (WORD, 58), "T3Blbk" + "FJ", (WORD, 57), "a")),
    Kind("aws id", _shape("AK", "IA", (UPPER + "234567", 16))),
    Kind("aws temporary id", _shape("AS", "IA", (UPPER + "234567", 16))),
    Kind("aws secret", _of(B64, 40), "aws_secret_access_key = {}"),
    Kind("aws secret in env", _of(B64, 40), "AWS_SECRET_ACCESS_KEY={}"),
    Kind("github classic", _shape("gh", "p_", (ALNUM, 36))),
    Kind("github oauth", _shape("gh", "o_", (ALNUM, 36))),
    Kind("github app", _shape("gh", "s_", (ALNUM, 36))),
    Kind("github user", _shape("gh", "u_", (ALNUM, 36))),
    Kind("github refresh", _shape("gh", "r_", (ALNUM, 36))),
    Kind("github fine-grained", _shape("github", "_pat_", (ALNUM, 22), "_", (ALNUM, 59))),
    Kind("gitlab", _shape("gl", "pat-", (WORD, 20))),
    Kind("gitlab routable", _shape("gl", "pat-", (WORD, 27), ".", (HEX, 2), (HEX, 7))),
    Kind("gitlab runner", _shape("gl", "rt-", (WORD, 20))),
    Kind("gitlab deploy", _shape("gl", "dt-", (WORD, 20))),
    Kind("gitlab trigger", _shape("gl", "ptt-", (HEX, 40))),
    Kind("google api", _shape("AI", "za", (WORD, 35))),
    Kind("google oauth secret", _shape("GOC", "SPX-", (WORD, 28))),
    Kind("google oauth access", _shape("ya", "29.", (WORD, 80))),
    Kind("azure storage", _shape((B64, 86), "=="), "AccountName=a;AccountKey={};EndpointSuffix=x"),
    Kind("azure sas", _shape((ALNUM, 43), "%3D"), "https://a.blob.example/c?sv=2020&sig={}&se=1"),
    Kind("azure secret", _shape((ALNUM, 3), "8", "Q~", (ALNUM + "_~.-", 33), "a")),
    Kind("slack bot", _shape("xo", "xb-", (DIGITS, 12), "-", (DIGITS, 12), "-", (ALNUM, 24))),
    Kind("slack user", _shape("xo", "xp-", (DIGITS, 12), "-", (DIGITS, 12), "-", (HEX, 32))),
    Kind("slack app", _shape("xa", "pp-1-A", (ALNUM, 10), "-", (DIGITS, 12), "-", (HEX, 64))),
    Kind(
        "slack webhook",
        _shape("T", (UPPER, 8), "/B", (UPPER, 8), "/", (ALNUM, 24)),
        "https://hooks.slack" + ".com/services/{}",
    ),
    Kind("stripe", _shape("sk_", "live_", (ALNUM, 24))),
    Kind("stripe restricted", _shape("rk_", "test_", (ALNUM, 24))),
    Kind("twilio", _shape("S", "K", (HEX, 32))),
    Kind("sendgrid", _shape("S", "G.", (WORD, 22), ".", (WORD, 42), "a")),
    Kind("mailchimp", _shape((HEX, 32), "-us", "12")),
    Kind("npm", _shape("np", "m_", (ALNUM, 36))),
    Kind("npmrc", _of(ALNUM, 36), "//registry.example/:_authToken={}"),
    Kind("pypi", _shape("pyp", "i-AgEIcHlwaS5vcmc", (WORD, 80))),
    Kind("hugging face", _shape("h", "f_", (LOWER + UPPER, 34))),
    Kind("databricks", _shape("da", "pi", (HEX, 32))),
    Kind("digitalocean", _shape("do", "p_v1_", (HEX, 64))),
    Kind("digitalocean oauth", _shape("do", "o_v1_", (HEX, 64))),
    Kind("cloudflare", _of(WORD, 40), "CLOUDFLARE_API_TOKEN={}"),
    Kind("cloudflare global", _of(HEX, 37), 'cloudflare_api_key = "{}"'),
    Kind("cloudflare ca", _shape("v1", ".0-", (HEX, 24), "-", (HEX, 146))),
    Kind("vault", _shape("hv", "s.", (WORD, 95))),
    Kind("vault batch", _shape("hv", "b.", (WORD, 140))),
    Kind("telegram", _shape((DIGITS, 10), ":", "AA", (WORD, 33))),
    Kind("discord", _discord),
    Kind("jwt", _jwt),
    Kind("bearer", _of(ALNUM, 32), "Authorization: Bearer {}"),
    Kind("basic", _basic, "Authorization: Basic {}"),
    Kind("password in url", _of(ALNUM, 14), "postgres://app:{}@db.example:5432/app"),
    Kind("password in redis url", _of(ALNUM, 14), "redis://:{}@cache:6379/0"),
    Kind("password in git url", _of(ALNUM, 40), "https://{}@git.example/a/b.git"),
    Kind("connection string", _of(ALNUM, 14), "Server=db;User Id=sa;Password={};Encrypt=1"),
    Kind("confab", _shape("cf", "b_", (WORD, 40))),
    Kind("grafana", _shape("gl", "sa_", (ALNUM, 32), "_", (HEX, 8))),
    Kind("linear", _shape("lin_", "api_", (ALNUM, 40))),
    Kind("notion", _shape("nt", "n_", (DIGITS, 11), (ALNUM, 35))),
    Kind("postman", _shape("PM", "AK-", (HEX, 24), "-", (HEX, 34))),
    Kind("pulumi", _shape("pu", "l-", (HEX, 40))),
    Kind("rubygems", _shape("ruby", "gems_", (HEX, 48))),
    Kind("shopify", _shape("shp", "at_", (HEX, 32))),
    Kind("sentry user", _shape("sn", "tryu_", (HEX, 64))),
    Kind("planetscale", _shape("ps", "cale_tkn_", (WORD, 43))),
    Kind("doppler", _shape("dp", ".pt.", (ALNUM, 43))),
    Kind("terraform", _shape((ALNUM, 14), ".atlas", "v1.", (ALNUM, 67))),
    Kind("heroku", _shape("HR", "KU-AA", (WORD, 58))),
    Kind("new relic", _shape("NR", "AK-", (UPPER + DIGITS, 27))),
    Kind("atlassian", _shape("AT", "ATT3", (WORD, 186))),
    Kind("age", _shape("AGE-", "SECRET-KEY-1", ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))),
    Kind("openshift", _shape("sha2", "56~", (ALNUM, 43))),
    Kind("perplexity", _shape("pp", "lx-", (ALNUM, 48))),
    Kind("yandex", _shape("AQ", "VN", (WORD, 36))),
    Kind("easypost", _shape("EZ", "AK", (ALNUM, 54))),
    Kind("brevo", _shape("xkey", "sib-", (HEX, 64), "-", (ALNUM, 16))),
    Kind("octopus", _shape("AP", "I-", (UPPER + DIGITS, 26))),
    Kind("maxmind", _shape((ALNUM, 6), "_", (ALNUM, 29), "_m", "mk")),
    Kind("curl user", _of(ALNUM, 14), "curl -u admin:{} https://host.example"),
    Kind(
        "google service account",
        _of(B64, 64),
        '{{"type": "service_account", "private_key": "'
        + f"-----BEGIN {PRIVATE}-----\\n{{}}\\n-----END {PRIVATE}-----"
        + '\\n"}}',
    ),
    Kind("key in base64", lambda rng: base64.b64encode(pem(rng, PRIVATE).encode()).decode()),
)

NAMES = (
    "password", "db_password", "clientSecret", "SECRET_KEY", "x-api-key", "API_KEY", "apiKey",
    "passwd", "access_token", "refreshToken", "private_key", "credentials", "MYSQL_ROOT_PASSWORD",
    "auth_token", "DB_PASS", "secret", "api_secret", "encryption_key", "passphrase", "token",
    "GITHUB_TOKEN", "NPM_TOKEN", "DJANGO_SECRET_KEY", "dbPassword", "userPassword",
)  # fmt: skip

WAYS = (
    "{name}={value}",
    "export {name}={value}",
    "{name}: {value}",
    '{name}: "{value}"',
    "{name} = {value}",
    "{name} = '{value}'",
    '"{name}": "{value}"',
    "'{name}': '{value}',",
    '{name} = "{value}";',
    "curl -H '{name}: {value}' https://host.example",
    "tool --{name} {value} --verbose",
    "tool --{name}={value}",
    "https://host.example/p?a=1&{name}={value}&b=2",
    "     7→{name}={value}",
    "<{name}>{value}</{name}>",
    '<add key="{name}" value="{value}"/>',
    '{{"name": "{name}", "value": "{value}"}}',
    '{name}="{value}"',
    "[section]\n{name} = {value}\n",
    "section:\n  - {name}: {value}\n",
    "{name}: {value}\r\n",
    '{{"{name}": {{"user": "bob", "all": [["{value}"]]}}}}',
    "the {name} is {value}, as before",
)

NUMBERED = (
    '{{"{name}": {value}}}',
    '{{"{name}": [1, {{"n": {value}}}]}}',
)
"""Ways of writing a secret that is a number."""


def shaped(rng: random.Random) -> list[tuple[str, str, str]]:
    """One secret of each kind: the kind, the secret, the text that it stands in."""
    made = []
    for kind in SHAPED:
        secret = kind.secret(rng)
        made.append((kind.name, secret, kind.text.format(secret)))
    return made


def named(rng: random.Random) -> list[tuple[str, str, str]]:
    """One secret for each name and way of writing, which nothing but the name gives away."""
    made = []
    for name in NAMES:
        for way in WAYS:
            secret = _of(ALNUM, rng.randrange(13, 25))(rng)
            if any(c.isdigit() for c in secret) and any(c.isalpha() for c in secret):
                made.append((f"{name} in {way}", secret, way.format(name=name, value=secret)))
        for way in NUMBERED:
            secret = str(rng.randrange(10**8, 10**12))
            made.append((f"{name} in {way}", secret, way.format(name=name, value=secret)))
    return made
