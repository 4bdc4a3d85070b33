"""Nova's documents in cloud-init's seed folder."""

from pathlib import Path

from lab.nova_driver import config_drive

DOCUMENTS = [
    ("ec2/latest/meta-data.json", b"{}"),
    ("openstack/2012-08-10/meta_data.json", b"old"),
    ("openstack/latest/meta_data.json", b'{"uuid": "1"}'),
    ("openstack/latest/user_data", b"#cloud-config\n\xff"),
    ("openstack/latest/network_data.json", b"{}"),
    ("openstack/content/0000", b"file"),
    ("openstack/latest/../../../etc/passwd", b"no"),
]


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_newest_documents_are_written_and_no_others(tmp_path: Path) -> None:
    config_drive.write(tmp_path / "drive", DOCUMENTS)
    wanted = [number for number in range(len(DOCUMENTS)) if number in (2, 3, 4, 5)]
    assert written(tmp_path / "drive") == {DOCUMENTS[number][0]: DOCUMENTS[number][1] for number in wanted}


def test_nobody_but_root_may_read_them(tmp_path: Path) -> None:
    config_drive.write(tmp_path / "drive", DOCUMENTS)
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in (tmp_path / "drive").rglob("*")}
    assert modes == {True: 0o700, False: 0o600}
    assert (tmp_path / "drive").stat().st_mode & 0o777 == 0o700
