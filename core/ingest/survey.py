"""One pass over the bytes of a file: hash, encoding, line ends, control characters, signs of damaged text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path

import numpy as np

from core.errors import Problem
from core.ingest.encodings import unclear_encoding

CHUNK = 1 << 20
AROUND = 4_000
"""Bytes after a bad one in which odd words are looked for."""
ZEROS = b"0" * 7
FOUR_ZEROS = int.from_bytes(b"0000")
MOST_LOOKED_AT = 2_000
"""Words of zeros in a chunk that are looked at one by one; with more of them the whole chunk is searched."""
_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")
_CONTROL = re.compile(b"[" + re.escape(_CONTROLS) + b"]")
_ODD: dict[str, tuple[re.Pattern[bytes], str]] = {
    "mojibake": (
        re.compile(rb"\xc3[\x82\x83\x84\x85]\xc2[\x80-\xbf]|\xc3\xa2\xe2\x82\xac"),
        "some text looks as if UTF-8 had been read as windows-1252 once before (such as Ã¼ for ü); it was kept. "
        "Export the file again if so.",
    ),
    "replaced": (
        re.compile(rb"\xef\xbf\xbd"),
        "some characters were already lost where the file was made (\ufffd); they were kept so.",
    ),
    "direction": (
        re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]"),
        "some text holds characters that turn the direction of writing; it may read otherwise than it is.",
    ),
}


@dataclass
class Survey:
    """What one pass over the bytes found.

    Attributes:
        digest: SHA-256 of the file.
        size: Bytes.
        feeds: Line feeds.
        pairs: Line feeds after a carriage return.
        returns: Carriage returns.
        ends: Whether the last line is ended.
        ascii: Whether every byte is ASCII.
        plain: Whether the file is ASCII without quotes and tabs.
        spaces: Whether a space stands below the first line.
        plus: Whether a plus sign stands below the first line.
        padded: Whether 0x or seven zeros in a row stand below the first line.
        problem: The first byte that is no text.
        odd: Signs of damaged text -> line of the first one.
    """

    digest: str = ""
    size: int = 0
    feeds: int = 0
    pairs: int = 0
    returns: int = 0
    ends: bool = True
    ascii: bool = True
    plain: bool = True
    spaces: bool = False
    plus: bool = False
    padded: bool = False
    problem: Problem | None = None
    odd: dict[str, int] = field(default_factory=dict)
    _before: bytes | None = None

    @property
    def lines(self) -> int:
        """Physical lines."""
        ends = self.feeds + self.returns - self.pairs
        return ends + (0 if self.ends or not self.size else 1)

    @property
    def mixed(self) -> bool:
        """Whether line ends are of more than one kind, or carriage returns alone."""
        return bool(self.returns) and not (self.returns == self.pairs == self.feeds)

    def warnings(self, place: str) -> tuple[Problem, ...]:
        """What should be known about the text."""
        return tuple(Problem(place, _ODD[kind][1], line=line, rule=kind) for kind, line in self.odd.items())


def survey(path: Path, encoding: str) -> Survey:
    """Look at every byte of the file once, a chunk at a time.

    Args:
        path: The file.
        encoding: utf-8-sig, or utf-16 for a file with a byte-order mark.
    """
    found, digest = Survey(), sha256()
    decoder = codecs.getincrementaldecoder("utf-8" if encoding == "utf-8-sig" else encoding)("strict")
    after_return = False
    for chunk in chain(chunks(path), (b"",)):
        digest.update(chunk)
        found.size += len(chunk)
        data = _decoded(path, chunk, decoder, encoding, found)
        if not data:
            continue
        feeds = int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))
        _look(path, data, feeds, found)
        _note_spelling(data, found)
        found.feeds += feeds
        if b"\r" in data or after_return:
            found.returns += data.count(b"\r")
            found.pairs += data.count(b"\r\n") + (after_return and data[:1] == b"\n")
        after_return = data[-1:] == b"\r"
        found.ends = data[-1:] in (b"\n", b"\r")
    found.digest = digest.hexdigest()
    return found


def chunks(path: Path) -> Iterator[bytes]:
    """The file, a mebibyte at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _decoded(
    path: Path, chunk: bytes, decoder: codecs.IncrementalDecoder, encoding: str, found: Survey
) -> bytes | None:
    """The chunk as UTF-8, None after a byte that cannot be read; plain ASCII is not decoded, for speed."""
    if encoding == "utf-8-sig" and chunk.isascii() and not decoder.getstate()[0]:
        return chunk
    found.ascii = found.ascii and not chunk
    try:
        text = decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError as error:
        data = bytes(error.object)
        line = found.lines + data.count(b"\n", 0, error.start) + (1 if found.ends else 0)
        begin = data.rfind(b"\n", 0, error.start) + 1
        around = data[begin : error.start + AROUND]
        found.problem = found.problem or unclear_encoding(path.name, around, error.start - begin, line)
        decoder.reset()
        return None
    return chunk if encoding == "utf-8-sig" else text.encode()


def _look(path: Path, data: bytes, feeds: int, found: Survey) -> None:
    """Note control characters and damaged text; looking whether a sign is there costs a fifth of counting it."""
    here = found.feeds + found.returns - found.pairs
    tabs = data.count(b"\t") if b"\t" in data else 0
    allowed = feeds + tabs + (data.count(b"\r") if b"\r" in data else 0)
    low = np.count_nonzero(np.frombuffer(data, np.uint8) < ord(" ")) - allowed
    bad = _CONTROL.search(data) if low or b"\x7f" in data else None
    if bad and not found.problem:
        code = f"0x{bad.group()[0]:02x}"
        message = f"expected text, found the control character {code}. Remove it, or export the file again as UTF-8."
        line = here + data.count(b"\n", 0, bad.start()) + 1
        found.problem = Problem(path.name, message, line=line, found=code, rule="control_character")
    plain = data.isascii()
    found.plain = found.plain and plain and not tabs and b'"' not in data
    for kind, (pattern, _) in () if plain else _ODD.items():
        if kind not in found.odd and (match := pattern.search(data)):
            found.odd[kind] = here + data.count(b"\n", 0, match.start()) + 1


def _note_spelling(data: bytes, found: Survey) -> None:
    """Note what decides how cells are read; a pattern over the edge of two chunks counts."""
    if found._before is None:
        body = data[data.find(b"\n") + 1 :] if b"\n" in data else b""
        found._before = b""
    else:
        body = data
    found.spaces = found.spaces or b" " in body
    found.plus = found.plus or b"+" in body
    edge = found._before + body[:6]
    found.padded = found.padded or _is_padded(edge) or _is_padded(body)
    found._before = body[-6:]


def _is_padded(text: bytes) -> bool:
    hexadecimal = any(sign in text and b"0" + sign in text for sign in (b"x", b"X"))
    return hexadecimal or _has_zeros(text)


def _has_zeros(text: bytes) -> bool:
    """Whether seven zeros stand in a row: four of them then fill one of the words the text is cut into."""
    words = np.frombuffer(text, np.uint32, len(text) // 4)
    found = np.flatnonzero(words == FOUR_ZEROS)
    if found.size > MOST_LOOKED_AT:
        return ZEROS in text
    return any(ZEROS in text[max(0, 4 * place - 6) : 4 * place + 10] for place in found.tolist())
