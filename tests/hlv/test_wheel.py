"""The wheel carries all that a start needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.servers import free_port

pytestmark = pytest.mark.embedded
OUR_LIBRARIES = Path(sysconfig.get_paths()["purelib"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_it_carries_every_template_static_file_and_licence_and_no_test(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    pairs = (("templates", "hlv/_templates"), ("static", "hlv/_static"), ("hlv/locale", "hlv/locale"))
    for folder, inside in pairs:
        for path in (CHECKOUT / folder).rglob("*"):
            if path.is_file():
                assert f"{inside}/{path.relative_to(CHECKOUT / folder)}" in packed
    assert {f"{package}/py.typed" for package in ("hlv", "annotations", "metaeval")} <= packed
    assert any(name.endswith("/LICENSE") for name in packed)
    assert not [name for name in packed if name.startswith(("tests/", "templates/", "static/"))]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The Python of an environment of its own, and the folder in it where the wheel alone is."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    theirs = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", theirs, str(wheel)], check=True)
    return python, Path(theirs)


def test_its_statistics_need_numpy_and_scipy_only(installed: tuple[str, Path], tmp_path: Path) -> None:
    python, theirs = installed
    for library in ("numpy", "numpy.libs", "scipy", "scipy.libs"):
        found = OUR_LIBRARIES / library
        if found.is_dir():
            (tmp_path / library).symlink_to(found)
    program = (
        "import pkgutil, hlv.stats\n"
        "for found in pkgutil.walk_packages(hlv.stats.__path__, 'hlv.stats.'): __import__(found.name)\n"
        "print(hlv.stats.__file__)"
    )
    environment = {"PYTHONPATH": os.pathsep.join([str(theirs), str(tmp_path)])}
    done = subprocess.run(
        [python, "-P", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(theirs))


def test_it_starts_where_nothing_else_of_ours_is(
    installed: tuple[str, Path], tmp_path: Path, wait_until: Callable[[Callable[[], bool], float], None]
) -> None:
    python, theirs = installed
    # Our dependencies, but not this checkout. A plain path, unlike a .pth line, does not run the .pth files that stand
    # there: not our editable install.
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(theirs), str(OUR_LIBRARIES)]),
        "HLV_DATA_DIR": str(tmp_path / "data"),
        "LANG": "C.UTF-8",
    }
    command = [python, "-P", "-m", "hlv.cli"]
    where = subprocess.run(
        [python, "-P", "-c", "import hlv; print(hlv.__file__)"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(theirs))
    shown = subprocess.run(
        [*command, "--help"], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    assert "create-person" in shown.stdout
    port = free_port()
    log = tmp_path / "served.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: "hlv serves" in log.read_text() or process.poll() is not None, 120)
        assert process.poll() is None, log.read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=20) as response:
            page = response.read().decode()
        style = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert style is not None
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{style.group(1)}", timeout=20) as response:
            assert response.headers["Content-Type"].startswith("text/css")
    finally:
        process.terminate()
        process.wait(timeout=30)
