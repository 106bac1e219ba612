"""Old Word, RTF and ODT by way of LibreOffice: what it would change, and how it is started, watched and ended."""

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Literal

import pytest

from parsers.formats import legacy_fields, office
from parsers.formats.legacy import read_legacy
from parsers.formats.legacy_fields import odt_with_printed_fields, rtf_with_printed_fields
from parsers.formats.office_docx import tidy
from parsers.formats.word import read_word
from parsers.reading import parse_document
from schemas.blocks import Cell, Heading, Paragraph, Table
from schemas.errors import UnreadableFile
from schemas.tables import field_values
from tests.conftest import RAW, ROOT, SHARED
from tests.support_docx import docx, p, r, zipped

needs_office = pytest.mark.skipif(
    office.find_office() is None, reason="LibreOffice is not installed: apt-get install libreoffice-writer"
)
Kind = Literal["doc", "rtf", "odt"]
PLACES = frozenset({"doc_id", "page", "places", "location"})


def rtf(body: str, *, head: str = "") -> bytes:
    return (
        r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}" + head + body + "}"
    ).encode("ascii")


def odt(body: str, manifest: str = "") -> bytes:
    names = {
        "office": "office:1.0", "text": "text:1.0", "table": "table:1.0", "draw": "drawing:1.0",
        "svg": "svg-compatible:1.0", "manifest": "manifest:1.0",
    }  # fmt: skip
    declared = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}"' for k, v in names.items())
    mimetype = "application/vnd.oasis.opendocument.text"
    entries = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mimetype}"/>'
    entries += '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    content = (
        f'<office:document-content {declared} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": mimetype.encode(),
            "META-INF/manifest.xml": f"<manifest:manifest {declared}>{entries}{manifest}</manifest:manifest>".encode(),
            "content.xml": content.encode(),
        }
    )


def texts(data: bytes, kind: Kind) -> list[str]:
    return [block.text for block in read_legacy(data, kind).blocks if not isinstance(block, Table)]


# ---- what is printed ------------------------------------------------------------------------

LIST = (
    r"{\*\listtable{\list\listtemplateid1{\listlevel\levelnfc37\levelnfcn37\leveljc0\leveljcn0\levelfollow2"
    r"\levelstartat1\levelspace0\levelindent0{\leveltext\leveltemplateid1\'02\'00\u12289 ?;}{\levelnumbers\'01;}"
    r"}{\listname ;}\listid7}}{\*\listoverridetable{\listoverride\listid7\listoverridecount0\ls1}}"
)


@needs_office
def test_an_rtf_with_headings_numbers_and_a_merged_table() -> None:
    row = r"\trowd\cellx{}\cellx{} \pard\intbl {}\cell {}\cell\row "
    body = (
        r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}}\pard\s1\outlinelevel0 A\par"
        r"\pard\s0\ls1\ilvl0 \u30002 ?\par\pard\s0\ls1\ilvl0 \u20057 ?\par"
        r"\pard\s0 \'d7\'ca\'bd\'f0 {\v gone}\u8805 ?90\par"
        + r"\trowd\clvmgf\cellx2000\cellx4000\pard\intbl a\cell b\cell\row"
        + r"\trowd\clvmrg\cellx2001\cellx4000\pard\intbl \cell c\cell\row"
        + row.format(1999, 4000, "d", "e")
        + r"\pard\s0 end\par"
    )
    document = read_legacy(rtf(body, head=LIST), "rtf")
    assert document.format == "rtf"
    assert document.warnings == ()
    assert document.blocks == (
        Heading("A", 1),
        Paragraph("一、甲", "一、", 1),
        Paragraph("二、乙", "二、", 1),
        Paragraph("资金 ≥90"),
        Table(
            3,
            2,
            (
                Cell(1, 1, 2, 1, "a"),
                Cell(1, 2, 1, 1, "b"),
                Cell(2, 2, 1, 1, "c"),
                Cell(3, 1, 1, 1, "d"),
                Cell(3, 2, 1, 1, "e"),
            ),
        ),
        Paragraph("end"),
    )


@needs_office
def test_a_date_is_that_of_the_report_and_not_of_today() -> None:
    body = (
        r'\pard {\field{\*\fldinst {\f0 DATE \\@ "yyyy"}}{\fldrslt 2019}}/{\field{\*\fldinst REF gone \\h}{\fldrslt see}}'
        r"/{\field\fldedit{\*\fldinst FORMTEXT {\*\formfield{\fftype0}}}{\fldrslt filled}}"
        r'/{\field{\*\fldinst HYPERLINK "http://x.invalid"}{\fldrslt link}}\par'
    )
    assert texts(rtf(body), "rtf") == ["2019/see/filled/link"]
    fields = (
        '<text:date text:date-value="2019-05-06">2019年</text:date>/<text:page-number>7</text:page-number>'
        '/<text:bookmark-ref text:ref-name="gone">某表</text:bookmark-ref>'
    )
    assert texts(odt(f"<text:p>{fields}</text:p>"), "odt") == ["2019年/7/某表"]


def test_only_fields_that_would_be_evaluated_are_stilled() -> None:
    kept = rb"{\field{\*\fldinst {\f1 \rtlch FORMCHECKBOX }}{\*\fldinst EQ \\o(a,b)}{\*\fldinst hyperlink x}}"
    assert rtf_with_printed_fields(kept) == kept
    assert rtf_with_printed_fields(rb"{\*\fldinst{\f1 TIME}}\fldinstx") == rb"{\*\flxinst{\f1 TIME}}\fldinstx"


def test_a_field_of_nothing_but_control_words_is_not_tried_again_and_again() -> None:
    began = time.monotonic()
    rtf_with_printed_fields(rb"{\*\fldinst " + rb"\a " * 200_000)
    assert time.monotonic() - began < 5


@needs_office
def test_an_rtf_without_its_end_is_cut() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_legacy(rtf(r"\pard a\par ")[:-1], "rtf")
    assert caught.value.category == "truncated"


@pytest.mark.parametrize(
    ("kind", "data", "category"),
    [
        ("odt", odt("", "<manifest:encryption-data/>"), "encrypted"),
        ("odt", odt("<text:p>a</text:p>")[:300], "truncated"),
        ("odt", zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "truncated"),
        ("doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "truncated"),
    ],
)
def test_what_cannot_be_read_is_told_without_libreoffice(kind: Kind, data: bytes, category: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_legacy(data, kind)
    assert caught.value.category == category


@needs_office
def test_a_file_without_text_is_empty() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_legacy(rtf(r"\pard\par"), "rtf")
    assert caught.value.category == "empty"


def test_scripts_and_pictures_of_an_odt_are_not_handed_on() -> None:
    parts = zipfile.ZipFile(io.BytesIO(odt("<text:p/>")))
    members = {name: parts.read(name) for name in parts.namelist()}
    whole = zipped(
        {**members, "Basic/Standard/a.xlb": b"x", "Pictures/a.png": b"x", "Object 1/content.xml": b"<a/>"}
    )
    kept = zipfile.ZipFile(io.BytesIO(odt_with_printed_fields(whole))).namelist()
    assert kept == ["mimetype", "META-INF/manifest.xml", "content.xml"]


def test_an_odt_of_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = odt("<text:p>a</text:p>")
    monkeypatch.setattr(legacy_fields, "MAX_PART_BYTES", 500)  # its content alone has more
    with pytest.raises(UnreadableFile) as caught:
        odt_with_printed_fields(data)
    assert caught.value.category == "too_large"


# ---- what LibreOffice does to the grid and to frames ----------------------------------------

GRID = '<w:tbl><w:tblGrid><w:gridCol w:w="{}"/><w:gridCol w:w="{}"/><w:gridCol w:w="{}"/></w:tblGrid>'


def cell(text: str, span: int, merge: str = "") -> str:
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merge}</w:tcPr>{p(text)}</w:tc>'


def test_borders_a_hair_apart_are_one() -> None:
    rows = (
        "<w:tr>" + cell("a", 1, '<w:vMerge w:val="restart"/>') + cell("b", 2) + "</w:tr>"
        "<w:tr>" + cell("", 2, "<w:vMerge/>") + cell("c", 1) + "</w:tr></w:tbl>"
    )
    hair = docx(GRID.format(1000, 1, 999) + rows)
    merged = (Cell(1, 1, 2, 1, "a"), Cell(1, 2, 1, 1, "b"), Cell(2, 2, 1, 1, "c"))
    assert read_word(hair, tidy).blocks == (Table(2, 2, merged),)
    assert read_word(hair).blocks != read_word(hair, tidy).blocks
    wide = docx(GRID.format(1000, 6, 994) + rows)
    assert read_word(wide, tidy).blocks == read_word(wide).blocks


def test_a_cell_as_narrow_as_a_hair_stays() -> None:
    table = docx(
        GRID.format(1000, 1, 999) + "<w:tr>" + cell("a", 1) + cell("b", 1) + cell("c", 1) + "</w:tr></w:tbl>"
    )
    assert read_word(table, tidy).blocks == read_word(table).blocks


def frame(name: str, content: str) -> str:
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor>'
        f'<wp:docPr id="1" name="{name}"/><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>'
        "</wp:anchor></w:drawing></mc:Choice></mc:AlternateContent></w:r>"
    )


@pytest.mark.parametrize(
    ("name", "content", "order"),
    [
        ("Frame1", "TABLE", "tbp"),
        ("Frame1", "TABLE<w:p/>", "tbp"),
        ("Text Box 2", "TABLE", "btp"),
        ("Frame1", p("x"), "bxp"),
    ],
)
def test_a_table_in_a_frame_stands_where_it_stood(name: str, content: str, order: str) -> None:
    table = "<w:tbl><w:tr>" + cell("t", 1) + cell("u", 1) + "</w:tr></w:tbl>"
    body = f"<w:p>{frame(name, content.replace('TABLE', table))}{r('b')}</w:p>" + p("p")
    blocks = read_word(docx(body), tidy).blocks
    assert "".join("t" if isinstance(block, Table) else block.text for block in blocks) == order


# ---- the same records as from .docx ---------------------------------------------------------


def records(data: bytes, kind: Kind | None = None) -> list[object]:
    parsed = parse_document(read_word(data) if kind is None else read_legacy(data, kind))
    families = ("indicators", "projects", "funding", "scores", "remarks", "sections", "tables")
    return [
        {
            k: v
            for k, v in field_values(row).items()
            if k not in PLACES and not k.startswith(("block", "char"))
        }
        for report in parsed.reports
        for row in (report.report, *(row for family in families for row in getattr(report, family)))
    ]


@needs_office
@pytest.mark.skipif(not SHARED.exists(), reason="the real reports (../shared) are not on this machine")
@pytest.mark.parametrize(
    "name", ["xj2018_innovation_environment", "xj2024_regional_collaboration", "xj2025_central_guidance"]
)
def test_the_real_reports_say_the_same(name: str) -> None:
    old = (SHARED / "reports" / "legacy" / f"{name}.doc").read_bytes()
    assert records(old, "doc") == records((SHARED / "reports" / "word" / f"{name}.docx").read_bytes())


@needs_office
@pytest.mark.parametrize("kind", ["doc", "odt", "rtf"])
@pytest.mark.parametrize("name", ["2020/乡村学校自评表", "2021/市县项目自评表汇总"])
def test_samples_saved_in_old_formats_say_the_same(name: str, kind: Kind, tmp_path: Path) -> None:
    source = RAW / f"{name}.docx"
    command = [
        office.find_office() or "", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless", "--convert-to", kind, "--outdir", tmp_path, source,
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    old = (tmp_path / source.with_suffix(f".{kind}").name).read_bytes()
    assert records(old, kind) == records(source.read_bytes())


# ---- the process ----------------------------------------------------------------------------


@needs_office
def test_nothing_is_fetched_from_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        link = f"http://127.0.0.1:{server.server_port}/a.png"
        image = f'<draw:image xlink:href="{link}" xlink:type="simple"/>'
        frame = (
            f'<draw:frame svg:width="2cm" svg:height="2cm" text:anchor-type="as-char">{image}</draw:frame>'
        )
        assert texts(odt(f"<text:p>a{frame}</text:p>"), "odt") == ["a"]
        assert asked == []
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def fake_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of LibreOffice; returns the folder where it notes what it started."""
    program = tmp_path / "soffice"
    program.write_text(
        f'#!/bin/sh\necho $$ >> "{tmp_path}/started"\nsleep 600 &\necho $! >> "{tmp_path}/started"\nwait\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(office, "find_office", lambda: str(program))
    return tmp_path


def started(folder: Path) -> list[int]:
    """The processes that the fake program noted, once both are there."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        note = folder / "started"
        numbers = note.read_text().split() if note.exists() else []
        if len(numbers) == 2:
            return [int(number) for number in numbers]
        time.sleep(0.02)
    raise AssertionError("the program was never started")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: object, message: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if callable(condition) and condition():
            return
        time.sleep(0.02)
    raise AssertionError(message)


def test_a_program_that_hangs_is_ended_with_all_it_started(fake_office: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        office.to_docx(b"x", "doc", seconds=0.5)
    assert caught.value.category == "timeout"
    assert not any(is_alive(pid) for pid in started(fake_office))


def test_a_program_that_writes_nothing_is_a_failure(fake_office: Path) -> None:
    (fake_office / "soffice").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(UnreadableFile) as caught:
        office.to_docx(b"x", "doc")
    assert caught.value.category == "truncated"


def test_without_libreoffice_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_office", lambda: None)
    with pytest.raises(UnreadableFile, match="libreoffice-writer") as caught:
        read_legacy(rtf("a"), "rtf")
    assert caught.value.category == "missing_tool"


WORKER = """
import sys
from parsers.formats import office
office.find_office = lambda: sys.argv[1]
print(office._office_of(office.os.getpid())._folder, flush=True)
office.to_docx(b"x", "doc")
"""


def test_a_worker_that_is_killed_leaves_no_process_and_no_folder(fake_office: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(fake_office / "soffice")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    folder = Path(worker.stdout.readline().strip())
    processes = started(fake_office)
    assert folder.is_dir()
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    wait_for(lambda: not any(is_alive(pid) for pid in processes), "the program outlived its worker")
    wait_for(lambda: not folder.exists(), "the folder is still there")


@needs_office
def test_two_processes_at_once_and_nothing_left_behind(tmp_path: Path) -> None:
    code = (
        "import sys; from parsers.formats.legacy import read_legacy; data = sys.stdin.buffer.read()\n"
        "for _ in range(2): print(read_legacy(data, 'rtf').blocks[0].text)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONWARNINGS": "error"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for number, worker in enumerate(workers):
        assert worker.stdin is not None
        worker.stdin.write(rtf(rf"\pard text{number}\par"))
        worker.stdin.close()
        worker.stdin = None
    for number, worker in enumerate(workers):
        out, problems = worker.communicate(timeout=120)
        assert (out.decode(), problems.decode()) == (f"text{number}\n" * 2, "")
    assert list(tmp_path.iterdir()) == []
    assert tempfile.gettempdir() != str(tmp_path)


@needs_office
def test_a_profile_is_made_anew_where_it_was_lost() -> None:
    data = rtf(r"\pard a\par")
    assert texts(data, "rtf") == ["a"]
    shutil.rmtree(office._office_of(os.getpid())._profile)
    assert texts(data, "rtf") == ["a"]
