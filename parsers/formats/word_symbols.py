"""Characters that Word prints from symbol fonts, as Unicode.

A symbol font's characters stand at F000 to F0FF of the private use area (or at 00 to FF).
Only what reports use is listed: comparison and arithmetic signs, Greek, check boxes, bullets.
"""

_SYMBOL = {
    0x2D: "−",
    0xA3: "≤",
    0xA5: "∞",
    0xAB: "↔",
    0xAC: "←",
    0xAD: "↑",
    0xAE: "→",
    0xAF: "↓",
    0xB0: "°",
    0xB1: "±",
    0xB3: "≥",
    0xB4: "×",
    0xB7: "•",
    0xB8: "÷",
    0xB9: "≠",
    0xBA: "≡",
    0xBB: "≈",
    0xBC: "…",
    0xC5: "⊕",
    0xD0: "∠",
    0xD5: "∏",
    0xD6: "√",
    0xD7: "⋅",
    0xDE: "⇒",
    0xE5: "∑",
    **{0x41 + i: letter for i, letter in enumerate("ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ")},
    **{0x61 + i: letter for i, letter in enumerate("αβχδεφγηιϕκλμνοπθρστυϖωξψζ")},
}
_WINGDINGS = {
    0x6C: "●",
    0x6D: "❍",
    0x6E: "■",
    0x6F: "□",
    0x71: "❑",
    0x72: "❒",
    0x74: "⧫",
    0x75: "◆",
    0x76: "❖",
    0x77: "⬥",
    0x80: "⓪",
    **{0x81 + i: chr(0x2460 + i) for i in range(10)},
    **{0x8C + i: chr(0x2776 + i) for i in range(10)},
    0x9F: "•",
    0xA1: "○",
    0xA8: "□",
    0xAB: "★",
    0xD8: "➢",
    0xDF: "←",
    0xE0: "→",
    0xE1: "↑",
    0xE2: "↓",
    0xF0: "⇨",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
}
_WINGDINGS_2 = {
    0x4F: "✗",
    0x50: "✓",
    0x51: "☒",
    0x52: "☑",
    0x53: "☒",
    0x54: "☒",
    0xA2: "■",
    0xA3: "□",
    **{0x6A + i: chr(0x2460 + i) for i in range(10)},
}
_FONTS = {
    "symbol": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
}


def from_symbol_font(code: int, font: str) -> str:
    """The character that `font` prints at `code`; "" where only the font itself knows it."""
    table = _FONTS.get(font.strip().lower())
    low = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    if table is not None and low in table:
        return table[low]
    if 0x20 <= low < 0x7F and (table is _SYMBOL or code != low):
        return chr(low) if table is None or table is _SYMBOL else ""
    if code != low or table is not None or not 0x20 <= code <= 0x10FFFF or 0xD800 <= code <= 0xF8FF:
        return ""
    return chr(code)


def translate_private(text: str, font: str) -> str:
    """`text` with the private use characters of a symbol font made readable, others as they are."""
    return "".join(
        (from_symbol_font(ord(char), font) or char) if "\uf000" <= char <= "\uf0ff" else char for char in text
    )
