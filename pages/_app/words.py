"""Text of data in places that Streamlit reads as Markdown: shown as typed, never as markup."""

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
_LINKED = re.compile(r"(?i)(:(?=//)|www(?=\.)|@)")
_UNLINK = "\N{ZERO WIDTH SPACE}"


@lru_cache(maxsize=8192)
def md(text: object) -> str:
    """Text for a Markdown place: no image is fetched, no link made, nothing formatted.

    Every sign Markdown knows is escaped. Bare addresses become links even then, so a zero-width space parts them.
    Line breaks become spaces.
    """
    plain = unicodedata.normalize("NFC", str(text)).replace("\r", " ").replace("\n", " ")
    return _MARKS.sub(r"\\\1", _LINKED.sub(rf"\1{_UNLINK}", plain))
