"""What every file of the repository must be free of, and how dependencies are locked."""

import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, application, imports, tracked_files

TOO_COMMON = {Path(p) for p in ("/", "/tmp", "/home", "/srv", "/opt", "/var", "/usr", "/mnt", "/builds")}
LARGEST = 5_000_000
DISTRIBUTION = {
    "sklearn": "scikit-learn",
    "python_calamine": "python-calamine",
    "pydantic_settings": "pydantic-settings",
}


def machine_names() -> list[str]:
    """Names of this machine that a file of the project has no business knowing."""
    folders = {ROOT, ROOT.parent, Path.home()} - TOO_COMMON
    host = socket.gethostname()
    generic = host in ("localhost", "debian", "runner") or len(host) < 6
    return [f"{folder}/" for folder in sorted(folders)] + ([] if generic else [host])


def mentions(text: str, names: list[str]) -> list[str]:
    """Which of the names stand in a text as a word or path of their own."""
    return [name for name in names if re.search(rf"(?<![\w./~:-]){re.escape(name)}", text)]


def requirements(name: str) -> dict[str, str]:
    """Distribution -> pinned version of a lock file."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {_normal(package): version for package, version in pins}


def wanted(name: str) -> set[str]:
    """Distributions a .in file asks for."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {_normal(re.split(r"[=<>~!\[ ;]", line)[0]) for line in lines if line and not line.startswith(("#", "-"))}


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def test_no_file_names_a_machine():
    names, found = machine_names(), {}
    for path in tracked_files():
        if path.stat().st_size < LARGEST:
            text = path.read_bytes().decode("utf-8", errors="ignore")
            if hits := mentions(text, names):
                found[path.relative_to(ROOT).as_posix()] = hits
    assert not found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('ROOT = "/build/agent/x"', ["/build/agent/"], id="path"),
        pytest.param("see docs/build/agent/x", [], id="end of a longer path"),
        pytest.param("ran on agent-0031 today", ["agent-0031"], id="host"),
    ],
)
def test_mentions_finds(text, found):
    assert mentions(text, ["/build/agent/", "agent-0031"]) == found


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_pins_and_hashes_everything_and_names_no_index(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    for entry in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]:
        assert re.match(r"[A-Za-z0-9._-]+==\S+( ; .+)? \\\n", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
    assert not re.search(r"--(extra-)?index-url|--find-links|file:|://", text)


def test_the_locks_hold_what_is_asked_for():
    assert wanted("requirements.in") <= requirements("requirements.txt").keys()
    assert wanted("requirements-dev.in") <= requirements("requirements-dev.txt").keys()


def test_the_two_locks_agree():
    run, dev = requirements("requirements.txt"), requirements("requirements-dev.txt")
    assert {name: dev[name] for name in run.keys() & dev.keys()} == {n: run[n] for n in run.keys() & dev.keys()}


def test_what_the_application_imports_is_asked_for_by_name():
    tops = {name.split(".")[0] for source in application() for name, _ in imports(source)}
    third_party = tops - set(sys.stdlib_module_names) - {"core", "pages", "app", "tests", ""}
    missing = {_normal(DISTRIBUTION.get(top, top)) for top in third_party} - wanted("requirements.in")
    assert not missing, "add to requirements.in, run make lock, and give the reason in docs/decisions/"


def test_a_required_skip_plugin_is_loaded():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert "tests.required" in options["addopts"]


def test_ci_run_is_sound_shell_and_ends_in_make_test():
    script = ROOT / ".ci" / "run"
    checked = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert script.stat().st_mode & 0o111, "not executable"
    last = [line for line in script.read_text(encoding="utf-8").splitlines() if line.strip()][-1]
    assert last.startswith("exec make test")


@pytest.mark.parametrize("target", ["run", "test", "test-long", "bench", "docs", "lock", "demo", "help"])
def test_make_lists_the_target(target):
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  make {target} +\S", listed, re.MULTILINE)
