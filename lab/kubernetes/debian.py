"""Programs of images that Debian builds: its packages, fetched by apt and read without installing them."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from lab.engine.errors import EngineError, EngineMissingError
from lab.kubernetes.oci import Entry

_MERGED = ("bin", "lib", "lib64", "sbin")
"""Folders that are links into ``/usr``, whatever a package says."""

_LEFT_OUT = ("usr/share/", "/gconv/", "/audit/")
"""Documentation and what only other character sets need."""

_CLOSURE = ("--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances")
_TIMEOUT = 300


def download(packages: tuple[str, ...], folder: Path) -> list[Path]:
    """Fetch packages and all that they depend on, by this machine's own configuration of apt."""
    folder.mkdir()
    try:
        _download(packages, folder)
    except EngineError:
        # Lists that are missing, or older than what the mirror holds.
        _run(folder, "apt-get", "update", "-qq", "-o", "Acquire::Retries=2")
        _download(packages, folder)
    return sorted(folder.glob("*.deb"))


def read(package: Path) -> dict[str, Entry]:
    """Return the files of a package as they belong into an image."""
    command = [_tool("dpkg-deb"), "--fsys-tarfile", str(package)]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    files: dict[str, Entry] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            path = _place(member.name)
            if any(part in path for part in _LEFT_OUT):
                continue
            if member.issym():
                files[path] = Entry(target=member.linkname)
            elif member.islnk():
                files[path] = files[_place(member.linkname)]
            elif content := tar.extractfile(member):
                files[path] = Entry(content.read(), member.mode)
    return files


def links() -> dict[str, Entry]:
    """Return the links that make Debian's folders one with ``/usr``."""
    return {name: Entry(target=f"usr/{name}") for name in _MERGED}


def _download(packages: tuple[str, ...], folder: Path) -> None:
    lines = _run(folder, "apt-cache", "depends", "--recurse", *_CLOSURE, *packages).splitlines()
    # Names at a line's start are packages; those in angle brackets are names that several provide.
    needed = sorted({line for line in lines if line[:1].isalnum()})
    _run(folder, "apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *needed)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise EngineMissingError(
            f"The images hold Debian's packet filter, and {name} is not on PATH: use a Debian machine."
        )
    return found


def _run(folder: Path, *command: str) -> str:
    try:
        process = subprocess.run(
            [_tool(command[0]), *command[1:]],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            f"{' '.join(command[:2])} did not end within {_TIMEOUT} s: see why, then try again."
        ) from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EngineError(f"{' '.join(command[:2])} failed: {reason}") from error
    return process.stdout


def _place(name: str) -> str:
    path = name.removeprefix("./")
    top, _, rest = path.partition("/")
    return f"usr/{path}" if rest and top in _MERGED else path
