"""A place that an unprivileged server can reach when the home or the programs lie where only root can go.

No directory that exists is opened up: what is needed is copied, or put, under one directory of root's own.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from servery.embedded.errors import HomeRefusedError
from servery.embedded.orphan import first_line_pid, runs_with

# Not only $TMPDIR, which may itself be root's alone.
PLACES = ("/var/tmp", "/tmp")  # noqa: S108 - the directory made there is checked for owner and mode
NOTE = "home"
READABLE = 0o755
_not_run = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "__pycache__", "*.a")


def shelters() -> Iterator[Path]:
    """Directories of this user's own that others may enter but not write, the best first."""
    for place in dict.fromkeys([*PLACES, tempfile.gettempdir()]):
        if Path(place).is_dir():
            yield own_directory(Path(place) / f"servery-{os.geteuid()}")


def own_directory(path: Path) -> Path:
    """Make `path`, or take it if it is a real directory that only this user can write.

    In a place where all may write, another user can make the directory first: such a one is refused.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022:
        path.chmod(READABLE)
        return path
    raise HomeRefusedError(
        f"{path} exists, but it is not a directory that only user {os.geteuid()} can write.",
        f"See who made it, then remove it: ls -ld {path}",
    )


def is_roots_alone(path: Path) -> bool:
    """Whether nobody but root can rename what leads to `path`; root changes owners only in such places."""
    return all(_only_root_writes(directory.lstat()) for directory in (path, *path.parents))


def _only_root_writes(found: os.stat_result) -> bool:
    shared = found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX
    return found.st_uid == 0 and not shared and not stat.S_ISLNK(found.st_mode)


def sheltered_copy(package: Path, version: str, shelter: Path) -> Path:
    """A readable copy of a wheel's package, made once and made again when files of it are missing.

    Programs find the libraries of their wheel in the folder beside the package, so that is copied too.
    """
    parts = [part for part in (package, package.with_name(f"{package.name}.libs")) if part.is_dir()]
    place = shelter / f"{_digest(package)}-{version}"
    if not all(_same_files(part, place / part.name) for part in parts):
        _copy_parts(parts, place)
    return place / package.name


def _copy_parts(parts: Sequence[Path], place: Path) -> None:
    draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=place.parent))
    try:
        for part in parts:
            shutil.copytree(part, draft / part.name, symlinks=True, ignore=_not_run, copy_function=_copy_file)
        _open_directories(draft)
        shutil.rmtree(place, ignore_errors=True)
        # Another process may have put its copy there meanwhile; it is as good.
        with suppress(OSError):
            draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def sheltered_home(home: Path, shelter: Path) -> Path:
    """The directory in `shelter` that stands for `home`; those whose home is gone are removed first."""
    _sweep(shelter)
    directory = own_directory(shelter / f"home-{_digest(home)}")
    (directory / NOTE).write_text(str(home), "utf-8")
    return directory


def _sweep(shelter: Path) -> None:
    for note in shelter.glob(f"home-*/{NOTE}"):
        directory = note.parent
        pid = first_line_pid(directory / "data" / "postmaster.pid")
        if pid is not None and runs_with(pid, [str(directory)]):
            continue
        with suppress(FileNotFoundError):
            if not Path(note.read_text("utf-8")).exists():
                shutil.rmtree(directory, ignore_errors=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]


def _same_files(tree: Path, copy: Path) -> bool:
    """Whether `copy` has every file of `tree` that is needed: old files of such places get cleaned away."""
    for directory, folders, files in os.walk(tree):
        left_out = _not_run(directory, [*folders, *files])
        folders[:] = [folder for folder in folders if folder not in left_out]
        there = copy / Path(directory).relative_to(tree)
        for name in files:
            if name not in left_out and not _same_size(Path(directory) / name, there / name):
                return False
    return True


def _same_size(original: Path, copy: Path) -> bool:
    try:
        return original.lstat().st_size == copy.lstat().st_size
    except FileNotFoundError:
        return False


def _copy_file(source: str, target: str) -> str:
    shutil.copyfile(source, target)
    runs = Path(source).stat().st_mode & stat.S_IXUSR
    Path(target).chmod(READABLE if runs else 0o644)
    return target


def _open_directories(tree: Path) -> None:
    tree.chmod(READABLE)
    for directory, folders, _ in os.walk(tree):
        for folder in folders:
            (Path(directory) / folder).chmod(READABLE)
