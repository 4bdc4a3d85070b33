"""Environment, packages, secrets, clouds.yaml: what the lab writes and where."""

import contextlib
import os
from pathlib import Path

import pytest
import yaml

from lab.openstack import clouds, packages, seeds, venv
from lab.openstack.lock import exclusive
from lab.openstack.secret import ensure_key_folder
from lab.openstack.seed_data import PROJECTS
from lab.openstack.shell import LabError
from lab.openstack.site import Site


def test_site_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The lab's own variables go before XDG's, and those before the defaults."""
    monkeypatch.setenv("CECF_LAB", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("CECF_CACHE", raising=False)
    monkeypatch.setenv("CECF_LAB_PORT_OFFSET", "100")
    site = Site.from_environment()
    assert site == Site(tmp_path / "mine", tmp_path / "xdg/cecf", 100)
    assert site.url("keystone", "/v3") == "http://127.0.0.1:5100/v3"


def test_secrets_are_made_once_and_private(site: Site) -> None:
    """A second look finds the same, and only their owner can look."""
    first = seeds.secrets(site)
    assert seeds.secrets(site) == first
    assert (site.state / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_two_labs_have_different_secrets(tmp_path: Path) -> None:
    """No password is in the repository."""
    one, two = (seeds.secrets(Site(tmp_path / name, tmp_path)) for name in ("one", "two"))
    assert not set(one.values.values()) & set(two.values.values())


def test_keys_are_kept(tmp_path: Path) -> None:
    """Tokens outlive a restart."""
    ensure_key_folder(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    ensure_key_folder(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before
    assert set(before) == {"0", "1"}


def test_clouds_file_has_one_cloud_a_project(site: Site) -> None:
    """Projects are reached by application credentials, the cloud by a password."""
    identities = {name: f"{number}" for number, name in enumerate(PROJECTS)}
    found = yaml.safe_load(clouds.render(site, seeds.secrets(site), identities))["clouds"]
    assert set(found) == {"admin", *PROJECTS}
    assert {found[name]["auth_type"] for name in PROJECTS} == {"v3applicationcredential"}
    assert found["finance"]["auth"]["application_credential_id"] == identities["finance"]


def test_seeds_of_another_checkout_are_not_current(site: Site) -> None:
    """A cloud that was seeded from older data is seeded again."""
    assert not seeds.are_current(site)
    seeds.mark(site).parent.mkdir(parents=True)
    seeds.mark(site).write_text('{"digest": "old"}')
    assert not seeds.are_current(site)


def test_interrupted_environment_is_not_complete(tmp_path: Path) -> None:
    """Only the mark that is written last makes it one, and only for the same lock."""
    assert not venv.is_complete(tmp_path)
    (tmp_path / ".complete").write_text("another lock")
    assert not venv.is_complete(tmp_path)
    (tmp_path / ".complete").write_text(venv.lock_digest())
    assert venv.is_complete(tmp_path)


def test_lock_names_no_index() -> None:
    """Where packages come from is the machine's own business, what they are is not."""
    text = venv.LOCK.read_text()
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=")


def test_policy_file_is_put_back(tmp_path: Path) -> None:
    """A machine's own policy outlives the installation, also one that fails."""
    policy = tmp_path / "policy-rc.d"
    policy.write_text("theirs")
    policy.chmod(0o700)
    with contextlib.suppress(LabError), packages._nothing_auto_starts(policy):
        assert "101" in policy.read_text()
        raise LabError
    assert policy.read_text() == "theirs"
    assert policy.stat().st_mode & 0o777 == 0o700


def test_policy_file_that_was_not_there_is_gone(tmp_path: Path) -> None:
    """Nothing of ours stays on the machine."""
    with packages._nothing_auto_starts(tmp_path / "policy-rc.d"):
        assert (tmp_path / "policy-rc.d").exists()
    assert not (tmp_path / "policy-rc.d").exists()


def test_without_root_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that a person can act on."""
    monkeypatch.setattr(packages, "missing", lambda: ["memcached", "rabbitmq-server"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match="install these packages first, as root: memcached rabbitmq-server"):
        packages.ensure_packages(lambda _: None)


def test_lock_is_inherited_by_commands_only(site: Site) -> None:
    """It is free again as soon as nobody that has it is left."""
    said: list[str] = []
    for _ in range(2):
        with exclusive(site, said.append):
            pass
    assert said == []
