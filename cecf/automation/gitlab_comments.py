"""Comments of a merge request on GitLab: notes, as it calls them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError

from cecf.automation.comments import RETRIES, TIMEOUT, Comment, refused

_NEEDS = "the scope 'api' and the role Reporter or higher; a job's own CI_JOB_TOKEN cannot do it"


class GitlabComments:
    """The notes of the merge request `number` of `project` (its id, or its path)."""

    def __init__(self, url: str, token: str, project: str, number: int) -> None:
        self._gitlab = Gitlab(url, private_token=token, timeout=TIMEOUT, retry_transient_errors=True, per_page=100)
        request = self._gitlab.projects.get(project, lazy=True).mergerequests.get(number, lazy=True)
        self._notes = request.notes
        self._token = token

    def own(self) -> list[Comment]:
        """Return those of the token's own account, of all pages."""
        with self._errors():
            self._gitlab.auth()
            me: Any = self._gitlab.user
            notes = self._notes.list(iterator=True, max_retries=RETRIES)
            return [_comment(note) for note in notes if note.author["id"] == me.id]

    def create(self, body: str) -> Comment:
        """Write one."""
        with self._errors():
            return _comment(self._notes.create({"body": body}, max_retries=RETRIES))

    def update(self, comment: Comment, body: str) -> Comment:
        """Give one another text."""
        with self._errors():
            self._notes.update(comment.id, {"body": body}, max_retries=RETRIES)
            return Comment(id=comment.id, body=body, url=comment.url)

    def delete(self, comment: Comment) -> None:
        """Take one away."""
        with self._errors():
            self._notes.delete(comment.id, max_retries=RETRIES)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except GitlabError as error:
            said = error.error_message or type(error).__name__
            raise refused("GitLab", error.response_code, said, needs=_NEEDS, token=self._token) from None
        except requests.RequestException as error:
            raise refused("GitLab", None, error, needs=_NEEDS, token=self._token) from None


def _comment(note: Any) -> Comment:
    return Comment(id=note.id, body=note.body)
