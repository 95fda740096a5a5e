"""Every page there is, by a name for its picture: what is true of all is tested of each."""

from integration.pages.seeding import Uploaded


def pages(sessions: list[Uploaded]) -> dict[str, str]:
    """The pages for people who are signed in."""
    return {
        "now": "/",
        "sessions": "/sessions",
        "search": "/sessions?q=next+step",
        "session": f"/sessions/{sessions[0].id}",
        "usage": "/usage",
        "usage-all": "/usage?days=all",
        "device": "/auth/device",
    }


OPEN = {"sign-in-needed": ("/", 401), "sign-in": ("/auth/sign-in?token=secret", 200)}
"""The pages for people who are not, with the status of their answers."""

NAMES = tuple(pages([Uploaded("", "", "")]))
