"""What the address of the sessions page asks for, and the addresses that ask for something else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from confab_sync.store.selected import ORDERS, Wanted

if TYPE_CHECKING:
    from datetime import tzinfo

    from starlette.datastructures import QueryParams

    from confab_sync.store.selected import Order, State

PAGE_SIZE = 50
_LONGEST = 1024
_FURTHEST = 100_000
_STATES: tuple[State, ...] = ("live", "quiet", "ended")
_UPWARDS = frozenset({"cwd", "hostname"})
"""Orders that begin with the smallest."""


@dataclass(frozen=True, slots=True)
class SessionsQuery:
    """One address of the page; what cannot be understood is as if it was not there."""

    text: str = ""
    project: str = ""
    branch: str = ""
    machine: str = ""
    user: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    order: Order = "moment"
    reverse: bool = False
    page: int = 1
    zone: tzinfo = field(default=UTC, compare=False)
    """Whose days are meant."""

    @classmethod
    def of(cls, query: QueryParams, zone: tzinfo = UTC) -> SessionsQuery:
        """What a query string says to somebody in `zone`."""
        order = query.get("order", "")
        return cls(
            text=query.get("q", "")[:_LONGEST].strip(),
            project=query.get("project", "")[:_LONGEST],
            branch=query.get("branch", "")[:_LONGEST],
            machine=query.get("machine", "")[:_LONGEST],
            user=query.get("user", "")[:_LONGEST],
            state=query.get("state", "") if query.get("state", "") in _STATES else "",
            since=query.get("since", "") if _day(query.get("since", "")) else "",
            until=query.get("until", "") if _day(query.get("until", "")) else "",
            order=next((known for known in ORDERS if known == order), "moment"),
            reverse=query.get("reverse") == "1",
            page=_page(query.get("page", "")),
            zone=zone,
        )

    @property
    def wanted(self) -> Wanted:
        """The filters; the last day belongs to them."""
        until = _day(self.until, self.zone)
        return Wanted(
            project=self.project,
            branch=self.branch,
            machine=self.machine,
            user=self.user,
            state=next((state for state in _STATES if state == self.state), ""),
            since=_day(self.since, self.zone),
            until=until + timedelta(days=1) if until else None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is set; words that are looked for are none."""
        return self.wanted != Wanted()

    @property
    def descending(self) -> bool:
        """The direction: the most or the newest first, names from their beginning."""
        return (self.order not in _UPWARDS) != self.reverse

    @property
    def offset(self) -> int:
        """The sessions on the pages before this one."""
        return min((self.page - 1) * PAGE_SIZE, _FURTHEST)

    def sorted_by(self, order: Order) -> str:
        """The address of the same sessions in another order, or the other way round."""
        reverse = order == self.order and not self.reverse
        return replace(self, order=order, reverse=reverse, page=1).address

    def at(self, page: int) -> str:
        """The address of another page."""
        return replace(self, page=page).address

    def without(self, *names: str) -> str:
        """The address without some of the filters."""
        return replace(self, page=1, **dict.fromkeys(names, "")).address  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """The address of just this."""
        fields = {
            "q": self.text,
            "project": self.project,
            "branch": self.branch,
            "machine": self.machine,
            "user": self.user,
            "state": self.state,
            "since": self.since,
            "until": self.until,
            "order": self.order if self.order != "moment" else "",
            "reverse": "1" if self.reverse else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        query = urlencode({name: value for name, value in fields.items() if value})
        return f"/sessions?{query}" if query else "/sessions"


def _page(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return max(1, int(text)) if is_number else 1


def _day(text: str, zone: tzinfo = UTC) -> datetime | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        return None
    return day if 1 < day.year < 9999 else None  # elsewhere it may be the year before or after
