"""From a fresh clone, one command sets Liaise up and serves it; the second time it only serves."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import ROOT, environment, free_port, running
from tests.test_server import get

pytestmark = pytest.mark.slow("sets up a fresh clone")

PLAIN = {"PYTHONPATH": "", "PYTHONWARNINGS": ""}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git has of this folder, changes not yet committed included, and nothing else."""
    place = tmp_path_factory.mktemp("clone") / "liaise"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    return place


def downloads(tmp_path: Path) -> dict[str, str]:
    """The one thing not fresh: packages this machine has downloaded before are taken from there."""
    uv = ROOT / ".venv" / "bin" / "uv"
    if not uv.exists():
        return {"UV_CACHE_DIR": str(tmp_path / "uv")}
    found = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=True)
    return {"UV_CACHE_DIR": found.stdout.strip()}


def inherited() -> dict[str, str]:
    """How this machine reaches the package registry, if that takes saying."""
    names = ("PIP_", "UV_", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy")
    return {name: value for name, value in os.environ.items() if name.startswith(names)}


def test_one_command_from_a_fresh_clone_and_no_set_up_the_second_time(
    clone: Path, tmp_path: Path
) -> None:
    data_dir, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data_dir.mkdir()
    elsewhere.mkdir()
    settings = {**inherited(), **downloads(tmp_path), "DATA_DIR": str(data_dir), **PLAIN}
    program = [str(clone / "run")]

    for seconds, sets_up in ((300, True), (20, False)):
        port = free_port()
        with running(elsewhere, program=program, PORT=str(port), **settings) as server:
            server.wait_to_say(f"Liaise is at http://127.0.0.1:{port}", seconds)
            status, page = get(port, "/sign-in")
            assert (status, "<h1" in page) == (200, True)
            assert server.stop() < 10
        log = elsewhere / "log"
        assert ("Setting up Liaise" in log.read_text()) is sets_up
        log.unlink()


def test_a_command_runs_in_the_same_environment_from_any_folder(
    clone: Path, tmp_path: Path
) -> None:
    settings = environment(tmp_path, **PLAIN, **inherited(), **downloads(tmp_path))
    done = subprocess.run(
        [clone / "run", "--help"],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "load-reference" in done.stdout


def test_an_old_python_is_named_in_one_sentence(tmp_path: Path) -> None:
    place = tmp_path / "liaise"
    place.mkdir()
    for name in ("run", "setup.sh", "requirements.txt", "requirements-setup.txt"):
        shutil.copy(ROOT / name, place / name)
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 || exit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        [place / "run"],
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Liaise needs Python 3.11 or newer; Python 3.9.2 is older." in done.stderr
    assert not (place / ".venv").exists()
