"""Text that is not UTF-8: what it may be, shown by its first odd words, and its copy as UTF-8 once it is stated."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from core.errors import Problem, Remedy

CANDIDATES = ("windows-1252", "iso-8859-15", "windows-1250", "windows-1251", "mac-roman")
"""Encodings whose reading of the odd words is shown; likeliest first."""
WIDE = ("utf-16-le", "utf-16-be")
SHOWN_WORDS = 3
_CHUNK = 1 << 20
_HIGH = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(rb"[^\s,;|\"'<>()\x00-\x1f]*[\x80-\xff][^\s,;|\"'<>()\x00-\x1f]*")
_TWO_BYTES = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
_USUAL = "–—‘’“”„€£§°®™…«»·¿¡"


def unclear_encoding(place: str, data: bytes, bad: int, line: int) -> Problem:
    """The problem of a byte that is not UTF-8, with the readings it may have.

    Args:
        place: File name.
        data: Bytes around it.
        bad: Position of the byte in `data`.
        line: Line it stands on.
    """
    byte = f"0x{data[bad]:02x}"
    words = list(dict.fromkeys(match.group() for match in _WORD.finditer(data)))
    rest = data[:bad] + data[bad + 1 :]
    if any(_decodes(word) for word in words) and len(_TWO_BYTES.findall(rest)) >= len(_HIGH.findall(rest)) // 4:
        message = f"expected UTF-8 as in the rest of the file, found byte {byte}: this cell is damaged. Correct it."
        return Problem(place, message, line=line, found=byte, rule="encoding")
    readings = _readings([word for word in words if not _decodes(word)][:SHOWN_WORDS])
    if not readings:
        message = f'expected UTF-8, found byte {byte}. Save the file as UTF-8 (in Excel: "CSV UTF-8").'
        return Problem(place, message, line=line, found=byte, rule="encoding")
    shown = "; ".join(f"{text} as {' or '.join(names)}" for text, names in readings.items())
    message = (
        f"expected UTF-8, found byte {byte}. The first odd words read {shown}. Say which one reads right, or save "
        'the file as UTF-8 (in Excel: "CSV UTF-8").'
    )
    remedies = tuple(Remedy("encoding", names[0], shows=text) for text, names in readings.items())
    return Problem(place, message, line=line, found=byte, rule="encoding", remedies=remedies)


def without_mark(path: Path) -> str:
    """The two-byte encoding of a file without a byte-order mark, by the place of its NULs; empty when it is none."""
    with path.open("rb") as file:
        head = file.read(4096)
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > half * 0.4 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.4 and not odd else ""


def unmarked(path: Path, encoding: str) -> Problem:
    """The problem of a two-byte file without its mark."""
    with path.open("rb") as file:
        top = file.read(2048).decode(encoding, errors="replace").splitlines()[0][:80]
    message = (
        f'expected UTF-8, found text of two bytes a character; the first line reads "{top}" as {encoding}. Read '
        "it so, or save the file as UTF-8."
    )
    return Problem(path.name, message, line=1, rule="encoding", remedies=(Remedy("encoding", encoding, shows=top),))


def misstated(path: Path, encoding: str) -> Problem:
    """The problem of a file that is UTF-8 although the mapping states something else."""
    word = b""
    with path.open("rb") as file:
        while not word and (chunk := file.read(_CHUNK)):
            found = _WORD.search(chunk)
            word = found.group() if found else b""
    right, wrong = (word.decode(name, errors="replace")[:40] for name in ("utf-8", encoding))
    message = f'{encoding} was stated, but the file is UTF-8: "{right}" would become "{wrong}". Read it as UTF-8.'
    return Problem(path.name, message, found=right, rule="encoding", remedies=(Remedy("encoding", "", shows=right),))


def utf8_copy(path: Path, encoding: str, target: Path) -> Problem | None:
    """Write the file as UTF-8 with single line ends, a chunk at a time; the problem of the first byte that fails."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, pending = 0, ""
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as copy:
        while True:
            chunk = source.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = bytes(error.object)[: error.start].decode(encoding, errors="ignore")
                byte = f"0x{error.object[error.start]:02x}"
                message = f"expected {encoding} as was stated, found byte {byte}. State the right encoding."
                line = lines + before.count("\n") + 1
                return Problem(path.name, message, line=line, found=byte, rule="encoding")
            lines += text.count("\n")
            text = pending + text
            pending = "\r" if text.endswith("\r") and chunk else ""
            copy.write(text.removesuffix(pending).replace("\r\n", "\n").replace("\r", "\n"))
            if not chunk:
                return None


def _decodes(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _readings(words: list[bytes]) -> dict[str, list[str]]:
    """The words as each candidate reads them -> the candidates that read them so; letters before symbols."""
    found: dict[str, list[str]] = {}
    likely: dict[str, list[str]] = {}
    for name in CANDIDATES:
        try:
            texts = [word.decode(name)[:40] for word in words]
        except UnicodeDecodeError:
            continue
        odd = [character for text in texts for character in text if not character.isascii()]
        if not odd or not all(character.isprintable() for character in odd):
            continue
        shown = ", ".join(f'"{text}"' for text in texts)
        found.setdefault(shown, []).append(name)
        if all(character.isalpha() or character in _USUAL for character in odd):
            likely.setdefault(shown, []).append(name)
    return likely or found
