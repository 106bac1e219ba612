"""The words that a printed name of an indicator falls into, misprints put right.

A dictionary of everyday words cuts names in odd places: 网|点数, 奖|补充|电桩. Here counts at the end are cut off first,
long words fall into their parts, and a character that stands alone is compared with those that look like it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

from parsers.words import search_words, words
from schemas.indicator_words import (
    CONTRASTS,
    DISTINCT_ADDITIONS,
    FUNCTION_WORDS,
    LOOK_ALIKES,
    MEASURE_WORDS,
    NEGATIONS,
    RATE_ENDINGS,
    SHORT_TERMS,
    SYNONYMS,
    WEAK_WORDS,
)

CACHED_WORDS = 65_536
"""Names and words kept taken apart: an archive repeats its own, and memory must not grow with it."""
CANONICAL: Mapping[str, str] = {word: group[0] for group in SYNONYMS for word in group}
"""The first of its synonyms, for each word that has some."""
_WHOLE: frozenset[str] = (
    frozenset(MEASURE_WORDS)
    | FUNCTION_WORDS
    | WEAK_WORDS
    | NEGATIONS
    | DISTINCT_ADDITIONS
    | frozenset(CANONICAL)
    | frozenset(SHORT_TERMS)
    | frozenset(word for group in CONTRASTS for word in group)
)
"""Words that the data of `schemas.indicator_words` speaks of: never cut into their parts."""
_CODE = re.compile(
    r"[≥≤<>]?[A-Za-z]*\d[\dA-Za-z]*(?:\.\d+)?(?:[-~—至到]\d+(?:\.\d+)?)*\+?|[A-Za-z]+\+?|(?![\u4e00-\u9fffA-Za-z\d_])\w"
)
"""Numbers, ranges (0-6) and Latin words with what belongs to them (≥60, PM2.5, G213, 3A, A+); letters of other scripts."""
_RANGE = re.compile(r"(?<=\d)[~—至到](?=\d)")
_ROMAN = {ord(sign): unicodedata.normalize("NFKC", sign) for sign in "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ"}
_SIGNS = re.compile(r"[^\w\u4e00-\u9fff]+")
_PERSONS = re.compile(r"(?<=..)总?(?:人次数?|人数)$")
_LOOK_ALIKE: Mapping[str, str] = {
    one: "".join(other for group in LOOK_ALIKES if one in group for other in group if other != one)
    for one in sorted(set("".join(LOOK_ALIKES)))
}


@lru_cache(maxsize=CACHED_WORDS)
def spelt(text: str) -> str:
    """The text with a character put right that looks like another, where that makes a word of what was none."""
    tried = [
        text[:at] + other + text[at + 1 :]
        for at in sorted(
            {near for at in _alone(text) for near in (at - 1, at, at + 1) if 0 <= near < len(text)}
        )
        for other in _LOOK_ALIKE.get(text[at], "")
    ]
    return min((text, *tried), key=lambda spelt: len(words(spelt))) if tried else text


def misprinted(one: str, other: str) -> bool:
    """Two words differ in one character that is taken for the other, and one of them is no word at all."""
    if len(one) != len(other) or len(one) < 2:
        return False
    apart = [(x, y) for x, y in zip(one, other, strict=True) if x != y]
    if len(apart) != 1 or apart[0][1] not in _LOOK_ALIKE.get(apart[0][0], ""):
        return False
    return words(one) != [one] or words(other) != [other]


def _alone(text: str) -> Iterator[int]:
    """Where characters stand that make no word with their neighbours."""
    at = 0
    for word in words(text):
        at = max(text.lower().find(word, at), at)
        if len(word) == 1:
            yield at
        at += len(word)


def tokens(text: str, *, counted: bool = True) -> list[str]:
    """All words of a name: codes whole and in small letters, what stands between them in words, short terms in full."""
    found: list[str] = []
    text, at = text.translate(_ROMAN), 0
    cut = segments if counted else plain_segments
    for code in (*_CODE.finditer(text), None):
        gap = text[at : code.start() if code else len(text)]
        found += [word for part in _SIGNS.split(gap) for word in cut(part)]
        if code:
            found.append(_RANGE.sub("-", code[0].lower()))
            at = code.end()
    return [word for term in found for word in in_full(term)]


def in_full(term: str) -> tuple[str, ...]:
    """The words that a short term stands for; of any other word, itself."""
    return plain_segments(SHORT_TERMS[term]) if term in SHORT_TERMS else (term,)


def is_code(token: str) -> bool:
    """A number, a Latin word or a letter of another script: never one of the words that say something about it."""
    return not "\u4e00" <= token[0] <= "\u9fff"


def segments(text: str) -> tuple[str, ...]:
    """Words of a text that may end with a count, which a dictionary joins to what is counted: 业主|人次, 网|点数."""
    counted = _PERSONS.search(text)
    if counted:
        stem = plain_segments(text[: counted.start()])
        person = (*stem[:-1], f"{stem[-1]}人") if stem and stem[-1] not in _WHOLE else ()
        if counted[0] == "人数" and person and words(person[-1]) == [person[-1]]:
            return (*person, "人数")  # 残疾人数 counts 残疾人
        return (*stem, counted[0])
    end = text[-2:]
    if (
        len(text) > 2
        and end[-1] == "数"
        and MEASURE_WORDS.get(end, "" if words(end) == [end] else "count") == "count"
    ):
        return (*plain_segments(text[:-1]), "数")
    return plain_segments(text)


@lru_cache(maxsize=CACHED_WORDS)
def plain_segments(text: str) -> tuple[str, ...]:
    """Words of a text: long ones in the parts that the dictionary knows, single characters that it does not know as one."""
    found: list[str] = []
    loose = False
    for word in words(text):
        if found and found[-1] == "人" and word in ("次", "次数"):
            found[-1] = "人次"
            continue
        alone = len(word) == 1 and word not in _WHOLE and not word.isascii()
        if alone and loose:
            found[-1] += word
        else:
            found += _parts(word)
        loose = alone
    return tuple(found)


@lru_cache(maxsize=CACHED_WORDS)
def _parts(word: str) -> tuple[str, ...]:
    """A word in its smallest words: 技术创新 is 技术 and 创新, 合格率 is 合格 and 率."""
    if len(word) < 3 or word in _WHOLE or not "\u4e00" <= word[0] <= "\u9fff":
        return (word,)
    inner = {part for part in search_words(word) if 2 <= len(part) < len(word)}
    if word[0] == "总" and word[1:] in inner:
        return ("总", *_parts(word[1:]))
    if word[-1] in RATE_ENDINGS and word[:-1] in (inner | _WHOLE):
        return (*_parts(word[:-1]), word[-1])
    if len(word) == 3:
        return (word,)
    return _cover(word, inner) or (word,)


def _cover(word: str, inner: set[str]) -> tuple[str, ...]:
    """The words of `inner` that make up the whole of `word`, longest first; () where none do."""
    if not word:
        return ()
    for length in range(min(len(word), 6), 1, -1):
        part = word[:length]
        if part in inner:
            rest = _cover(word[length:], inner)
            if rest or length == len(word):
                return (*_parts(part), *rest)
    return ()
