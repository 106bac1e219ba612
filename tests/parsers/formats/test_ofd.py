"""OFD: the objects of the standard, each as small as can be, and whole reports drawn and read again."""

import math
from collections.abc import Mapping

import pytest

from parsers.formats import ofd_content, ofd_package
from parsers.formats.ofd import read_ofd
from parsers.formats.ofd_content import Content, content_of
from parsers.formats.ofd_package import open_ofd
from parsers.formats.ofd_paths import ruling
from parsers.formats.word import read_word
from parsers.reading import parse_document
from schemas.blocks import Document, Paragraph, Table
from schemas.errors import UnreadableFile
from schemas.tables import field_values
from tests.conftest import RAW
from tests.support_docx import zipped
from tests.support_ofd import A4, OfdDrawing, mm, package, page, part, printed

POINT = 72 / 25.4


def drawn(objects: str, more: Mapping[str, bytes] = {}, common: str = "", before: str = "") -> Content:
    """The content of a file of one page with these objects."""
    (document,) = open_ofd(package([page(objects, before)], common=common, more=more))
    (found,) = document.pages()
    assert found is not None
    return content_of(found, document.resources)


def code(text: str, attributes: str = "", of: str = 'Boundary="10 20 100 10" Size="5"') -> str:
    return f"<ofd:TextObject {of}><ofd:TextCode {attributes}>{text}</ofd:TextCode></ofd:TextObject>"


SMALL = 'Boundary="1 1 9 9" Size="5"'


def at(text: str, of: str = 'Boundary="10 20 100 10" Size="5"') -> str:
    return code(text, 'X="0" Y="4"', of)


def lefts(content: Content) -> list[float]:
    return [round(char.box[0] / POINT, 2) for char in content.characters]


def tops(content: Content) -> list[float]:
    return [round(char.box[1] / POINT, 2) for char in content.characters]


def texts(document: Document) -> list[str]:
    return [
        "|".join(cell.text for cell in block.cells) if isinstance(block, Table) else block.text
        for block in document.blocks
    ]


def path(data: str, attributes: str = 'Boundary="0 0 210 297"', inner: str = "") -> str:
    return f"<ofd:PathObject {attributes}>{inner}<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"


# ---- text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('X="1" Y="4" DeltaX="6 7 8"', [11, 17, 24, 32]),
        ('X="1" Y="4" DeltaX="g 3 6"', [11, 17, 23, 29]),
        ('X="1" Y="4" DeltaX="6 g 2 5.5"', [11, 17, 22.5, 28]),
        ('X="1" Y="4" DeltaX="g 1000000000 6"', [11, 17, 23, 29]),
        ('X="1" Y="4" DeltaX="6"', [11, 17, 22, 27]),  # as wide as they are where nothing is said
        ('X="1" Y="4"', [11, 16, 21, 26]),
        ('X="1" Y="4" DeltaX="6 x 8"', [11, 17, 22, 27]),
        ('X="1" Y="4" DeltaY="5 5 5"', [11, 11, 11, 11]),
    ],
)
def test_where_each_character_stands(attributes: str, expected: list[float]) -> None:
    assert lefts(drawn(code("绩效评价", attributes))) == expected


def test_latin_letters_are_narrow_where_nothing_is_said() -> None:
    assert lefts(drawn(code("ab绩", 'X="0" Y="4"'))) == [10, 12.5, 15]


def test_a_text_goes_on_where_a_later_code_does_not_say() -> None:
    inner = '<ofd:TextCode X="0" Y="4">甲</ofd:TextCode><ofd:TextCode X="20">乙</ofd:TextCode>'
    content = drawn(f'<ofd:TextObject Boundary="10 20 100 10" Size="5">{inner}</ofd:TextObject>')
    assert lefts(content) == [10, 30]
    assert tops(content) == [19.7, 19.7]  # 20 + 4 - 0.86 * 5


def test_a_matrix_leads_into_the_boundary() -> None:
    of = 'Boundary="10 20 100 10" CTM="0.5 0 0 0.5 3 1" Size="10"'
    content = drawn(code("甲乙", 'X="2" Y="8" DeltaX="12"', of))
    assert lefts(content) == [14, 20]  # 10 + 3 + 0.5 * 2, and 0.5 * 12 further
    assert content.characters[0].size == pytest.approx(5 * POINT)
    assert content.characters[0].box[2] - content.characters[0].box[0] == pytest.approx(5 * POINT)


def test_glyph_numbers_do_not_change_the_text() -> None:
    glyphs = '<ofd:CGTransform CodePosition="0" CodeCount="1" GlyphCount="1"><ofd:Glyphs>4460</ofd:Glyphs></ofd:CGTransform>'
    objects = f'<ofd:TextObject Boundary="10 20 50 10" Size="5">{glyphs}<ofd:TextCode X="0" Y="4">局</ofd:TextCode></ofd:TextObject>'
    assert [char.text for char in drawn(objects).characters] == ["局"]


def test_characters_given_as_shapes_only_are_warned_about() -> None:
    document = read_ofd(package([page(code("总\ue11e额", 'X="0" Y="4"'))]))
    assert texts(document) == ["总\ufffd额"]
    assert document.warnings == (
        "page 1 holds characters that the file gives only as shapes; each became U+FFFD",
    )


def test_a_tick_of_a_symbol_font_is_one() -> None:
    fonts = '<ofd:Fonts><ofd:Font ID="7" FontName="Wingdings"/></ofd:Fonts>'
    of = 'Boundary="10 20 50 10" Size="5" Font="7"'
    content = drawn(
        code("\uf0fe", 'X="0" Y="4"', of),
        {"Doc_0/R.xml": part("Res", fonts)},
        "<ofd:DocumentRes>R.xml</ofd:DocumentRes>",
    )
    assert [char.text for char in content.characters] == ["☑"]


def test_what_is_not_shown_is_left_out() -> None:
    shown = code("见", 'X="0" Y="4"')
    objects = shown + shown.replace("见", "藏").replace("Size", 'Visible="false" Size')
    objects += shown.replace("见", "透").replace("Size", 'Alpha="0" Size')
    objects += shown.replace("见", "外").replace('"10 20', '"300 20')
    assert texts(read_ofd(package([page(objects)]))) == ["见"]


def test_turned_pages_are_read_upright() -> None:
    drawing = OfdDrawing((A4[1], A4[0]))
    sideways = OfdDrawing()
    for y, text in ((100, "一、项目概况"), (130, "二、绩效目标")):
        drawing.text(100, y, text, 12)
        size = mm(12)
        sideways.raw(  # turned clockwise by 90 degrees: lines run down, the next one stands to the left
            f'<ofd:TextObject Boundary="{mm(A4[0] - y, 100, 20, 90)}" CTM="0 1 -1 0 {size} 0" Size="{size}">'
            f'<ofd:TextCode X="0" Y="{size}" DeltaX="g 5 {size}">{text}</ofd:TextCode></ofd:TextObject>'
        )
    assert (
        texts(read_ofd(sideways.bytes()))
        == texts(read_ofd(drawing.bytes()))
        == ["一、项目概况", "二、绩效目标"]
    )


def test_a_watermark_is_named_and_left_out() -> None:
    drawing = OfdDrawing()
    drawing.text(72, 100, "一、项目概况", 12)
    drawing.text(100, 400, "内部资料", 60, ' CTM="0.7071 -0.7071 0.7071 0.7071 0 60"')
    document = read_ofd(drawing.bytes())
    assert texts(document) == ["一、项目概况"]
    assert document.notes == ("watermarks were left out: 内部资料",)


# ---- groups, templates, drawings ------------------------------------------------------------


def test_layers_groups_and_templates_are_all_of_the_page() -> None:
    block = f'<ofd:PageBlock ID="5"><ofd:PageBlock>{at("内")}</ofd:PageBlock></ofd:PageBlock>'
    template = page(code("红头", 'X="0" Y="4"', 'Boundary="10 5 50 8" Size="5"'), layer=' Type="Background"')
    content = drawn(
        block,
        {"Doc_0/Tpls/T.xml": template},
        '<ofd:TemplatePage ID="9" BaseLoc="tpls/t.XML"/>',
        '<ofd:Template TemplateID="9" ZOrder="Background"/><ofd:Template TemplateID="77"/>',
    )
    assert "".join(char.text for char in content.characters) == "红头内"


def test_a_drawing_used_twice_stands_in_two_places() -> None:
    unit = f'<ofd:CompositeGraphicUnit ID="8" Width="20" Height="10"><ofd:Content>{at("章", SMALL)}</ofd:Content></ofd:CompositeGraphicUnit>'
    objects = '<ofd:CompositeObject ResourceID="8" Boundary="10 20 20 10"/><ofd:CompositeObject ResourceID="8" Boundary="60 20 20 10" CTM="2 0 0 2 0 0"/>'
    resources = part("Res", f"<ofd:CompositeGraphicUnits>{unit}</ofd:CompositeGraphicUnits>")
    assert lefts(
        drawn(objects, {"Doc_0/R.xml": resources}, before="<ofd:PageRes>/Doc_0/R.xml</ofd:PageRes>")
    ) == [11, 62]


def test_a_drawing_that_holds_itself_is_refused() -> None:
    unit = '<ofd:CompositeGraphicUnit ID="8"><ofd:Content><ofd:CompositeObject ResourceID="8" Boundary="0 0 9 9"/></ofd:Content></ofd:CompositeGraphicUnit>'
    with pytest.raises(UnreadableFile) as caught:
        drawn(
            '<ofd:CompositeObject ResourceID="8" Boundary="0 0 9 9"/>',
            {"Doc_0/R.xml": part("Res", unit)},
            "<ofd:DocumentRes>R.xml</ofd:DocumentRes>",
        )
    assert caught.value.category == "too_large"


@pytest.mark.parametrize(
    "inside",
    [
        path("M 0 0" + " L 9 9" * 2000),
        "<ofd:PageBlock/>" * 5000,
        code("", f'DeltaX="{"6 " * 20_000}"'),
        '<ofd:TextObject Size="5">' + "<ofd:TextCode/>" * 30_000 + "</ofd:TextObject>",
    ],
    ids=["segments", "groups", "offsets", "codes"],
)
def test_a_small_drawing_used_very_often(inside: str) -> None:
    unit = f'<ofd:CompositeGraphicUnit ID="8"><ofd:Content>{inside}</ofd:Content></ofd:CompositeGraphicUnit>'
    with pytest.raises(UnreadableFile) as caught:
        drawn(
            '<ofd:CompositeObject ResourceID="8" Boundary="0 0 9 9"/>' * 900,
            {"Doc_0/R.xml": part("Res", unit)},
            "<ofd:DocumentRes>R.xml</ofd:DocumentRes>",
        )
    assert caught.value.category == "too_large"


def test_annotations_are_no_print() -> None:
    stamp = part(
        "PageAnnot",
        f'<ofd:Annot Type="Stamp"><ofd:Appearance>{at("章")}</ofd:Appearance></ofd:Annot>',
    )
    data = package([page(code("文", 'X="0" Y="4"'))], more={"Doc_0/Annots/Page_0/Annotation.xml": stamp})
    assert texts(read_ofd(data)) == ["文"]


# ---- lines ----------------------------------------------------------------------------------

IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("M 0 0 L 100 0", [(0, -0.5, 100, 0.5)]),
        ("M 5 0 L 5 100", [(4.5, 0, 5.5, 100)]),
        ("S 0 0 L 100 0 L 100 50", [(0, -0.5, 100, 0.5), (99.5, 0, 100.5, 50)]),
        ("M 0 0 L 100 50", []),
        ("M 0 0 B 1 1 2 2 100 0 L 200 0", [(100, -0.5, 200, 0.5)]),
        ("M 0 0 Q 1 1 100 0 A 5 5 0 0 1 120 0 L 120 40", [(119.5, 0, 120.5, 40)]),
        ("M 0 0 L 100 0 X 1 L 100 50", [(0, -0.5, 100, 0.5)]),
        ("M 0 0 L nan 0", []),
        ("L 0 0 L 100 0", [(0, -0.5, 100, 0.5)]),
    ],
)
def test_the_straight_parts_of_a_path(data: str, expected: list[tuple[float, ...]]) -> None:
    assert ruling(data, IDENTITY, 1.0, False, None).rules == expected


def test_a_thin_area_is_a_line_and_a_wide_one_is_none() -> None:
    thin, wide = "M 0 0 L 100 0 L 100 1 L 0 1 C", "M 0 0 L 100 0 L 100 30 L 0 30 C"
    assert ruling(thin, IDENTITY, None, True, None).rules == [(0, 0, 100, 1)]
    assert ruling(wide, IDENTITY, None, True, None).rules == []
    assert len(ruling(wide, IDENTITY, 1.0, True, None).rules) == 4


def test_a_line_ends_at_the_boundary() -> None:
    content = drawn(path("M 0 0 L 100 0", 'Boundary="10 20 50 5"'))
    ((left, _, right, _),) = content.rules
    assert (left, right) == (pytest.approx(10 * POINT), pytest.approx(60 * POINT + 1))


def test_white_lines_and_paths_without_ink_rule_nothing() -> None:
    white = '<ofd:StrokeColor Value="255 255 255"/>'
    objects = path("M 0 9 L 100 9", inner=white) + path(
        "M 0 9 L 100 9", 'Boundary="0 0 210 297" Stroke="false"'
    )
    assert drawn(objects).rules == []


def test_a_ruled_form_with_a_merged_label() -> None:
    drawing = OfdDrawing()
    for left, top, right, bottom, text in (
        (72, 100, 172, 160, "产出指标"),
        (172, 100, 372, 130, "新建泵站数量"),
        (372, 100, 472, 130, "≥35座"),
        (172, 130, 372, 160, "工程合格率"),
        (372, 130, 472, 160, "100%"),
    ):
        drawing.box(left, top, right, bottom)
        drawing.text(left + 4, top + 18, text)
    (table,) = read_ofd(drawing.bytes()).blocks
    assert isinstance(table, Table)
    assert [cell[:5] for cell in table.cells] == [
        (1, 1, 2, 1, "产出指标"),
        (1, 2, 1, 1, "新建泵站数量"),
        (1, 3, 1, 1, "≥35座"),
        (2, 2, 1, 1, "工程合格率"),
        (2, 3, 1, 1, "100%"),
    ]
    (place,) = table.cells[0].positions
    assert place.page == 1
    assert place.box == pytest.approx((72, 100, 172, 160), abs=0.5)


# ---- pictures -------------------------------------------------------------------------------


def test_pages_that_are_pictures_are_counted_and_named() -> None:
    drawing = OfdDrawing()
    drawing.text(72, 100, "一、项目概况", 12)
    drawing.next_page()
    drawing.picture(0, 0, *A4)
    document = read_ofd(drawing.bytes())
    assert (document.pages, document.pictures) == (2, 0)  # OCR does not read them
    assert document.warnings == ("page 2 holds only a picture; print the file to PDF to have it read by OCR",)


def test_a_file_of_pictures_is_refused() -> None:
    drawing = OfdDrawing()
    drawing.picture(0, 0, *A4)
    with pytest.raises(UnreadableFile, match="pictures") as caught:
        read_ofd(drawing.bytes())
    assert caught.value.category == "unsupported"


def test_a_scan_with_hidden_text_is_read_and_warned_about() -> None:
    drawing = OfdDrawing()
    drawing.picture(0, 0, *A4)
    for n in range(3):
        drawing.text(72, 100 + 20 * n, "项目资金由县级财政部门按进度拨付到实施单位", 12, ' Fill="false"')
    document = read_ofd(drawing.bytes())
    assert len(document.blocks) >= 1
    assert "earlier OCR" in document.warnings[0]


# ---- the package ----------------------------------------------------------------------------

LINE = page(code("文", 'X="0" Y="4"'))


def test_names_without_prefix_in_another_case_and_from_the_root() -> None:
    def bare(data: bytes) -> bytes:
        return data.replace(b"ofd:", b"").replace(b"xmlns:ofd", b"xmlns").replace(b"/2016", b"")

    parts = {
        "OFD.XML": "<OFD><DocBody><DocRoot> /doc_0/DOCUMENT.xml </DocRoot></DocBody></OFD>",
        "Doc_0/Document.xml": "<Document><CommonData/><Pages><Page ID='1' BaseLoc='Doc_0\\Pages\\P.xml'/>"
        "<Page ID='2'><BaseLoc>Pages/P.xml</BaseLoc></Page></Pages></Document>",
    }
    data = zipped({**{k: v.encode() for k, v in parts.items()}, "Doc_0/Pages/P.xml": bare(LINE)})
    document = read_ofd(data)
    assert (texts(document), document.pages, document.title) == (["文", "文"], 2, None)


def test_documents_of_one_file_follow_one_another() -> None:
    body = "<ofd:DocBody><ofd:DocInfo><ofd:Title>{}</ofd:Title></ofd:DocInfo><ofd:DocRoot>{}</ofd:DocRoot></ofd:DocBody>"
    second = "<ofd:CommonData/><ofd:Pages><ofd:Page ID='1' BaseLoc='P.xml'/></ofd:Pages>"
    more = {
        "OFD.xml": part(
            "OFD", body.format("甲", "Doc_0/Document.xml") + body.format("乙", "Doc_1/Document.xml")
        ),
        "Doc_1/Document.xml": part("Document", second),
        "Doc_1/P.xml": page(code("后", 'X="0" Y="4"')),
    }
    document = read_ofd(package([LINE], more=more))
    assert (texts(document), document.pages, document.title) == (["文", "后"], 2, "甲")


def test_a_page_that_is_missing_is_named() -> None:
    common = {"Doc_0/Pages/Page_1/Content.xml": b"<broken"}
    document = read_ofd(package([LINE, LINE], more=common))
    assert (texts(document), document.pages) == (["文"], 2)
    assert document.warnings == ("page 2 holds nothing that could be opened: the file is damaged there",)


def test_a_template_and_resources_that_are_damaged_cost_themselves_alone() -> None:
    template = '<ofd:Template TemplateID="7" ZOrder="Background"/>'
    common = '<ofd:TemplatePage ID="7" BaseLoc="T.xml"/><ofd:DocumentRes>R.xml</ofd:DocumentRes>'
    pages = [page(code("文", 'X="0" Y="4"'), template)] * 2
    more = {"Doc_0/T.xml": b"<broken", "Doc_0/R.xml": b"<broken"}
    document = read_ofd(package(pages, common=common, more=more))
    assert texts(document) == ["文", "文"]
    assert document.warnings == (
        "parts shared by pages are damaged (doc_0/r.xml, doc_0/t.xml); what they hold was left out",
    )


@pytest.mark.parametrize(
    "box", ["0 0 1e-200 1e-200", "0 0 1e308 1e308", "1e300 0 210 297", "0 0 0.5 297", "0 0 -9 297"]
)
def test_a_page_of_no_size_has_that_of_the_file(box: str) -> None:
    area = f"<ofd:Area><ofd:PhysicalBox>{box}</ofd:PhysicalBox></ofd:Area>"
    document = read_ofd(package([page(code("文", 'X="0" Y="4"'), area)]))
    assert texts(document) == ["文"]


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ("1 0 0 1 0 0", (50, 59.7, 70, 64.7)),
        ("0 1 -1 0 10 0", (55.3, 60, 60.3, 80)),  # (x, y) comes to 10 - y, x
        ("-1 0 0 -1 20 10", (50, 65.3, 70, 70.3)),
        ("0 -1 1 0 0 20", (49.7, 60, 54.7, 80)),
    ],
)
def test_boxes_lie_where_the_file_shows_them(matrix: str, shown: tuple[float, ...]) -> None:
    of = f'Boundary="50 60 100 100" Size="5" CTM="{matrix}"'
    (block,) = read_ofd(package([page(code("绩效评价", 'X="0" Y="4" DeltaX="g 3 5"', of))])).blocks
    (place,) = block.positions
    assert place.box == pytest.approx([side * POINT for side in shown], abs=0.1)


DOCTYPE = b'<!DOCTYPE x [<!ENTITY e "boom">]>'
GOOD = package([LINE])
UNREADABLE = {
    "half a zip": (GOOD[: len(GOOD) // 2], "truncated"),
    "no entry": (zipped({"Doc_0/Document.xml": b"<x/>"}), "truncated"),
    "no document": (zipped({"OFD.xml": part("OFD", "")}), "truncated"),
    "a lost document": (
        zipped({"OFD.xml": part("OFD", "<ofd:DocBody><ofd:DocRoot>a.xml</ofd:DocRoot></ofd:DocBody>")}),
        "truncated",
    ),
    "all pages lost": (package([b"<broken"]), "truncated"),
    "no text": (package([page("")]), "empty"),
    "a password": (package([LINE], more={"Encryptions.xml": b"<x/>"}), "encrypted"),
    "a doctype": (package([LINE], more={"OFD.xml": DOCTYPE + part("OFD", "")[39:]}), "unsupported"),
    "nested groups": (package([page("<ofd:PageBlock>" * 40 + "</ofd:PageBlock>" * 40)]), "too_large"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_files(name: str) -> None:
    data, category = UNREADABLE[name]
    with pytest.raises(UnreadableFile) as caught:
        read_ofd(data)
    assert caught.value.category == category


@pytest.mark.parametrize(("name", "value"), [("MAX_CHARACTERS", 4), ("MAX_OBJECTS", 1), ("MAX_PAGES", 1)])
def test_limits(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = package([page(code("绩效", 'X="0" Y="4"') * 3)] * 2)
    assert read_ofd(data).pages == 2
    monkeypatch.setattr(ofd_package if name == "MAX_PAGES" else ofd_content, name, value)
    with pytest.raises(UnreadableFile) as caught:
        read_ofd(data)
    assert caught.value.category == "too_large"


@pytest.mark.parametrize("value", ["inf", "nan", "1e400", "-", "1 2 3"])
def test_numbers_that_are_none(value: str) -> None:
    of = f'Boundary="{value}" Size="5" CTM="{value}"'
    content = drawn(code("甲", f'X="{value}" Y="4" DeltaX="{value}"', of) + path(f"M 0 0 L {value} 0"))
    assert all(math.isfinite(side) for char in content.characters for side in char.box)


# ---- whole reports --------------------------------------------------------------------------


def test_a_paragraph_over_two_pages_is_one() -> None:
    text = "项目实施单位按照批复的方案组织施工，" * 80 + "完成全部建设内容。"
    document = read_ofd(printed(Document("text", (Paragraph("一、项目概况"), Paragraph(text)))))
    assert texts(document) == ["一、项目概况", text]
    assert document.pages == 2
    assert {place.page for place in document.blocks[1].positions} == {1, 2}


@pytest.mark.parametrize(
    "name",
    ["2020/乡村学校自评表", "2021/市县项目自评表汇总", "2022/乡村学校项目自评表", "2024/公共文化部门评价"],
)
def test_a_report_printed_to_ofd_gives_the_same_records(name: str) -> None:
    word = read_word((RAW / f"{name}.docx").read_bytes())
    document = read_ofd(printed(word))
    assert document.warnings == ()
    assert records(document) == records(word)


def records(document: Document) -> list[object]:
    """All rows of all reports without their places."""
    families = ("indicators", "projects", "funding", "scores", "remarks")
    places = {"doc_id", "page", "places", "location", "block_no", "char_start", "char_end"}
    return [
        {k: v for k, v in field_values(row).items() if k not in places}
        for report in parse_document(document).reports
        for row in (report.report, *(row for family in families for row in getattr(report, family)))
    ]
