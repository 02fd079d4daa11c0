"""What a machine can see of the house rules, over every file that is not ignored."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 60
BYTES_OF_A_FILE = 1_000_000
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
MARKS = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.~}-])/(?:home|root|Users|work)/[\w.-]+")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|(?:extra-)?index-url\s*[=:]"
)
ADDRESS = re.compile(r"\w+://")
LOCKS = {"dev.lock", "run.lock", "bootstrap.lock", "ui.lock", "package-lock.json"}

Faults = Iterator[str]


def test_modules_are_short_enough_to_be_read_at_once() -> None:
    assert not [fault for path in modules() for fault in too_long(path, text(path))]


def test_functions_do_one_thing() -> None:
    assert not [fault for path in modules() for fault in long_functions(path, text(path))]


def test_every_module_says_its_charge() -> None:
    # Tests say it in their names.
    assert not [path for path in modules() if not is_test(path) and silent(text(path))]


def test_names_of_modules_say_something() -> None:
    assert not [path for path in modules() if path.stem in EMPTY_NAMES or path.parent.name in EMPTY_NAMES]


def test_nothing_is_left_for_later() -> None:
    prose = [path for path in texts() if not is_test(path) and path.name not in LOCKS]

    assert not [fault for path in prose for fault in matches(MARKS, path, text(path))]


def test_no_file_knows_one_machine() -> None:
    assert not [fault for path in texts() for fault in matches(MACHINE_PATHS, path, text(path))]


def test_no_file_names_a_package_index() -> None:
    others = [path for path in texts() if CHECKOUT / path != Path(__file__)]

    assert not [fault for path in others for fault in matches(REGISTRIES, path, text(path))]


@pytest.mark.parametrize("lock", ["bootstrap", "run", "dev", "ui"])
def test_lock_files_hold_hashes_and_no_addresses(lock: str) -> None:
    lines = text(Path("requirements", f"{lock}.lock")).splitlines()
    pins = [line for line in lines if line and line[0] not in " #"]

    assert all(re.match(r"[\w.-]+==\S+( ;.*)? \\$", line) for line in pins), lines[:3]
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins) > 0
    assert not ADDRESS.search("\n".join(lines))


def test_the_lock_of_the_pages_holds_hashes_and_no_addresses() -> None:
    packages = json.loads(text(Path("web/package-lock.json")))["packages"]

    assert all("integrity" in package for name, package in packages.items() if name)
    assert not [name for name, package in packages.items() if "resolved" in package]


def test_what_runs_is_locked_alike_for_tests() -> None:
    tested = pins_of("dev")

    assert pins_of("run").items() <= tested.items()


def test_rooms_know_only_whom_they_may_know() -> None:
    lint = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]

    done = subprocess.run(lint, cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_no_file_is_large() -> None:
    assert not [path for path in files() if (CHECKOUT / path).stat().st_size > BYTES_OF_A_FILE]


def test_ignored_files_are_left_alone() -> None:
    found = {path.as_posix() for path in files()}

    assert {"pyproject.toml", "servery/cli.py", ".ci/run"} <= found
    assert not [path for path in found if path.startswith((".venv/", "servery/static/", ".git/"))]


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        (MARKS, "# " + "TO" + "DO: later", "a todo list"),
        (MARKS, "raise NotImplemented" + "Error", "return NotImplemented"),
        (MACHINE_PATHS, "cd /" + "home/ana/servery", "https://servery.example/" + "home/page"),
        (MACHINE_PATHS, "PYTHON=/" + "root/.pyenv", "$HOME/" + "work/servery and ~/" + "work/x"),
        (REGISTRIES, "https://files.python" + "hosted.org/x", "GraphiQL comes from npm"),
    ],
)
def test_each_pattern_sees_what_it_forbids(rule: re.Pattern[str], wrong: str, right: str) -> None:
    assert list(matches(rule, Path("x"), wrong))
    assert not list(matches(rule, Path("x"), right))


def test_lengths_are_counted() -> None:
    long = "def f():\n" + "    x = 1\n" * LINES_OF_A_FUNCTION

    assert list(long_functions(Path("x.py"), long)) == ["x.py:1 f has 61 lines"]
    assert not list(long_functions(Path("x.py"), long.removesuffix("    x = 1\n")))
    assert list(too_long(Path("x.py"), "\n" * 301)) == ["x.py has 301 lines"]
    assert not list(too_long(Path("x.py"), "\n" * 300))


def test_a_module_without_its_first_sentence_is_seen() -> None:
    assert silent("import sys\n")
    assert not silent('"""Counts dishes."""\n')


def too_long(path: Path, source: str) -> Faults:
    lines = len(source.splitlines())
    if lines > LINES_OF_A_MODULE:
        yield f"{path} has {lines} lines"


def long_functions(path: Path, source: str) -> Faults:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{path}:{node.lineno} {node.name} has {lines} lines"


def silent(source: str) -> bool:
    return not ast.get_docstring(ast.parse(source))


def matches(rule: re.Pattern[str], path: Path, source: str) -> Faults:
    for number, line in enumerate(source.splitlines(), 1):
        if found := rule.search(line):
            yield f"{path}:{number} {found.group()}"


def is_test(path: Path) -> bool:
    return path.parts[0] == "tests"


def modules() -> list[Path]:
    return [path for path in files() if path.suffix == ".py"]


def texts() -> Iterator[Path]:
    for path in files():
        try:
            text(path)
        except UnicodeDecodeError:
            continue  # a picture or a font
        yield path


def text(path: Path) -> str:
    return (CHECKOUT / path).read_text(encoding="utf-8")


def pins_of(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", text(Path("requirements", f"{lock}.lock")), re.MULTILINE)
    return dict(found)


def files() -> list[Path]:
    """Every file of the checkout that .gitignore lets in; without git, which a fresh machine may lack."""
    ignored = [line.rstrip("/") for line in (CHECKOUT / ".gitignore").read_text().split()]
    return sorted(unignored(CHECKOUT, [*ignored, ".git"]))


def unignored(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        name = path.relative_to(CHECKOUT)
        if any(fnmatch(path.name, pattern) or name.as_posix() == pattern for pattern in ignored):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from unignored(path, ignored)
        elif path.is_file():
            yield name
