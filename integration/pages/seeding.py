"""Sessions as the Go CLI uploads them, with conversations that look like real ones."""

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

Json = dict[str, Any]

TITLES = (
    "Retry uploads with jitter after a 503",
    "Why does the nightly export skip Tuesdays?",
    "Add a --json flag to the report command",
    "Review the caching layer before the release",
    "Fix the flaky test in the scheduler",
    "Rename Invoice to Bill across the API",
    "Explain how the lexer handles heredocs",
    "Migrate the settings page to the new form library",
    "Investigate memory growth in the importer",
    "Write the release notes for 2.4",
)
MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")
PROJECTS = (
    ("/home/ann/src/billing", "https://github.com/acme/billing.git"),
    ("/home/ann/src/site", "https://github.com/acme/site"),
    ("/home/ann/src/lexer", "git@github.com:ann/lexer.git"),
    ("/home/ann/notes", ""),
)
BRANCHES = ("main", "fix/retry", "feature/bills")


@dataclass(frozen=True)
class Uploaded:
    """A session as the server has it."""

    id: str
    external_id: str
    title: str


@dataclass
class GoClient:
    """Sends requests shaped like the Go CLI's (contract §2.4 to §2.6): no `Confab-Live` header."""

    url: str
    key: str
    hostname: str
    username: str = "ann"
    live: Json | None = None
    """What a daemon of ours says of itself beside; the Go CLI says nothing."""
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "User-Agent": "confab/0.9.3 (linux; amd64)",
        }
        self.http = httpx.Client(
            base_url=self.url,
            headers=headers,
            trust_env=False,
            timeout=60,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def __enter__(self) -> "GoClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def upload(
        self,
        rows: list[Json],
        *,
        title: str,
        cwd: str = "/home/ann/src/billing",
        git_info: Json | None = None,
        ends: bool = False,
    ) -> Uploaded:
        """Open a session, upload its lines, and end it if it `ends`."""
        external_id = str(uuid.uuid4())
        body = {
            "provider": "claude-code",
            "external_id": external_id,
            "transcript_path": f"{cwd}/{external_id}.jsonl",
            "metadata": {"cwd": cwd, "hostname": self.hostname, "username": self.username},
        }
        if git_info is not None:
            body["metadata"] = {**body["metadata"], "git_info": git_info}  # type: ignore[dict-item]
        session_id = self._post("init", body)["session_id"]
        uploaded = Uploaded(session_id, external_id, title)
        self.append(uploaded, rows, 1, first_user_message=title)
        if ends:
            self.end(uploaded)
        return uploaded

    def end(self, session: Uploaded) -> None:
        """Tell of a session's end."""
        self._post(
            "event",
            {
                "session_id": session.id,
                "event_type": "session_end",
                "timestamp": datetime.now(UTC).isoformat(),
            },
        )

    def append(
        self,
        session: Uploaded,
        rows: list[Json],
        first: int,
        *,
        file_name: str = "",
        file_type: str = "transcript",
        **metadata: str,
    ) -> None:
        """Upload the next lines of a session's transcript, or of another file of it."""
        self._post(
            "chunk",
            {
                "session_id": session.id,
                "file_name": file_name or f"{session.external_id}.jsonl",
                "file_type": file_type,
                "first_line": first,
                "lines": [json.dumps(row) for row in rows],
                "metadata": metadata,
            },
        )

    def _post(self, what: str, body: object) -> Json:
        headers = {} if self.live is None else {"Confab-Live": json.dumps(self.live)}
        answer = self.http.post(f"/api/v1/sync/{what}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told


def conversation(
    title: str, turns: int, begin: datetime, rng: random.Random, model: str = MODELS[0]
) -> list[Json]:
    """The rows of a transcript: what was typed, and answers with what they cost."""
    rows: list[Json] = []
    context, at = 18_000, begin
    for turn in range(turns):
        at += timedelta(seconds=70)
        said = title if turn == 0 else "And now the next step, please."
        rows.append(
            {
                "type": "user",
                "uuid": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                "timestamp": at.isoformat(),
                "message": {"role": "user", "content": said},
            }
        )
        context += rng.randrange(2000, 14_000)
        usage = {
            "input_tokens": 400,
            "cache_read_input_tokens": context - 2400,
            "cache_creation_input_tokens": 2000,
            "output_tokens": rng.randrange(200, 3000),
        }
        rows.append(
            {
                "type": "assistant",
                "uuid": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                "timestamp": (at + timedelta(seconds=20)).isoformat(),
                "message": {
                    "role": "assistant",
                    "id": f"msg_{rng.getrandbits(64):x}",
                    "model": model,
                    "content": [{"type": "text", "text": f"Done with step {turn + 1}."}],
                    "usage": usage,
                },
            }
        )
    return rows


def seed(url: str, key: str, *, sessions: int = 24, now: datetime | None = None) -> list[Uploaded]:
    """A few machines with some sessions each, spread over the last weeks; the same each time."""
    rng, now = random.Random(4), now or datetime.now(UTC)
    machines = [GoClient(url, key, name) for name in ("atlas", "workbench", "build-7.internal")]
    machines[2].username = "ci"
    uploaded = []
    for number in range(sessions):
        cwd, origin = PROJECTS[number % len(PROJECTS)]
        title = TITLES[number % len(TITLES)]
        begin = now - timedelta(days=rng.expovariate(1 / 9), hours=1)
        model = rng.choices(MODELS, (6, 3, 1))[0]
        git_info = {"repo_url": origin, "branch": rng.choice(BRANCHES)} if origin else None
        machine = machines[number % 3]
        if machine.hostname != "build-7.internal":
            machine.live = {
                "phase": "syncing",
                "connection": "error" if number == 4 else "online",
                "behind_bytes": 48_200 if number == 4 else 0,
                "lag_seconds": 95.0 if number == 4 else 0,
            }
        uploaded.append(
            machine.upload(
                conversation(title, rng.randrange(2, 14), begin, rng, model),
                title=title,
                cwd=cwd,
                git_info=git_info,
                ends=number >= 6,
            )
        )
    for machine in machines:
        machine.http.close()
    return uploaded
