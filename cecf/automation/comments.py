"""Comments of a pull request: one for each thing said, found by its first line, edited where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

RETRIES = 5
"""Of a request whose failure is the server's own (5xx), each after a wait twice as long: 0.2 s, 0.4 s, ..."""

TIMEOUT = 30
"""Seconds that a server may take to answer."""

LONGEST_WAIT = 120
"""Seconds to wait where the server asks for fewer requests; a pipeline costs money while it waits."""


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment of the one whose token is used. A greater `id` is a newer comment."""

    id: int
    body: str
    url: str = ""


class Comments(Protocol):
    """The comments of one pull request or merge request. Every method raises `CommentError`."""

    def own(self) -> Iterable[Comment]:
        """Return those that the token's owner has written: anybody else could change theirs again."""

    def create(self, body: str) -> Comment:
        """Write one."""

    def update(self, comment: Comment, body: str) -> Comment:
        """Give one another text."""

    def delete(self, comment: Comment) -> None:
        """Take one away."""


class CommentError(Exception):
    """The server of the pull request has refused, or does not answer."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was done: `created`, `updated` or `unchanged`."""

    action: str
    url: str


def write(comments: Comments, marker: str, body: str) -> Written:
    """Have exactly one comment that begins with `marker`: the text `body`, which begins so itself.

    Of several, which two runs at the same time may have made, the newest stays.
    """
    found = sorted((each for each in comments.own() if each.body.startswith(marker)), key=lambda each: each.id)
    for older in found[:-1]:
        comments.delete(older)
    if not found:
        return Written(action="created", url=comments.create(body).url)
    newest = found[-1]
    # Servers give back other line ends, and none at the end.
    if newest.body.replace("\r\n", "\n").strip() == body.strip():
        return Written(action="unchanged", url=newest.url)
    return Written(action="updated", url=comments.update(newest, body).url)


def refused(server: str, status: int | None, said: object, *, needs: str, token: str) -> CommentError:
    """Return the error for what a server has answered: one line, what to do, and never the token.

    `needs` is the permission that writing takes.
    """
    known = {
        401: "does not know the token: it is wrong or has expired",
        403: f"does not let the token write: it needs {needs}",
        404: f"has no such pull request for this token: it needs {needs}, and rights on the repository",
    }
    what = known.get(status or 0, f"has answered {status}" if status else "does not answer")
    words = " ".join(f"{server} {what}: {said}".split())
    return CommentError(words.replace(token, "***"))
