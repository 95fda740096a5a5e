"""One session as a working day has them, for the picture of its page."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integration.pages.archive import call, result, text
from integration.pages.seeding import MODELS, GoClient, Json, Uploaded

TITLE = "Customers are charged twice when a payment times out"
AGENT = "a17c3e90"
_GIT = {"repo_url": "https://github.com/acme/billing.git", "branch": "fix/charge-once"}

_ASKED = (
    "Since Tuesday some customers are charged twice when the provider times out.\n"
    "The worker retries, so I suspect `charge()` in `payments.py`. Find out why, and fix it."
)
_THOUGHT = (
    "A retry is harmless only if the provider can tell that it is one. I should look at where "
    "the idempotency key is made: if it is made within the loop, each try is a new payment."
)
_FOUND = """\
The key is made **inside** the retry loop, so each try is a new payment to the provider:

```python
for attempt in range(3):
    key = str(uuid4())          # another payment each time
    response = client.charge(order, key)
```"""
_OLD = """\
def charge(order, client):
    for attempt in range(3):
        key = str(uuid4())
        response = client.charge(order, key)
        if response.ok:
            return response
    raise ChargeFailed(order.id)
"""
_NEW = """\
def charge(order, client):
    key = f"order-{order.id}"
    for attempt in range(3):
        response = client.charge(order, key)
        if response.ok:
            return response
        sleep(backoff(attempt))
    raise ChargeFailed(order.id)
"""
_DONE = """\
| | before | after |
|---|---|---|
| tries of one order | 3 payments | 1 payment |
| wait between tries | none | 1 s, 2 s, 4 s |

All 214 tests pass, with a new one in which the provider times out twice."""


@dataclass
class _Script:
    """Rows of a transcript, each some seconds after the one before."""

    at: datetime
    context: int = 14_000
    rows: list[Json] = field(default_factory=list)

    def says(self, said: object, after: float, **more: object) -> None:
        """What a person typed, or the result of a tool."""
        self._row("user", after, {"role": "user", "content": said}, more)

    def answers(self, *blocks: Json, after: float, read: int = 1200, wrote: int = 300) -> None:
        """A line of the model, which had `read` more tokens before it."""
        self.context += read
        usage = {
            "input_tokens": 12,
            "cache_read_input_tokens": self.context - read,
            "cache_creation_input_tokens": read,
            "output_tokens": wrote,
        }
        message: dict[str, Any] = {
            "role": "assistant",
            "id": f"msg_{len(self.rows)}",
            "model": MODELS[0],
            "content": list(blocks),
            "usage": usage,
        }
        self._row("assistant", after, message, {})

    def uses(
        self, name: str, said: str, after: float, *, failed: bool = False, **asked: object
    ) -> None:
        """A tool that is called, and its result."""
        number = f"toolu_{len(self.rows)}"
        self.answers(call(number, name, **asked), after=3, read=len(said) // 3 + 700)
        more = {"toolUseResult": {"agentId": AGENT}} if name == "Agent" else {}
        self.says([result(number, said, is_error=failed)], after, **more)

    def _row(self, kind: str, after: float, message: Json, more: Json) -> None:
        self.at += timedelta(seconds=after)
        self.rows.append(
            {"type": kind, "timestamp": self.at.isoformat(), "message": message, **more}
        )


def tell(client: GoClient, now: datetime) -> Uploaded:
    """Upload it, with the subagent that helped."""
    script = _Script(now - timedelta(hours=3))
    _find(script)
    _mend(script)
    _deliver(script)
    told = client.upload(script.rows, title=TITLE, git_info=_GIT)
    helper = _Script(now - timedelta(hours=3) + timedelta(seconds=20), context=9000)
    _help(helper)
    client.append(
        told, helper.rows, 1, file_name=f"subagents/agent-{AGENT}.jsonl", file_type="agent"
    )
    client.end(told)
    return told


def _find(script: _Script) -> None:
    script.says(_ASKED, 0)
    script.answers({"type": "thinking", "thinking": _THOUGHT}, after=6)
    script.uses(
        "Agent",
        "Only `payments.py:41` makes a key in a loop; refunds make theirs once.",
        74,
        description="Find where keys are made",
        prompt="Find every place where an **idempotency key** is made, and say which are in loops.",
    )
    script.answers(text(_FOUND), after=14, wrote=900)


def _mend(script: _Script) -> None:
    path = "/home/ann/src/billing/payments.py"
    script.says("Yes. One key for each order, and wait a little between the tries.", 160)
    script.uses(
        "Edit", "The file was updated.", 1, file_path=path, old_string=_OLD, new_string=_NEW
    )
    script.uses(
        "Bash",
        "FAILED tests/test_payments.py::test_gives_up - NameError\n1 failed, 213 passed",
        41,
        failed=True,
        command="pytest -q",
        description="Run the tests",
    )
    script.uses(
        "Edit",
        "The file was updated.",
        1,
        file_path=path,
        old_string="from uuid import uuid4\n",
        new_string="from time import sleep\n",
    )
    script.uses(
        "Bash", "214 passed in 38.20s", 39, command="pytest -q", description="Run the tests"
    )
    script.answers(text(_DONE), after=9, wrote=420)


def _deliver(script: _Script) -> None:
    script.says("Commit it and open a pull request.", 700)
    script.uses(
        "Bash",
        "[fix/charge-once 4f2c9ab] Charge each order once\n 2 files changed, 31 insertions(+)",
        3,
        command='git commit -am "Charge each order once"',
    )
    script.uses(
        "Bash",
        "https://github.com/acme/billing/pull/412",
        5,
        command="gh pr create --fill",
    )
    script.answers(text("It is [#412](https://github.com/acme/billing/pull/412)."), after=4)
    for asked, seconds in (
        ("Which orders were charged twice? Write me the query.", 95),
        ("And refund those of this week, as a dry run first.", 410),
        ("Good, now for real.", 1260),
        ("Summarise it for the status page.", 18),
    ):
        script.says(asked, 240)
        script.uses(
            "Bash", "ok\n" * 40, seconds, command="python -m billing.refunds", description=asked
        )
        script.answers(text("Done, see above."), after=seconds / 9, read=9000, wrote=700)


def _help(script: _Script) -> None:
    script.says("Find every place where an **idempotency key** is made.", 0)
    script.uses("Grep", "payments.py:41\nrefunds.py:17", 2, pattern="uuid4", path="src")
    script.answers(text("Only `payments.py:41` makes a key in a loop."), after=12)
