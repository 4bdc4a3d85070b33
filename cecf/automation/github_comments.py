"""Comments of a pull request on GitHub, or on an Enterprise server."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from github import Auth, Github, GithubException, GithubRetry
from github.IssueComment import IssueComment

from cecf.automation.comments import LONGEST_WAIT, RETRIES, TIMEOUT, Comment, refused

_NEEDS = "the permission 'pull-requests: write'"


class GithubComments:
    """The comments of the pull request `number` of `repository` (`owner/name`)."""

    def __init__(self, api_url: str, token: str, repository: str, number: int) -> None:
        retry = GithubRetry(
            total=RETRIES,
            backoff_factor=0.2,
            raise_on_status=False,
            secondary_rate_wait=LONGEST_WAIT,
            max_rate_limit_wait=LONGEST_WAIT,
        )
        self._github = Github(
            base_url=api_url,
            auth=Auth.Token(token),
            lazy=True,
            per_page=100,
            timeout=TIMEOUT,
            retry=retry,
            seconds_between_writes=None,  # a handful at most
        )
        self._token = token
        self._repository = repository
        self._number = number

    def own(self) -> list[Comment]:
        """Return those of the token's own account, of all pages."""
        with self._errors():
            # The one question to which a pipeline's token, too, gets its name: as an app it has no user.
            _, answer = self._github.requester.graphql_query("query { viewer { login } }", {})
            login = answer["data"]["viewer"]["login"]
            pull = self._github.get_repo(self._repository).get_issue(self._number)
            return [_comment(each) for each in pull.get_comments() if each.user and each.user.login == login]

    def create(self, body: str) -> Comment:
        """Write one."""
        with self._errors():
            return _comment(self._github.get_repo(self._repository).get_issue(self._number).create_comment(body))

    def update(self, comment: Comment, body: str) -> Comment:
        """Give one another text."""
        with self._errors():
            found = self._found(comment)
            found.edit(body)
            return _comment(found)

    def delete(self, comment: Comment) -> None:
        """Take one away."""
        with self._errors():
            self._found(comment).delete()

    def _found(self, comment: Comment) -> IssueComment:
        url = f"{self._github.requester.base_url}/repos/{self._repository}/issues/comments/{comment.id}"
        return IssueComment(self._github.requester, url=url)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except GithubException as error:
            said = error.data.get("message") if isinstance(error.data, dict) else error.data
            raise refused("GitHub", error.status, said, needs=_NEEDS, token=self._token) from None
        except requests.RequestException as error:
            raise refused("GitHub", None, error, needs=_NEEDS, token=self._token) from None


def _comment(found: IssueComment) -> Comment:
    return Comment(id=found.id, body=found.body, url=found.html_url)
