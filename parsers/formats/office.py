"""LibreOffice without a screen: bytes of an old format -> bytes of a .docx.

One start for each file: it takes about a second, and a file that breaks LibreOffice costs itself only. What a
start needs (a profile, which two processes must not share) is made once for each process of jixiao and used again;
`office_keeper.py` removes it, and ends LibreOffice, however that process ends.

The profile forbids what a document could ask for: macros, links to other files, pictures from the network.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

from parsers.formats import office_keeper
from schemas.errors import UnreadableFile

TIME_LIMIT = 120.0
"""Seconds for one file. The largest reports take three, on a machine that does nothing else."""

INSTALL = (
    "LibreOffice, which reads it, is not installed. Install it (Debian and Ubuntu: apt-get install "
    "libreoffice-writer; macOS: brew install --cask libreoffice), or save the file as .docx."
)

_NAMES = ("soffice", "libreoffice")
_FOLDERS = (
    "/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/usr/local/bin",
    "/opt/libreoffice/program", "/Applications/LibreOffice.app/Contents/MacOS",
)  # fmt: skip
_OPTIONS = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard")
_FILTER = "docx:MS Word 2007 XML"

_CLOSED_PORT = "9"  # a proxy that is not there: whatever LibreOffice would fetch, it cannot
# (path, property, value) of what a profile must say.
_SETTINGS = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableOLEAutomation", "true"),
    ("Office.Common/Misc", "FirstRun", "false"),
    ("Office.Common/Misc", "CrashReport", "false"),
    ("Office.Common/Misc", "CollectUsageInformation", "false"),
    ("Office.Common/Save/Document", "AutoSave", "false"),
    ("Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("Office.Recovery/AutoSave", "Enabled", "false"),
    ("Office.Writer/Content/Update", "Link", "2"),  # never
    ("Office.Writer/Content/Update", "Field", "false"),
    ("Office.Writer/Content/Update", "Chart", "false"),
    ("Office.Java/VirtualMachine", "Enable", "false"),
    ("Inet/Settings", "ooInetProxyType", "1"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", _CLOSED_PORT),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", _CLOSED_PORT),
    ("Inet/Settings", "ooInetFTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetFTPProxyPort", _CLOSED_PORT),
)


def to_docx(data: bytes, suffix: str, seconds: float = TIME_LIMIT) -> bytes:
    """The file in `data`, of the format that `suffix` names ("doc", "rtf", "odt"), as LibreOffice saves it in .docx.

    Raises UnreadableFile: "missing_tool" without LibreOffice, "timeout" after `seconds`, "truncated" where it
    could not read the file.
    """
    program = find_office()
    if program is None:
        raise UnreadableFile("missing_tool", INSTALL)
    return _office_of(os.getpid()).convert(program, data, suffix, seconds)


def find_office() -> str | None:
    """The path of LibreOffice's command, None where there is none."""
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    for folder in _FOLDERS:
        if found := shutil.which(_NAMES[0], path=folder):
            return found
    return None


class _Office:
    """LibreOffice for this process: a private folder with a profile, and the keeper of both."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="jixiao-office-"))
        self._profile = self._folder / "profile"
        self._start_keeper()
        atexit.register(self.close)

    def _start_keeper(self) -> None:
        self._keeper = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", office_keeper.__file__, str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def convert(self, program: str, data: bytes, suffix: str, seconds: float) -> bytes:
        with self._lock:
            self._make_profile()
            work = Path(tempfile.mkdtemp(dir=self._folder))
            try:
                source, target = work / f"in.{suffix}", work / "out" / "in.docx"
                source.write_bytes(data)
                status = self._run(self._command(program, source, target.parent), seconds)
                if status is None:
                    self._drop_profile()  # it may be locked, or half written
                    raise UnreadableFile(
                        "timeout",
                        f"LibreOffice did not read the file within {seconds:.0f} seconds. Save it as .docx.",
                    )
                if not target.is_file():
                    self._drop_profile()
                    raise _not_converted(status)
                return target.read_bytes()
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def _command(self, program: str, source: Path, folder: Path) -> list[str]:
        profile = f"-env:UserInstallation={self._profile.as_uri()}"
        return [program, profile, *_OPTIONS, "--convert-to", _FILTER, "--outdir", str(folder), str(source)]

    def _run(self, command: list[str], seconds: float) -> int | None:
        """The exit status of a command run by the keeper; None where it took too long."""
        request = {"command": command, "environment": self._environment(), "seconds": seconds}
        stdin, stdout = self._keeper.stdin, self._keeper.stdout
        if stdin is None or stdout is None:  # they are pipes
            raise AssertionError
        try:
            print(json.dumps(request), file=stdin, flush=True)
            answer = stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:  # somebody ended the keeper
            self.close()
            _office_of.cache_clear()
            raise UnreadableFile("internal", "LibreOffice was ended from outside; read the file once more.")
        status: int | None = json.loads(answer)["status"]
        return status

    def _environment(self) -> dict[str, str]:
        """What LibreOffice sees: nothing of the user's, so that it does the same on every machine."""
        return {
            "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "HOME": str(self._folder), "TMPDIR": str(self._folder), "XDG_CONFIG_HOME": str(self._folder),
            "XDG_CACHE_HOME": str(self._folder), "SAL_USE_VCLPLUGIN": "svp",
        }  # fmt: skip

    def _make_profile(self) -> None:
        """A fresh profile, unless there is one: LibreOffice adds to it, and later starts are quicker for it."""
        if not self._profile.exists():
            (self._profile / "user").mkdir(parents=True)
            (self._profile / "user" / "registrymodifications.xcu").write_text(_registry(), encoding="utf-8")

    def _drop_profile(self) -> None:
        shutil.rmtree(self._profile, ignore_errors=True)

    def close(self) -> None:
        """Ends the keeper, which removes the folder."""
        if os.getpid() != self._pid:  # a forked child at its exit: all this is its parent's
            return
        atexit.unregister(self.close)
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        self._keeper.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@cache
def _office_of(pid: int) -> _Office:
    """The LibreOffice of the process with this id: a forked child must not share its parent's."""
    return _Office()


def _not_converted(status: int) -> UnreadableFile:
    if status == 127:
        return UnreadableFile("missing_tool", f"LibreOffice could not be started. {INSTALL}")
    return UnreadableFile(
        "truncated",
        "LibreOffice could not read the file: it is damaged, or asks for a password. "
        "Open it where it was written and save it as .docx.",
    )


def _registry() -> str:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry"'
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>"
    )
