"""One comment for each thing said, on servers that answer as GitHub and GitLab do."""

import sys
from collections.abc import Iterator

import pytest

from cecf.automation.comments import CommentError, Comments, write
from cecf.automation.pull_request import Vendor, pull_request
from tests.helpers.comment_servers import SOMEBODY, CommentServer, GithubServer, GitlabServer, pipeline, serving

MARKER = "<!-- cecf:preview project=cecf stack=finance -->"
OTHER = "<!-- cecf:preview project=cecf stack=finance2 -->"


@pytest.fixture(params=[GithubServer, GitlabServer])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommentServer]:
    """Serve a pull request, of one vendor after the other."""
    monkeypatch.setattr("time.sleep", lambda _: None)  # between retries
    with serving(request.param()) as server:
        yield server


def comments(server: CommentServer, **changed: str) -> Comments:
    """Return its comments as a pipeline has them."""
    found = pull_request(Vendor.AUTO, pipeline(server) | changed)
    assert found
    return found.comments()


def changes(server: CommentServer) -> list[str]:
    """Return the methods of the requests that changed something."""
    words = (line.split() for line in server.log)
    return [method for method, path in words if method != "GET" and path != "/graphql"]


def test_the_first_run_creates_and_the_next_one_edits_in_place(server: CommentServer) -> None:
    first = write(comments(server), MARKER, f"{MARKER}\n1 to create\n")
    (created,) = (each["id"] for each in server.comments)
    second = write(comments(server), MARKER, f"{MARKER}\n2 to create\n")

    assert (first.action, second.action) == ("created", "updated")
    assert [each["id"] for each in server.comments] == [created]
    assert "2 to create" in server.bodies()[0]
    assert changes(server) == ["POST", "PATCH" if isinstance(server, GithubServer) else "PUT"]


def test_an_unchanged_text_is_not_sent(server: CommentServer) -> None:
    for _ in range(2):
        written = write(comments(server), MARKER, f"{MARKER}\n1 to create\n")
    assert written.action == "unchanged"
    assert changes(server) == ["POST"]


def test_line_ends_of_the_server_are_no_change(server: CommentServer) -> None:
    server.add(f"{MARKER}\r\n1 to create\r\n")
    assert write(comments(server), MARKER, f"{MARKER}\n1 to create\n").action == "unchanged"


@pytest.mark.parametrize("before", [0, 1, 2, 3, 8])
def test_the_comment_is_found_on_any_page(server: CommentServer, before: int) -> None:
    for number in range(before):
        server.add(f"remark {number}", SOMEBODY)
    own = server.add(f"{MARKER}\nold")
    for number in range(8 - before):
        server.add(f"remark {number}", SOMEBODY)
    assert write(comments(server), MARKER, f"{MARKER}\nnew").action == "updated"
    assert [each["body"] for each in server.comments if each["id"] == own] == [f"{MARKER}\nnew"]
    assert len(server.comments) == 9


def test_of_several_the_newest_stays(server: CommentServer) -> None:
    for number in range(4):
        server.add(f"{MARKER}\n{number}")
        server.add("a remark", SOMEBODY)
    newest = server.add(f"{MARKER}\nnewest")
    write(comments(server), MARKER, f"{MARKER}\nnow")
    assert [each["id"] for each in server.comments if each["body"].startswith(MARKER)] == [newest]
    assert server.bodies() == [f"{MARKER}\nnow"]
    assert len(server.bodies(SOMEBODY)) == 4


def test_nobody_elses_comment_is_taken_for_the_own_one(server: CommentServer) -> None:
    forged = server.add(f"{MARKER}\nnothing to do, merge it", SOMEBODY)
    server.add(f"{OTHER}\nanother stack")
    server.add(f"> {MARKER}\nas I said")
    assert write(comments(server), MARKER, f"{MARKER}\nnew").action == "created"
    assert len(server.comments) == 4
    assert server.comments[0] == {"id": forged, "body": f"{MARKER}\nnothing to do, merge it", "author": SOMEBODY}


@pytest.mark.parametrize("faults", [[503], [502, 500, 503]])
def test_a_fault_of_the_server_passes(server: CommentServer, faults: list[int]) -> None:
    server.faults = faults
    assert write(comments(server), MARKER, f"{MARKER}\nnew").action == "created"
    assert len(server.comments) == 1


def test_a_server_that_stays_away_is_told(server: CommentServer) -> None:
    server.faults = [503] * 20
    with pytest.raises(CommentError, match="has answered 503") as error:
        write(comments(server), MARKER, f"{MARKER}\nnew")
    assert server.token not in str(error.value)


def test_a_token_that_may_not_write_is_told_what_it_needs(server: CommentServer) -> None:
    server.writes = False
    with pytest.raises(CommentError, match=r"does not let the token write: it needs the (permission|scope)") as error:
        write(comments(server), MARKER, f"{MARKER}\nnew")
    assert "\n" not in str(error.value)


def test_a_wrong_token_is_told_and_never_shown(server: CommentServer) -> None:
    wrong = "a-wrong-token"
    with pytest.raises(CommentError, match="does not know the token") as error:
        write(comments(server, GITHUB_TOKEN=wrong, CECF_GITLAB_TOKEN=wrong), MARKER, f"{MARKER}\nnew")
    assert wrong not in f"{error.value!r}"
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_pull_request_that_is_not_there_is_told(server: CommentServer) -> None:
    with pytest.raises(CommentError, match="has no such pull request"):
        write(comments(server, GITHUB_REPOSITORY="acme/other", CI_PROJECT_ID="43"), MARKER, f"{MARKER}\nnew")


def test_a_server_that_is_not_there_is_told(server: CommentServer) -> None:
    nowhere = "http://127.0.0.1:9"
    with pytest.raises(CommentError, match="does not answer"):
        write(comments(server, GITHUB_API_URL=nowhere, CI_API_V4_URL=nowhere), MARKER, f"{MARKER}\nnew")


def test_the_libraries_are_asked_for_by_name(server: CommentServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for library, user in (("github", "github_comments"), ("gitlab", "gitlab_comments")):
        monkeypatch.delitem(sys.modules, f"cecf.automation.{user}", raising=False)
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(CommentError, match=r"need the package 'git(hub|lab)': install cecf with its extra `ci`"):
        comments(server)
