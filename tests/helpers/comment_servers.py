"""Servers on this machine that answer as the comment APIs of GitHub and GitLab do: pages, limits, rights, faults."""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ME, SOMEBODY = "github-actions[bot]", "somebody"
IDS = {ME: 41898282, SOMEBODY: 7}


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class CommentServer:
    """One pull request's comments. `log` has the method and path of each request, without its query."""

    token: str = "the-pipelines-token"  # noqa: S105
    writes: bool = True
    """Whether the token may write."""
    page: int = 3
    """Comments on a page at most, whatever is asked for."""
    faults: list[int] = field(default_factory=list)
    """Statuses of the next answers, whatever is asked for."""
    comments: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, body: str, author: str = ME) -> int:
        """Have a comment; return its id."""
        number = max((each["id"] for each in self.comments), default=100) + 1
        self.comments.append({"id": number, "body": body, "author": author})
        return number

    def bodies(self, author: str = ME) -> list[str]:
        """Return the texts of somebody's comments."""
        return [each["body"] for each in self.comments if each["author"] == author]

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request."""
        url = urlsplit(target)
        self.log.append(f"{method} {url.path}")
        if self.faults:
            return Answer(self.faults.pop(0), {"message": "it is us"})
        if not self.knows(headers):
            return Answer(401, {"message": "Bad credentials"})
        query = {key: int(values[0]) for key, values in parse_qs(url.query).items() if values[0].isdigit()}
        return self.routed(method, url.path, query, json.loads(body) if body else {})

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the token is right."""
        raise NotImplementedError

    def routed(self, method: str, path: str, query: Mapping[str, int], body: Mapping[str, Any]) -> Answer:
        """Answer a request of who is known."""
        raise NotImplementedError

    def shown(self, comment: Mapping[str, Any]) -> dict[str, Any]:
        """Return a comment as the API does."""
        raise NotImplementedError

    def changed(self, method: str, number: int, text: str) -> Answer:
        """Update or delete a comment."""
        found = next((each for each in self.comments if each["id"] == number), None)
        if found is None:
            return Answer(404, {"message": "Not Found"})
        if method == "DELETE":
            self.comments.remove(found)
            return Answer(204)
        found["body"] = text
        return Answer(200, self.shown(found))

    def listed(self, items: Sequence[Mapping[str, Any]], path: str, query: Mapping[str, int]) -> tuple[Answer, int]:
        """Return a page, with its links, and the number of pages."""
        size, page = min(query.get("per_page", 30), self.page), query.get("page", 1)
        pages = max(1, -(-len(items) // size))
        links = {"first": 1, "last": pages, "next": page + 1 if page < pages else 0, "prev": page - 1}
        link = ", ".join(
            f'<{self.url}{path}?{urlencode({"page": number, "per_page": size})}>; rel="{name}"'
            for name, number in links.items()
            if number
        )
        shown = [self.shown(each) for each in items[(page - 1) * size : page * size]]
        return Answer(200, shown, {"Link": link}), pages


class GithubServer(CommentServer):
    """GitHub's: issue comments of pull request 7 of acme/clusters."""

    LIMIT = 65_536

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the token is right."""
        return headers.get("Authorization") in (f"token {self.token}", f"Bearer {self.token}")

    def routed(  # noqa: PLR0911 (a table of answers)
        self, method: str, path: str, query: Mapping[str, int], body: Mapping[str, Any]
    ) -> Answer:
        """Answer a request of who is known."""
        if path == "/graphql":
            return Answer(200, {"data": {"viewer": {"login": ME}}})
        if path == "/user":
            return Answer(403, {"message": "Resource not accessible by integration"})
        if method != "GET" and not self.writes:
            return Answer(403, {"message": "Resource not accessible by integration"})
        if len(body.get("body", "")) > self.LIMIT:
            return Answer(422, {"message": "Validation Failed: body is too long (maximum is 65536 characters)"})
        if path == "/repos/acme/clusters/issues/7/comments":
            if method == "GET":
                return self.listed(self.comments, path, query)[0]
            self.add(body["body"])
            return Answer(201, self.shown(self.comments[-1]))
        match = re.fullmatch(r"/repos/acme/clusters/issues/comments/(\d+)", path)
        if match and method in ("PATCH", "DELETE"):
            return self.changed(method, int(match[1]), body.get("body", ""))
        return Answer(404, {"message": "Not Found"})

    def shown(self, comment: Mapping[str, Any]) -> dict[str, Any]:
        """Return a comment as the API does."""
        api = f"{self.url}/repos/acme/clusters/issues/comments/{comment['id']}"
        page = f"https://github.example/acme/clusters/pull/7#issuecomment-{comment['id']}"
        user = {"login": comment["author"], "id": IDS[comment["author"]], "type": "Bot"}
        return {"id": comment["id"], "url": api, "html_url": page, "body": comment["body"], "user": user}


class GitlabServer(CommentServer):
    """GitLab's: notes of merge request 7 of project 42, the newest first."""

    LIMIT = 1_000_000

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the token is right."""
        return headers.get("PRIVATE-TOKEN") == self.token

    def routed(  # noqa: PLR0911 (a table of answers)
        self, method: str, path: str, query: Mapping[str, int], body: Mapping[str, Any]
    ) -> Answer:
        """Answer a request of who is known."""
        if path == "/api/v4/user":
            return Answer(200, {"id": IDS[ME], "username": "project_42_bot"})
        if method != "GET" and not self.writes:
            return Answer(403, {"message": "403 Forbidden"})
        if len(body.get("body", "")) > self.LIMIT:
            return Answer(400, {"message": {"note": ["is too long (maximum is 1000000 characters)"]}})
        notes = "/api/v4/projects/42/merge_requests/7/notes"
        if path == notes and method == "GET":
            answer, pages = self.listed(self.comments[::-1], path, query)
            page = query.get("page", 1)
            following = {"X-Next-Page": str(page + 1) if page < pages else "", "X-Page": str(page)}
            return Answer(200, answer.body, {**answer.headers, **following, "X-Total-Pages": str(pages)})
        if path == notes:
            self.add(body["body"].rstrip())
            return Answer(201, self.shown(self.comments[-1]))
        match = re.fullmatch(rf"{notes}/(\d+)", path)
        if match and method in ("PUT", "DELETE"):
            return self.changed(method, int(match[1]), body.get("body", "").rstrip())
        return Answer(404, {"message": "404 Not found"})

    def shown(self, comment: Mapping[str, Any]) -> dict[str, Any]:
        """Return a note as the API does."""
        author = {"id": IDS[comment["author"]], "username": comment["author"]}
        return {"id": comment["id"], "body": comment["body"], "author": author, "system": False}


@contextmanager
def serving(server: CommentServer) -> Iterator[CommentServer]:
    """Serve on a free port of the loopback interface until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            answer = server.answer(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
            body = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PATCH = do_DELETE = do_PUT = do_POST = _answer  # noqa: N815 (the base class' names)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def pipeline(server: CommentServer) -> dict[str, str]:
    """Return the environment of a pipeline whose pull request is on that server."""
    if isinstance(server, GithubServer):
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": server.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "acme/clusters",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_RUN_ID": "1234",
            "GITHUB_TOKEN": server.token,
        }
    return {
        "CI_API_V4_URL": f"{server.url}/api/v4",
        "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_COMMIT_SHA": "0123456789abcdef0123456789abcdef01234567",
        "CI_PIPELINE_URL": "https://gitlab.example/acme/clusters/-/pipelines/1234",
        "CECF_GITLAB_TOKEN": server.token,
    }
