"""What counts as a word when pictures are looked for: the same for every database, whatever the script.

Letters lose case and accents. Scripts that leave no blanks between words count sign by sign: a part of a sentence is found.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
"""Characters of a word that are looked at."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W_{_SIGNS}]+")


def words_of(text: str) -> list[str]:
    """Return the words of a text in its order; each of letters and digits alone, so that it is safe in any query."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return [word[:LONGEST] for word in _WORD.findall(unicodedata.normalize("NFKC", bare).casefold())]
