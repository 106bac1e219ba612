"""What the characters of a PDF are brought to before they are spans."""

import numpy as np
import pytest

from parsers.formats.pdf_spans import Frame, Glyphs, runs

PAGE = Frame(0, 0, 595, 842, 0)


def one_span(codes: list[int]) -> str:
    """The text of characters that stand side by side on one line."""
    boxes = np.array([[60 + 10 * at, 700, 70 + 10 * at, 690] for at in range(len(codes))])
    glyphs = Glyphs.of(np.array(codes, np.uint32), boxes)
    (run,) = runs(glyphs, glyphs.inked(), PAGE, PAGE, [])
    assert run.span[1:5] == (60, 142, 60 + 10 * len(codes), 152)
    return run.span.text


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        ([0x2F6C, 0x6807], "目标"),
        ([0x2EDA, 0x2ED3], "页长"),
        ([0xF9DB, 0x7387], "率率"),
        ([0xFB01, 0x6E], "fin"),
        ([0xD840, 0xDC0B], "\U0002000b"),
        ([0xD840, 0x41], "\ufffdA"),
        ([0x41, 2], "A-"),
        ([0x41, 0xFFFE], "A-"),
        ([0, 0x41], "\ufffdA"),
        ([0x110000, 0x41], "\ufffdA"),
    ],
    ids=[
        "Kangxi radicals", "other radicals", "compatibility ideographs", "ligatures", "two halves", "a lone half",
        "hyphen at a line's end", "the same in older versions", "no code", "no character",
    ],
)  # fmt: skip
def test_characters_become_those_that_are_meant(codes: list[int], text: str) -> None:
    assert one_span(codes) == text


def test_the_letters_of_a_ligature_stand_together() -> None:
    xs = [(60, 70), (70, 80), (70, 80), (80, 90)]
    boxes = np.array([[left, 700, right, 690] for left, right in xs])
    glyphs = Glyphs.of(np.array([ord(char) for char in "Afib"], np.uint32), boxes)
    (run,) = runs(glyphs, glyphs.inked(), PAGE, PAGE, [])
    assert run.span.text == "Afib"


def test_narrow_gaps_part_a_span_into_pieces() -> None:
    lefts = [60, 70, 87, 97]  # a gap of 7 points between characters of 10
    boxes = np.array([[left, 700, left + 10, 690] for left in lefts])
    glyphs = Glyphs.of(np.array([ord(char) for char in "质量指标"], np.uint32), boxes)
    (run,) = runs(glyphs, glyphs.inked(), PAGE, PAGE, [])
    assert run.span.text == "质量指标"
    assert [(part.text, part.left, part.right) for part in run.span.parts] == [
        ("质量", 60, 80),
        ("指标", 87, 107),
    ]
