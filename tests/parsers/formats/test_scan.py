"""Scans and pictures: the way up, rules, stamps, exact cells, places, doubt, and files that are broken."""

import io
import socket
import sys
from importlib.metadata import distributions, version

import pytest

from parsers.formats.page_shown import as_shown, shown_box, unread_lines
from parsers.formats.pages import Affine, Grid, Line, Page
from parsers.formats.scan_text import as_printed
from schemas.blocks import Cell, Paragraph, Table
from schemas.errors import UnreadableFile
from schemas.locations import Position

np = pytest.importorskip("numpy", reason="the extra jixiao[ocr] is not installed")
pytest.importorskip("cv2", reason="the extra jixiao[ocr] is not installed")
pytest.importorskip("rapidocr", reason="the extra jixiao[ocr] is not installed")
from PIL import Image  # noqa: E402

from parsers.formats import image as image_file  # noqa: E402
from parsers.formats.image import read_image  # noqa: E402
from parsers.formats.ocr import Reading, Recogniser  # noqa: E402
from parsers.formats.recognition import recognition  # noqa: E402
from parsers.formats.scan import read_page  # noqa: E402
from parsers.formats.scan_lines import Lines, TextLine, text_lines  # noqa: E402
from parsers.formats.scan_picture import (  # noqa: E402
    grey_of,
    ink_of,
    quarter_turned,
    skew_of,
    straightened,
)
from parsers.formats.scan_rules import rules_of  # noqa: E402
from parsers.formats.scan_signs import _told_by_shape  # noqa: E402
from tests.parsers.formats.scans import DOTS, Sheet  # noqa: E402

# ---- text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("支出1,500万元,结转(含上年)", "支出1,500万元，结转（含上年）"),
        ("(2).培训", "（2）.培训"),
        ("〔2019]7号", "〔2019〕7号"),
        ("[2019〕7号", "〔2019〕7号"),
        ("比例≥1:2.19", "比例≥1:2.19"),
        ("≥3,000", "≥3,000"),
        ("12:30", "12:30"),
        ("A(B)", "A(B)"),
        ("满意度≥90%;", "满意度≥90%；"),
        ("≤0.9%0", "≤0.9‰"),
        ("0.5%o以内", "0.5‰以内"),
        ("50%0.5", "50%0.5"),
        ("100%", "100%"),
        ("≥3 7 1 5人", "≥3715人"),
        ("第1 20页", "第1 20页"),
        ("5元以內", "5元以内"),
    ],
)
def test_signs_are_told_by_the_print_around_them(read: str, printed: str) -> None:
    assert as_printed(read) == printed


# ---- the picture ----------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [-2.0, -0.4, 0.3, 1.5])
def test_skew_is_told_from_lines_and_rules(degrees: float) -> None:
    sheet = Sheet()
    for y in range(40, 380, 20):
        sheet.rule(60, y, 540, y)
    grey = grey_of(sheet.pixels(sheet.turned(degrees)), DOTS)
    angle = skew_of(ink_of(grey))
    assert angle == pytest.approx(degrees, abs=0.05)
    level, _ = straightened(grey, angle)
    assert skew_of(ink_of(level)) == 0


def test_a_blank_page_has_no_skew() -> None:
    assert skew_of(np.zeros((800, 600), np.uint8)) == 0


@pytest.mark.parametrize("degrees", [1.5, -0.7])
def test_straightening_tells_the_way_back(degrees: float) -> None:
    grey = np.full((1000, 700), 255, np.uint8)
    grey[200:206, 500:506] = 0
    level, back = straightened(grey, degrees)
    ys, xs = np.nonzero(level < 128)
    left, top, right, bottom = shown_box((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), back)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((503, 203), abs=1.5)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_quarter_turns_tell_the_way_back(turns: int) -> None:
    grey = np.full((100, 60), 255, np.uint8)
    grey[10:14, 40:45] = 0
    turned, back = quarter_turned(grey, turns)
    ys, xs = np.nonzero(turned == 0)
    box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    assert shown_box(tuple(map(float, box)), back) == (40, 10, 45, 14)


def test_a_red_stamp_fades_and_print_under_it_stays() -> None:
    sheet = Sheet()
    sheet.rule(100, 200, 300, 200, 2)
    before = ink_of(grey_of(sheet.pixels(), DOTS)).sum()
    sheet.stamp(200, 200)
    after = ink_of(grey_of(sheet.pixels(), DOTS)).sum()
    assert after == pytest.approx(before, rel=0.05)


def test_red_print_that_is_no_stamp_stays() -> None:
    red, black = Sheet(), Sheet()
    red.write(60, 60, "某县人民政府文件", 22, "red")
    black.write(60, 60, "某县人民政府文件", 22)
    ink = [ink_of(grey_of(sheet.pixels(), DOTS)).sum() for sheet in (red, black)]
    assert ink[0] == pytest.approx(ink[1], rel=0.1)


def test_a_shadow_leaves_the_paper_white() -> None:
    shadow = np.linspace(120, 255, 900).astype(np.uint8)[None, :].repeat(600, axis=0)
    assert grey_of(shadow, DOTS).min() > 230


# ---- rules and lines ------------------------------------------------------------------------


def _rules(
    sheet: Sheet, image: "Image.Image | None" = None
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    found = rules_of(ink_of(grey_of(sheet.pixels(image), DOTS)), DOTS)
    return tuple(  # type: ignore[return-value]
        sorted((round(r.at / DOTS), round(r.start / DOTS), round(r.end / DOTS)) for r in way)
        for way in (found.level, found.upright)
    )


def test_rules_are_found_where_they_stand() -> None:
    sheet = Sheet()
    sheet.table([60, 200, 400], [50, 80, 150], [])
    level, upright = _rules(sheet)
    assert [at for at, _, _ in level] == [50, 80, 150]
    assert [at for at, _, _ in upright] == [60, 200, 400]
    assert level[0] == pytest.approx((50, 60, 400), abs=1)


def test_a_broken_rule_is_one() -> None:
    sheet = Sheet()
    sheet.rule(60, 100, 200, 100)
    sheet.rule(210, 100, 330, 100)
    sheet.rule(334, 101, 500, 101)
    level, upright = _rules(sheet)
    assert len(level) == 1
    assert level[0] == pytest.approx((100, 60, 500), abs=1)
    assert upright == []


def test_a_rule_that_is_still_a_little_askew_is_one() -> None:
    sheet = Sheet()
    sheet.rule(60, 100, 500, 102)
    level, _ = _rules(sheet)
    assert len(level) == 1
    assert level[0][1:] == pytest.approx((60, 500), abs=2)


def test_strokes_of_characters_are_no_rules() -> None:
    sheet = Sheet()
    for y in range(40, 360, 18):
        sheet.write(50, y, "一二三王工十中田国丰直言言十卅川一一二干里重置量真县且", 14)
    assert _rules(sheet) == ([], [])


def test_strokes_of_a_title_are_no_rules() -> None:
    for size in (16, 22, 30):
        sheet = Sheet()
        sheet.write(60, 60, "项目支出目标申报表重置直量", size)
        assert _rules(sheet) == ([], []), size


def test_a_box_to_tick_is_no_table() -> None:
    sheet = Sheet()
    sheet.table([60, 86], [50, 76], [])
    assert _rules(sheet) == ([], [])


def test_a_merged_row_divides_the_rules_above_it_from_those_below() -> None:
    sheet = Sheet()
    for y in (50, 80, 96, 130):
        sheet.rule(60, y, 400, y)
    for x in (60, 400):
        sheet.rule(x, 50, x, 130)
    for y in (50, 96):
        sheet.rule(200, y, 200, y + 30 if y == 50 else 130)
    _, upright = _rules(sheet)
    assert [rule for rule in upright if rule[0] == 200] == [
        pytest.approx((200, 50, 80), abs=1),
        pytest.approx((200, 96, 130), abs=1),
    ]


def _lines(sheet: Sheet, *boxes: tuple[float, ...]) -> list[tuple[int, ...]]:
    ink = ink_of(grey_of(sheet.pixels(), DOTS))
    rules = rules_of(ink, DOTS)
    ink[rules.mask > 0] = 0
    pixels = np.rint(np.array(boxes) * DOTS).astype(np.int64)
    found = text_lines(ink, pixels, rules, DOTS)
    return sorted(tuple(round(value / DOTS) for value in line[:4]) for line in found.lines)


def test_a_box_over_a_rule_becomes_two_lines() -> None:
    sheet = Sheet()
    sheet.table([60, 200, 340], [50, 80], [["数量指标目标值", "三十五"]])
    first, second = _lines(sheet, (62, 52, 260, 72))
    assert first[2] < 200 < second[0]


def test_characters_stacked_in_a_narrow_cell_are_lines() -> None:
    sheet = Sheet()
    for number, sign in enumerate("产出指标"):
        sheet.write(65, 60 + 14 * number, sign)
    sheet.write(120, 60, "数量")
    assert len(_lines(sheet, (62, 57, 80, 120), (118, 58, 145, 73))) == 5


def test_print_that_the_model_overlooked_is_found_by_its_ink() -> None:
    sheet = Sheet()
    sheet.write(60, 60, "培训人次")
    sheet.write(300, 60, "8")
    assert [line[0] for line in _lines(sheet, (58, 57, 104, 74))] == pytest.approx([60, 300], abs=2)


def test_dots_that_lead_to_a_page_number_stand_apart() -> None:
    sheet = Sheet()
    sheet.write(60, 60, "一、基本情况")
    for number in range(60):
        x = (130 + 5 * number) * DOTS
        sheet.dot(x / DOTS, 69)
    sheet.write(440, 60, "3")
    ink = ink_of(grey_of(sheet.pixels(), DOTS))
    boxes = np.rint(np.array([(58, 57, 450, 74)]) * DOTS).astype(np.int64)
    found = text_lines(ink, boxes, rules_of(ink, DOTS), DOTS)
    assert sorted(round(line.left / DOTS) for line in found.lines) == pytest.approx([60, 440], abs=2)
    (leader,) = found.leaders
    assert (leader.left / DOTS, leader.right / DOTS) == pytest.approx((130, 426), abs=2)


# ---- places ---------------------------------------------------------------------------------


def test_positions_go_where_the_file_shows_them() -> None:
    upside_down = Affine(-1, 0, 600, 0, -1, 800)
    on = (Position(2, (10, 20, 110, 40), confidence=0.9),)
    blocks = (Paragraph("甲", positions=on), Table(1, 1, (Cell(1, 1, 1, 1, "乙", on),), on))
    paragraph, table = as_shown(blocks, {2: upside_down})
    there = (Position(2, (490, 760, 590, 780), confidence=0.9),)
    assert paragraph.positions == table.positions == there
    assert isinstance(table, Table)
    assert table.cells[0].positions == there
    assert as_shown(blocks, {1: upside_down})[0].positions == on


def test_what_was_not_made_out_is_said() -> None:
    pages = [Page(1, 595, 842, ()), Page(2, 595, 842, (), unread=3)]
    assert unread_lines(pages) == ("page 2 holds 3 lines of print that could not be made out",)


# ---- recognition ----------------------------------------------------------------------------

TABLE = [
    ["指标", "目标值", "完成值"],
    ["培训农技人员\n数量", "≥1280人次", "1305.5人次"],
    ["资金支付率", "100%", "98.76%"],
    ["验收项目", "≥6个", "8"],
]
XS, YS = [60.0, 170.0, 300.0, 430.0], [120.0, 145.0, 190.0, 215.0, 240.0]


def _sheet() -> Sheet:
    sheet = Sheet()
    sheet.write(60, 50, "三、绩效目标完成情况")
    sheet.write(60, 80, "全年预算数为2,350.75万元，实际支出2,198.40万元，执行率93.52%。")
    sheet.table(XS, YS, TABLE)
    return sheet


@pytest.fixture(scope="module")
def recognise():  # type: ignore[no-untyped-def]
    return recognition(2)


def _cells(page: Page) -> list[list[str]]:
    (grid,) = (item for item in page.items if isinstance(item, Grid))
    rows = [[""] * grid.n_columns for _ in range(grid.n_rows)]
    for cell in grid.cells:
        rows[cell.row - 1][cell.col - 1] = "\n".join(
            "".join(s.text for s in line.spans) for line in cell.lines
        )
    return rows


def _text(page: Page) -> list[str]:
    return ["".join(s.text for s in item.spans) for item in page.items if isinstance(item, Line)]


def _variant(name: str) -> "Image.Image":
    sheet = _sheet()
    match name:
        case "askew":
            return sheet.turned(1.2)
        case "upside down":
            return sheet.image.rotate(180)
        case "on its left side":
            return sheet.image.rotate(90, expand=True)
        case "on its right side":
            return sheet.image.rotate(-90, expand=True)
        case "stamped":
            sheet.stamp(330, 190)
        case "noisy":
            noise = np.random.default_rng(3).normal(0, 12, (*sheet.pixels().shape[:2], 1))
            return Image.fromarray(np.clip(sheet.pixels() + noise, 0, 255).astype(np.uint8))
        case "JPEG":
            return Image.open(io.BytesIO(_file(sheet.image, "JPEG", quality=60)))
        case "black and white":
            return sheet.image.convert("L").point(lambda value: 255 * (value > 140))
    return sheet.image


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "askew",
        "upside down",
        "on its left side",
        "on its right side",
        "stamped",
        "noisy",
        "JPEG",
        "black and white",
    ],
)
def test_every_cell_is_read_exactly(name: str, recognise) -> None:  # type: ignore[no-untyped-def]
    image = _variant(name).convert("RGB")
    size = (595.0, 420.0) if image.width > image.height else (420.0, 595.0)
    page = recognise(np.asarray(image), 1, *size)
    assert (page.width, page.height) == (595.0, 420.0)
    assert _cells(page) == TABLE
    assert _text(page) == [
        "三、绩效目标完成情况",
        "全年预算数为2,350.75万元，实际支出2,198.40万元，执行率93.52%。",
    ]
    assert page.unread == 0


def test_places_of_a_page_upside_down_hit_the_print(recognise) -> None:  # type: ignore[no-untyped-def]
    image = _sheet().image.rotate(180)
    page = recognise(np.asarray(image), 1, 595.0, 420.0)
    assert page.shown is not None
    (grid,) = (item for item in page.items if isinstance(item, Grid))
    cell = next(cell for cell in grid.cells if (cell.row, cell.col) == (3, 2))
    left, top, right, bottom = shown_box(cell.box, page.shown)
    assert (left, top, right, bottom) == pytest.approx((595 - 300, 420 - 215, 595 - 170, 420 - 190), abs=2)


SIGNS = [
    ["指标", "方向", "目标值", "说明"],
    ["甲类", "≥", "39", "/"],
    ["乙类", "≤", "118", "无"],
    ["丙类", "≥", "7户", "/"],
]


def test_lone_signs_are_read_in_their_cells(recognise) -> None:  # type: ignore[no-untyped-def]
    sheet = Sheet()
    sheet.table([60, 140, 200, 280, 360], [60, 85, 110, 135, 160], SIGNS)
    page = recognise(sheet.pixels(), 1, *sheet.size)
    assert _cells(page) == SIGNS
    assert page.unread == 0


def test_the_end_of_a_sentence_on_a_line_of_its_own_is_read(recognise) -> None:  # type: ignore[no-untyped-def]
    sheet = Sheet()
    rows = [["指标", "原因"], ["培训人次", "任务量增加"], ["验收项目", "年中调剂资金"]]
    sheet.table([60, 140, 220], [60, 85, 130, 160], rows)
    sheet.write(145, 114, "。")
    assert _cells(recognise(sheet.pixels(), 1, *sheet.size))[1][1] == "任务量增加\n。"


def test_the_most_doubtful_figure_tells_the_doubt() -> None:
    assert Reading("共12项", (1.0, 1.0, 0.6, 1.0)).doubt == 0.6
    assert Reading("共计项", (1.0, 0.6, 1.0)).doubt == 0.87
    assert Reading().doubt == 0.0


def test_doubt_travels_with_what_was_read(recognise) -> None:  # type: ignore[no-untyped-def]
    sheet, worn = Sheet(), Sheet()
    for one in (sheet, worn):
        one.write(60, 60, "实际完成培训壹仟贰佰捌拾人次")
    small = worn.image.resize((sheet.image.width // 6, sheet.image.height // 6))
    worn.image = small.resize(sheet.image.size)

    def confidence(one: Sheet) -> float:
        page = recognise(one.pixels(), 1, *one.size)
        return min((s.confidence for item in page.items for s in item.spans), default=0.0)

    assert confidence(sheet) > 0.97
    assert confidence(worn) < 0.9


def test_blank_pages_and_photographs_print_nothing(recognise) -> None:  # type: ignore[no-untyped-def]
    blank = np.full((1170, 1653), 255, np.uint8)
    rng = np.random.default_rng(5)
    coarse = Image.fromarray(rng.integers(0, 255, (30, 42, 3), np.uint8).astype(np.uint8))
    photograph = np.asarray(coarse.resize((1653, 1170), Image.Resampling.BICUBIC))
    assert recognise(blank, 1, 595.0, 420.0).items == ()
    assert recognise(photograph, 1, 595.0, 420.0).items == ()


def test_the_same_picture_gives_the_same_page_and_no_word_elsewhere(
    recognise, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    pixels = _sheet().pixels()
    assert read_page(Recogniser(2), pixels, 1, 595.0, 420.0) == recognise(pixels, 1, 595.0, 420.0)
    assert capfd.readouterr() == ("", "")


def test_one_build_of_opencv_is_installed() -> None:
    """Two builds share the folder cv2 and overwrite each other."""
    names = {(found.metadata["Name"] or "").lower() for found in distributions()}
    assert len([name for name in names if name.startswith("opencv")]) == 1


def test_the_models_are_those_that_were_measured() -> None:
    assert version("rapidocr").startswith("3.")


def test_a_page_as_large_as_its_dots_is_read_as_paper(recognise) -> None:  # type: ignore[no-untyped-def]
    pixels = _sheet().pixels()
    page = recognise(pixels, 1, float(pixels.shape[1]), float(pixels.shape[0]))
    assert _cells(page) == TABLE
    assert page.shown is not None
    first = next(item for item in page.items if isinstance(item, Line))
    assert shown_box(first.box, page.shown)[:2] == pytest.approx((60 * DOTS, 50 * DOTS), abs=6)


# ---- picture files --------------------------------------------------------------------------


def _file(image: "Image.Image", kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "TIFF"])
def test_a_picture_file_is_a_document(kind: str, recognise) -> None:  # type: ignore[no-untyped-def]
    document = read_image(_file(_sheet().image, kind), recognise)
    assert (document.format, document.pages, document.warnings) == ("image", 1, ())
    table = next(block for block in document.blocks if isinstance(block, Table))
    # unfolded as flow joins the lines of a cell
    texts = {(cell.row, cell.col): cell.text.replace("\n", "") for cell in table.cells}
    assert texts[2, 1] == "培训农技人员数量"
    assert texts[2, 3] == "1305.5人次"
    assert all(0.8 < p.confidence <= 1 for cell in table.cells for p in cell.positions if p.confidence)


def test_a_tiff_has_a_page_for_each_picture(recognise) -> None:  # type: ignore[no-untyped-def]
    second = Sheet()
    second.write(60, 60, "四、存在的问题")
    data = _file(_sheet().image, "TIFF", save_all=True, append_images=[second.image], dpi=(200, 200))
    document = read_image(data, recognise)
    assert document.pages == 2
    last = document.blocks[-1]
    assert "存在的问题" in last.text  # type: ignore[union-attr]
    (position,) = last.positions
    assert position.page == 2
    assert position.box is not None
    assert position.box[:2] == pytest.approx((60, 60), abs=3)


def _asked(data: bytes) -> tuple[tuple[int, ...], tuple[float, float]]:
    """The shape and the size in points of the only picture that is given to be recognised."""
    asked = []

    def recognise(pixels: np.ndarray, number: int, width: float, height: float) -> Page:
        asked.append((pixels.shape, (width, height)))
        return Page(number, width, height, ())

    with pytest.raises(UnreadableFile):
        read_image(data, recognise)
    (found,) = asked
    return found


def test_the_dots_of_a_fax_become_square() -> None:
    fax = _file(Image.new("L", (1020, 490), 255), "TIFF", dpi=(204, 98))
    assert _asked(fax) == ((1020, 1020), (360, 360))


@pytest.mark.parametrize("dots", [(0.0, 0.0), (1e9, 1e9), (200.0, 1e9)])
def test_a_resolution_that_no_scanner_has_is_not_believed(dots: tuple[float, float]) -> None:
    assert _asked(_file(Image.new("L", (421, 842), 255), "TIFF", dpi=dots)) == ((842, 421), (421, 842))


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 1e308, -200.0])
def test_a_resolution_that_is_no_number_is_not_believed(value: float) -> None:
    picture = Image.new("L", (4, 4))
    picture.info["dpi"] = (value, value)
    assert image_file._resolution(picture) is None


def test_a_page_beyond_the_last_cannot_be_drawn() -> None:
    with pytest.raises(UnreadableFile, match="no page 2"):
        image_file.page_picture(_file(Image.new("L", (200, 200)), "PNG"), 2, 72.0)


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (_file(Image.effect_noise((400, 300), 80), "PNG")[:3000], "truncated"),
        (_file(Image.effect_noise((400, 300), 80), "JPEG")[:3000], "truncated"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "truncated"),
        (b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 200, "truncated"),
        (_file(Image.new("1", (20_000, 10_000)), "PNG"), "too_large"),
        (_file(Image.new("1", (11_000, 9_000)), "TIFF"), "too_large"),
        (_file(Image.new("1", (15_000, 6_500)), "GIF"), "too_large"),
    ],
)
def test_files_that_are_broken_or_bombs_are_told_apart(data: bytes, category: str) -> None:
    def never(*_: object) -> Page:
        raise AssertionError("nothing is there to be recognised")

    with pytest.raises(UnreadableFile) as caught:
        read_image(data, never)
    assert caught.value.category == category


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    for name in ("parsers.formats.scan", "parsers.formats.ocr"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(UnreadableFile, match=r"jixiao\[ocr\]") as caught:
        recognition()
    assert caught.value.category == "missing_tool"


@pytest.mark.parametrize(
    ("text", "confidence", "lean", "told"),
    [
        ("1", 0.85, 0.3, Reading("1", (0.85,))),  # in italics
        ("1", 0.7, 0.3, Reading("/", (0.5,))),
        ("1", 0.7, 0.22, Reading("1", (0.7,))),
        ("l", 0.9, 0.3, Reading("/", (0.9,))),
    ],
)
def test_a_slanting_stroke_is_a_one_or_a_slash(
    text: str, confidence: float, lean: float, told: Reading
) -> None:
    picture = np.full((40, 30), 255, np.uint8)
    for y in range(40):
        x = round(20 - lean * y)
        picture[y, x : x + 3] = 0
    lines = Lines((TextLine(0, 0, 20, 40),), np.zeros((40, 30), np.uint8), np.zeros(1, np.int64), 40.0)
    assert _told_by_shape(lines, [Reading(text, (confidence,))], lambda *_: picture) == [told]
