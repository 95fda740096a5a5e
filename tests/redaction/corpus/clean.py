"""Text in which nothing is secret, and much looks as if it were.

Lock files, minified scripts, Base64, hashes and transcripts are drawn; prose and code are
written down.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import uuid
from collections.abc import Iterator

from tests.redaction.corpus import client

PROSE_AND_CODE = r"""
The password must be at least 12 characters long, and the token expires after 3600 seconds.
Please enter your password: it is never stored. Secrets: none. Tokens: 4096. API key: required.
How do I rotate a secret? Use `vault kv put secret/app password=@file` or read the docs.
Authorization: Bearer <token>
Authorization: Basic <credentials>
Bearer authentication is described in RFC 6750; Basic authentication-scheme in RFC 7617.
curl -H "Authorization: Bearer $TOKEN" -H 'X-Api-Key: ${API_KEY}' https://api.example.com/v1
curl -u "$USER:$PASSWORD" https://example.com
docker run -u 1000:1000 -e POSTGRES_PASSWORD -v /var/run/secrets:/run/secrets:ro image:1.2.3
export GITHUB_TOKEN="$(gh auth token)"
API_KEY=${API_KEY:-}
DB_PASSWORD=
PASSWORD=<changeme> ${PASSWORD}
password: ${{ secrets.DB_PASSWORD }}
password: "{{ .Values.database.password }}"
    password: string;
    token?: string | null;
    password: str = Field(default=None, repr=False)
    api_key: SecretStr | None = None
    password = getpass.getpass("Password: ")
    token = await self._tokens.acquire(timeout=30)
    const token = req.headers.authorization?.split(' ')[1];
    const { password, ...rest } = user;
    if (password !== confirmPassword) throw new Error('Passwords do not match');
    secret = os.environ["APP_SECRET"]
    secret_key = config.get("secret_key")
    auth = (settings.user, settings.password)
    credentials: 'include',
    <input type="password" name="password" placeholder="Password" autocomplete="current-password">
    <label for="password">Password</label>
    "password": {"type": "string", "minLength": 8, "description": "The user's password"},
    "token": {"$ref": "#/components/schemas/Token"},
    max_tokens: 4096, "input_tokens": 15234, "cache_creation_input_tokens": 41234,
    tokenizer.eos_token = "<|endoftext|>"; tokenizer.pad_token_id = 50256
    {"next_page_token": "CAUQAA1b2c3d4e5f6g7h8i9j0k", "token_type": "bearer", "expires_in": 3599}
    def authenticate(self, username: str, password: str) -> Token:
    func (s *Server) VerifyPassword(ctx context.Context, password string) (bool, error) {
    private static final String PASSWORD_FIELD = "password";
    SELECT id, password_hash FROM users WHERE reset_token = ? AND token_expires_at > now();
    ALTER TABLE users ADD COLUMN password_digest varchar(72) NOT NULL;
    if line.startswith("-----BEGIN PRIVATE KEY-----"): raise ValueError("private key")
    grep -rn "sk-ant-" src/ | head; git grep -n 'ghp_' -- '*.py'; rg "AKIA[0-9A-Z]{16}"
    re.compile(r"(ghp|gho)_[A-Za-z0-9]{36}"), re.compile(r"AIza[0-9A-Za-z_-]{35}")
    http://localhost:3000/users/@me?since=2024-01-01 ssh://git@github.com:22/acme/app.git
    git@github.com:acme/app.git https://user@example.com/path mailto:bob@example.com
    redis://localhost:6379/0 postgres://localhost/app postgresql://${DB_USER}:${DB_PASS}@db/app
    PWD=/home/user/work OLDPWD=/home/user SSH_AUTH_SOCK=/tmp/ssh-XXXXabcd12/agent.1234
    monkey=banana turnkey: yes keyboard: qwerty primaryKey: 'id' "key": "value-1234" hotkey=ctrl+k9
    "cacheKey": "node-modules-3f786850e387550fdab836ed7e6dc881de23001b", publicKey: ecdsa.pub
    bypass: true, compass=1 trespass: 12345 encompass: a1b2c3d4
    author: "Jane Doe <jane@example.com>", authority: "https://login.example.com/common/v2.0"
    commit 3f786850e387550fdab836ed7e6dc881de23001b (HEAD -> main, tag: v1.2.3, origin/main)
    sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    toolu_01A2b3C4d5E6f7G8h9J0kLmN msg_01XyZ9876543210abcdefGHIJ req_011CSHoEeqs5C35K2UUqR7Fy
    2026-02-03T10:00:00.123Z 192.168.0.1:8080 [2001:db8::1]:443 v1.2.3-rc.4+build.5678
    Session-Id: 11111111-2222-3333-4444-555555555555; trace=4bf92f3577b34da6a3ce929d0e0e4736
    assert response.json()["token"] == expected_token and user.check_password(raw_password)
    secretName: my-tls-secret, secretKeyRef: {name: db, key: password}, imagePullSecrets: []
    Password reset e-mail sent to 3 users; 2 tokens revoked; secret scanning found 0 secrets.
    [REDACTED:API_KEY] password=[REDACTED:SENSITIVE_FIELD] "token": "[REDACTED:GITHUB_TOKEN]"
""".strip().splitlines()


def lines(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """What kind of text it is, and the text."""
    for text in PROSE_AND_CODE:
        yield "prose and code", text.encode()
        yield "prose and code in a transcript", _row({"content": text})
    yield "all prose and code", _row({"content": "\n".join(PROSE_AND_CODE)})
    for _ in range(40):
        yield "package-lock.json", _npm(rng)
        yield "yarn.lock", _yarn(rng)
        yield "Cargo.lock", _cargo(rng)
        yield "go.sum", _go(rng)
        yield "hashes", _hashes(rng)
        yield "minified script", _minified(rng)
    for size in (100, 1000, 20_000, 200_000):
        data = base64.b64encode(rng.randbytes(size)).decode()
        yield (
            "an image",
            _row({"source": {"type": "base64", "media_type": "image/png", "data": data}}),
        )
        yield "a thinking block", _row({"type": "thinking", "thinking": "…", "signature": data})
        yield "Base64 in lines", _row({"content": "\n".join(_chunks(data, 76))})
        yield "a data URL", f"url(data:font/woff2;base64,{data})".encode()
        yield "hexadecimal", _row({"content": rng.randbytes(size).hex()})
    for _ in range(10):
        yield from client.lines(rng)


def _row(value: object) -> bytes:
    row = {"uuid": "11111111-2222-3333-4444-555555555555", "type": "user", "message": value}
    return json.dumps(row, ensure_ascii=False).encode()


def _chunks(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _sha(rng: random.Random, name: str) -> bytes:
    return hashlib.new(name, rng.randbytes(16)).digest()


def _word(rng: random.Random) -> str:
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randrange(2, 9)))


def _npm(rng: random.Random) -> bytes:
    name = rng.choice((_word(rng), "js-tokens", "passport", "secret-stack", "token-types", "keyv"))
    entry = {
        "version": "1.2.3",
        "resolved": f"https://registry.npmjs.org/{name}/-/{name}-1.2.3.tgz",
        "integrity": "sha512-" + base64.b64encode(_sha(rng, "sha512")).decode(),
    }
    return json.dumps({f"node_modules/{name}": entry}).encode()


def _yarn(rng: random.Random) -> bytes:
    digest = _sha(rng, "sha1").hex()
    return f'  resolved "https://registry.yarnpkg.com/keyv/-/keyv-4.5.4.tgz#{digest}"'.encode()


def _cargo(rng: random.Random) -> bytes:
    return f'checksum = "{_sha(rng, "sha256").hex()}"'.encode()


def _go(rng: random.Random) -> bytes:
    digest = base64.b64encode(_sha(rng, "sha256")).decode()
    return f"golang.org/x/{_word(rng)} v0.{rng.randrange(40)}.0 h1:{digest}".encode()


def _hashes(rng: random.Random) -> bytes:
    texts = [
        _sha(rng, "md5").hex(),
        _sha(rng, "sha1").hex(),
        _sha(rng, "sha256").hex(),
        str(uuid.UUID(int=rng.getrandbits(128))),
        "sha256:" + _sha(rng, "sha256").hex(),
        "/nix/store/" + _sha(rng, "sha256").hex()[:32] + "-token-1.2",
        f"main.{_sha(rng, 'md5').hex()[:8]}.chunk.js",
    ]
    return _row({"content": rng.choice(texts), "requestId": "req_011" + rng.randbytes(10).hex()})


def _minified(rng: random.Random) -> bytes:
    parts = (
        "!function(e,t){",
        "var n=e.password,r=t.token||null;",
        "s.setRequestHeader('Authorization','Bearer '+n.token),",
        "e.exports={token:i,secret:o,password:a,auth:u},",
        "function k(e){return e&&e.apiKey?e.apiKey:void 0}",
        "this.accessToken=e.accessToken,this.refreshToken=e.refreshToken;",
        "const{password:a1,token:t2}=e.body;",
        "n.s.abcdefghijklmnopqrstuvwx(1);",
        "if(a.auth!==b.auth)return!1;",
        'e.type="password",e.name="password";',
    )
    body = "".join(rng.choice(parts) + _word(rng) + "=" + _word(rng) + ";" for _ in range(30))
    return body.encode()
