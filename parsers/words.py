"""Chinese text cut into words: jieba with the terms of the field.

The only module that knows jieba. Its own start writes a cache into the machine's temporary folder and reads back what
it finds there, which on a shared machine may be anybody's; here the dictionary is read from the package each time.
"""

import re
import string
from collections.abc import Iterable
from functools import cache

import jieba

from schemas.indicator_words import SHORT_TERMS
from schemas.lexicon import DOMAIN_WORDS

_WORD = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z]+\d*|\d+(?:\.\d+)?|[^\W_]")
"""Words begin like this: Chinese, Latin, a number, or a letter or number of any other script (Ⅲ, ①, α)."""
_NARROW = {ord(c) + 0xFEE0: c for c in string.digits + string.ascii_letters}
"""Full-width digits and letters, which some typists use throughout."""
_PIECE = 10_000
"""Characters that are cut at a time: what jieba holds of a text without any sign grows with it, half a kilobyte a character."""
_FREQUENCY = 20_000
"""As common as everyday words of jieba's dictionary, so that a term of the field wins over its parts."""

_RARE = 200
"""As rare as words that only their trade knows: a short term is found where everyday words leave it standing."""


def words(text: str) -> list[str]:
    """The words of `text` in order: Chinese words, Latin words in small letters, numbers, other letters one by one; no signs."""
    return [w.lower() for w in _tokenizer().cut(text, HMM=False) if _WORD.match(w)]


def search_words(text: str) -> list[str]:
    """The words that a search should find `text` by: those of `words`, and the shorter words inside the longer ones."""
    return [w.lower() for w in _tokenizer().cut_for_search(text, HMM=False) if _WORD.match(w)]


def distinct_words(texts: Iterable[str]) -> tuple[str, ...]:
    """The distinct words to find any of the texts by, sorted; full-width digits and letters as ordinary ones."""
    narrow = (text.translate(_NARROW) for text in texts)
    pieces = (text[at : at + _PIECE] for text in narrow for at in range(0, len(text), _PIECE))
    return tuple(sorted({word for piece in pieces for word in search_words(piece)}))


@cache
def _tokenizer() -> jieba.Tokenizer:
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in DOMAIN_WORDS:
        tokenizer.add_word(word, max(_FREQUENCY, tokenizer.FREQ.get(word, 0)))
    for word in SHORT_TERMS:
        tokenizer.add_word(word, max(_RARE, tokenizer.FREQ.get(word, 0)))
    return tokenizer
