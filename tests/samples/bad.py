"""Inputs that are no reports: every file an archive of years holds by mistake. Never part of data/raw."""

from __future__ import annotations

import struct
from pathlib import Path
from random import Random

from tests.samples.docx import zipped
from tests.samples.docx_parts import HEAD

END, FREE, FAT_MARK = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SECTOR = 512

NOVEL = (
    "雨停的时候，老码头的灯还没有亮。阿槐把最后一只空筐推到墙根，听见江面上有人喊他的名字，声音被雾裹着，像隔了一层棉。",
    "他没有应。三年前他也是在这样的傍晚离开的，带走一双布鞋和半封没写完的信，如今鞋早磨穿了，信还压在箱底。",
    "“你回来做什么？”林婶端着灯站在门槛里，影子拉得很长，长到盖住了他脚边的水洼。",
    "阿槐想了想，说回来看看桥。林婶就笑，说桥有什么好看，桥又不会走。可是那一夜，桥真的断了，断在第三个桥墩，断得没有一点声响。",
    "第二天清早，镇上的人都站在岸边，谁也不说话，只有卖豆腐的老陈数着漂下来的木板，一块，两块，数到第十七块就不数了。",
    "后来很多年里，人们说起那座桥，总要先说起那场雨，说起那个推着空筐的年轻人，和他始终没有答应的那一声喊。",
)
LAW = (
    ("总则", ("为了规范公共资金的收支管理，强化约束，根据上位规定，结合本地实际，制定本条例。",
              "本条例所称收支，包括编制、审查、批准、执行、调整和监督等活动。",
              "各级机关应当遵循统筹兼顾、勤俭节约、量力而行的原则，不得列赤字。")),
    ("编制", ("各部门应当于每年十月底前提出下一年度收支建议，并说明测算依据。",
              "编制时应当参考上一年执行情况和有关支出绩效评价结果。",
              "重大项目应当进行事前评估，未经评估的不得列入。")),
    ("执行", ("收支计划经批准后，非经法定程序不得调整。", "各单位应当按照批准的科目和数额使用资金，不得虚假列支。")),
    ("监督", ("审计机关依法对执行情况进行审计监督。", "对违反本条例的行为，依法追究责任人员的责任。")),
    ("附则", ("本条例由主管机关负责解释。", "本条例自公布之日起三十日后施行。")),
)  # fmt: skip


def bad_inputs(out: Path) -> dict[str, str]:
    """Write the bad inputs into `out`; gives the category of each name.

    empty, damaged (cannot be opened), encrypted, not_word (another kind of file under the name), no_report (readable
    text that is no report), binary (no text at all), report (a good report under a wrong suffix: it must be read).
    """
    out.mkdir(parents=True, exist_ok=True)
    good = _good_docx()
    files: dict[str, tuple[bytes, str]] = {
        "空文件.txt": (b"", "empty"),
        "空文件.docx": (b"", "empty"),
        "截断.docx": (good[: len(good) * 2 // 3], "damaged"),
        "其他压缩包.docx": (zipped({"readme.txt": "照片备份，共3张。", "a/b.txt": "无关内容"}), "not_word"),
        "加密.docx": (encrypted(), "encrypted"),
        "小说.txt": (novel().encode("utf-8"), "no_report"),
        "条例.txt": (law().encode("gb18030"), "no_report"),
        "乱码.txt": (Random(7).randbytes(6000), "binary"),
        "乱码.docx": (Random(8).randbytes(6000), "damaged"),
        "表格改名.docx": (workbook(), "not_word"),
        "其实是Word.txt": (good, "report"),
    }
    for name, (content, _) in files.items():
        (out / name).write_bytes(content)
    return {name: category for name, (_, category) in files.items()}


def _good_docx() -> bytes:
    from tests.samples import archive  # noqa: PLC0415 (archive offers this module's functions again)

    item = next(p for p in archive.archive() if p.family == "ministry_form" and p.layout.format == "docx")
    return archive.render(archive.write(item, archive.SEED).draft, "docx")


def novel() -> str:
    rng = Random(3)
    lines = ["断桥", ""]
    for chapter in range(1, 9):
        lines += [f"第{'一二三四五六七八'[chapter - 1]}章", ""]
        for _ in range(6):
            lines += ["　　" + "".join(rng.sample(NOVEL, 2)), ""]
    return "\n".join(lines) + "\n"


def law() -> str:
    lines, number = ["江岚省公共资金收支管理条例", ""], 0
    for n, (title, articles) in enumerate(LAW):
        lines += [f"第{'一二三四五'[n]}章　{title}", ""]
        for text in articles:
            number += 1
            ten = "十" if number > 10 else ""
            lines.append(
                f"第{'十' if number == 10 else ten + '一二三四五六七八九'[(number - 1) % 10]}条　{text}"
            )
    return "\n".join(lines) + "\n"


def workbook() -> bytes:
    """A small spreadsheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return zipped(
        {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'{HEAD}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{HEAD}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="值班表" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{package}/relationships"><Relationship '
            f'Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'{HEAD}<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1" '
            't="inlineStr"><is><t>星期一</t></is></c><c r="B1"><v>2</v></c></row></sheetData></worksheet>',
        }
    )


def encrypted() -> bytes:
    """A password-protected Word document: a compound file with EncryptionInfo and EncryptedPackage.

    Both streams are longer than 4,096 bytes, so that no mini stream is needed. Layout after [MS-CFB].
    """
    info = struct.pack("<HHI", 4, 4, 0x40) + b'<?xml version="1.0"?><encryption/>'
    streams = [
        ("EncryptionInfo", info.ljust(4096, b"\0")),
        ("EncryptedPackage", struct.pack("<Q", 4600) + Random(5).randbytes(4600)),
    ]
    fat, body, entries = [FAT_MARK, END], b"", []
    for name, content in streams:
        sectors = -(-len(content) // SECTOR)
        start = len(fat)
        fat += [*range(start + 1, start + sectors), END]
        body += content.ljust(sectors * SECTOR, b"\0")
        entries.append((name, start, len(content)))
    fat += [FREE] * (SECTOR // 4 - len(fat))
    directory = _entry("Root Entry", 5, FREE, 1, END, 0)
    directory += _entry(entries[0][0], 2, 2, FREE, entries[0][1], entries[0][2])
    directory += _entry(entries[1][0], 2, FREE, FREE, entries[1][1], entries[1][2])
    directory += _entry("", 0, FREE, FREE, 0, 0)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    return header + struct.pack(f"<{SECTOR // 4}I", *fat) + directory + body


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    """A directory entry of 128 bytes."""
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", length, kind, 1, FREE, right, child)
        + bytes(16 + 4 + 8 + 8)
        + struct.pack("<IQ", start, size)
    )
