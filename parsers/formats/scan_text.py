"""What the recognition cannot tell from the shape of a sign, told by the print around it. No digit is ever altered."""

import re

_WIDE = dict(zip(",;:!?()", "，；：！？（）", strict=True))
_HAN = "⺀-鿿豈-﫿、。，；：！？《》“”〔〕【】（）"
_NEXT_TO_HAN = re.compile(rf"(?<=[{_HAN}])[,;:!?()]|[,;:!?()](?=[{_HAN}])")
_IN_BRACKETS = re.compile(rf"[（(]([^()（）]*[{_HAN}][^()（）]*)[)）]")
_HALF_WIDE = re.compile(r"（([^()（）]*)\)|\(([^()（）]*)）")
_NUMBER_BEFORE = re.compile(rf"^\((\d{{1,3}})\)(?=[.．、]?[{_HAN}])")
_AT_END = re.compile(r"(?<=[^\s,;:])[,;:]$")
_YEAR = re.compile(r"〔(\d{4})[\])】）]|[\[(【（](\d{4})〕")
_PER_MILLE = re.compile(r"(?:(?<=\d)|^)%[0oO](?![\w.%])")
_SPACED_DIGITS = re.compile(r"(?<![\d.,])\d(?: \d)+(?![\d.,])")
_SIMPLE = str.maketrans("內戶別吳黃値眞吿淸靑敎產晚兌稅說爲", "内户别吴黄值真告清青教产晚兑税说为")
"""Forms of characters that print of the mainland does not have and that look like those that it has."""


def as_printed(text: str) -> str:
    """`text` with Chinese punctuation as wide as Chinese print has it, and brackets of one pair alike.

    The recognition mixes ， and , freely: they differ by the white around them alone. Next to Chinese print they are
    wide (GB/T 15834), between figures (1,100 and 1:2.19) they stay. 〔2019] has only one way to close.
    """
    text = text.translate(_SIMPLE)
    text = _PER_MILLE.sub("‰", text)
    # digits as wide as characters, each a space apart
    text = _SPACED_DIGITS.sub(lambda m: m.group().replace(" ", ""), text)
    text = _YEAR.sub(lambda m: f"〔{m[1] or m[2]}〕", text)
    text = _NUMBER_BEFORE.sub(r"（\1）", text)
    before = ""
    while before != text:
        # （ makes the sign beside it wide in its turn
        before, text = text, _NEXT_TO_HAN.sub(lambda m: _WIDE[m.group()], text)
    text = _IN_BRACKETS.sub(r"（\1）", text)
    text = _HALF_WIDE.sub(lambda m: f"（{m[1] if m[1] is not None else m[2]}）", text)
    return _AT_END.sub(lambda m: _WIDE[m.group()], text) if re.search(rf"[{_HAN}]", text) else text
