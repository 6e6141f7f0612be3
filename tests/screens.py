"""What a screen drawn by AppTest says at its head."""

from __future__ import annotations

import re
from html import unescape

from streamlit.testing.v1 import AppTest


def title(test: AppTest) -> str:
    """The answer at the head of the screen: text of its only h1."""
    (found,) = (match[1] for part in test.get("html") for match in re.finditer(r"<h1>(.*?)</h1>", part.proto.body))
    return unescape(found)


def head(test: AppTest) -> str:
    """Question, answer and note, parted by line breaks."""
    (found,) = (part.proto.body for part in test.get("html") if "<h1>" in part.proto.body)
    body = found.split("</style>", 1)[-1]
    return "\n".join(unescape(part) for part in re.split(r"<[^>]*>", body) if part)


def boards(test: AppTest) -> str:
    """Text of every piece of HTML on the screen, parted by spaces."""
    bodies = (part.proto.body for part in test.get("html"))
    texts = (re.sub(r"<style>.*?</style>", "", body, flags=re.DOTALL) for body in bodies)
    return " ".join(unescape(part) for text in texts for part in re.split(r"<[^>]*>", text) if part.strip())
