"""The files of a feature repository at a revision of git: read through git, nothing checked out."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from featurectl.errors import RequestError, did_you_mean, first_line
from featurectl.repo.git import git, git_command, git_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST: Final = 16_000_000  # bytes: what is larger is data, no definition
_FILE, _EXECUTABLE, _LINK = "100644", "100755", "120000"
_NEVER = ("", ".", "..", ".git")  # parts of a path that no honest tree has
_NOT_A_REPOSITORY = "not a git repository"


@dataclass(frozen=True)
class Revision:
    """A commit, and what it was asked for as."""

    ref: str
    sha: str


@dataclass(frozen=True)
class _Entry:
    mode: str
    oid: str
    size: int
    path: str


def resolve(root: Path, ref: str) -> Revision:
    """The commit that ``ref`` means in the git repository that ``root`` is in. Two calls of git.

    Raises:
        RequestError: FC325 ``root`` is in no git repository, FC326 there is no such revision.
    """
    _prefix(root)
    found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if found.returncode:
        raise _unknown(root, ref)
    return Revision(ref, found.stdout.decode().strip())


def extract(root: Path, revision: Revision, folder: Path) -> bool:
    """Write the files that were in ``root`` at the revision into ``folder``; whether it was there.

    Files beyond 16 MB are left out, and submodules. Attributes of git, such as ``export-ignore``,
    play no part. One file at a time is held in memory.

    Raises:
        RequestError: FC326 git has not got all of the revision, as in a partial clone.
    """
    tree = f"{revision.sha}:{_prefix(root)}"
    if git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", tree).returncode:
        return False
    listing = git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", tree)
    if listing.returncode:
        raise _incomplete(revision, listing.stderr)
    links = []
    for entry, content in _contents(root, revision, list(_entries(listing.stdout))):
        if entry.mode == _LINK:
            links.append((folder / entry.path, os.fsdecode(content)))
        else:
            path = folder / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for path, target in links:  # last, so that nothing is written through one
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    return True


def _entries(listing: bytes) -> Iterator[_Entry]:
    for line in filter(None, listing.split(b"\0")):
        about, _, name = line.partition(b"\t")
        mode, _, oid, size = about.decode().split()
        path = os.fsdecode(name)
        is_plain = not any(part in _NEVER for part in path.split("/"))
        if mode in (_FILE, _EXECUTABLE, _LINK) and is_plain and int(size) <= _LARGEST:
            yield _Entry(mode, oid, int(size), str(PurePosixPath(path)))


def _contents(
    root: Path, revision: Revision, entries: list[_Entry]
) -> Iterator[tuple[_Entry, bytes]]:
    """Each entry with its content: one process of git for all."""
    if not entries:
        return
    with subprocess.Popen(  # noqa: S603 - a fixed command; only the folder varies
        git_command(root, "cat-file", "--batch"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=git_environment(),
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without the pipes that it was given")
        for entry in entries:
            process.stdin.write(f"{entry.oid}\n".encode())
            process.stdin.flush()
            head = process.stdout.readline().split()
            content = process.stdout.read(entry.size + 1)[:-1]
            if len(head) != 3 or len(content) != entry.size:  # noqa: PLR2004 - oid, type, size
                raise _incomplete(revision, b"")
            yield entry, content
        process.stdin.close()


def _prefix(root: Path) -> str:
    """The path of ``root`` within its git repository: empty, or with ``/`` at the end."""
    try:
        found = git(root, "rev-parse", "--show-prefix")
    except OSError as error:
        raise RequestError(
            "FC325", f"git can't be run: {error.strerror or error}", help=["install git"]
        ) from error
    if found.returncode:
        said = os.fsdecode(found.stderr).strip()
        outside = _NOT_A_REPOSITORY in said
        raise RequestError(
            "FC325",
            f"{root} is in no git repository" if outside else f"git refuses to read {root}",
            notes=[] if outside else [line.strip() for line in said.splitlines() if line.strip()],
            help=["a revision to compare with can only be read from git"] if outside else [],
        )
    return os.fsdecode(found.stdout).removesuffix("\n")


def _unknown(root: Path, ref: str) -> RequestError:
    listing = git(root, "for-each-ref", "--format=%(refname:short)")
    names = os.fsdecode(listing.stdout).split()
    is_shallow = git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    return RequestError(
        "FC326",
        f'there is no revision "{ref}"',
        caret=did_you_mean(ref, names),
        notes=["this clone is shallow: it has a part of the history"] if is_shallow else [],
        help=[
            "fetch it: git fetch origin BRANCH, then --base origin/BRANCH",
            "in a pipeline, take the history: fetch-depth: 0 (GitHub), GIT_DEPTH: 0 (GitLab)",
        ],
    )


def _incomplete(revision: Revision, stderr: bytes) -> RequestError:
    said = os.fsdecode(stderr).strip()
    return RequestError(
        "FC326",
        f'git can\'t read the files of "{revision.ref}"',
        notes=[first_line(OSError(said))] if said else [],
        help=["fetch it whole: the clone lacks some of its files"],
    )
