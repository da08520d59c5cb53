"""Showing what a student wrote: in a page, in a terminal, in a spreadsheet, without any of it running there.

A page is cleaned by a kept sanitizer (nh3), which builds the HTML anew from what it allows; our own pages also carry a
content policy that lets no script run and nothing be fetched.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import csv
import html
import io
import re
import signal
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import mistune
import nh3

LONGEST = 20_000  # characters of an answer that is shown
RENDER_S = 2.0
PICTURE_KIB = 512
PICTURES = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
TAGS = {
    "p", "br", "hr", "em", "strong", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a", "img",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "th": {"align"}, "td": {"align"}}
SCHEMES = {"http", "https", "mailto", "attachment"}
LINKS = ("http://", "https://", "mailto:")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
# Class names that tell MathJax, where a page loads it, to leave a text alone: TeX can hold links.
NO_TEX = "tex2jax_ignore mathjax_ignore"


class TooSlow(Exception):
    """A text that takes too long to be shown as it was meant."""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Stop what takes longer, where this thread can be interrupted."""

    def ring(*_: Any) -> None:
        raise TooSlow

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _picture(name: str, attachments: Mapping[str, Any]) -> str | None:
    """Give a picture that was pasted in as a link that holds it, if it is one and is not too large."""
    kinds = attachments.get(name)
    for kind, data in kinds.items() if isinstance(kinds, Mapping) else ():
        with contextlib.suppress(ValueError, TypeError, binascii.Error):
            raw = base64.b64decode("".join(data.split()), validate=True)
            if len(raw) <= PICTURE_KIB << 10 and raw.startswith(PICTURES.get(kind, b"\0no")):
                return f"data:{kind};base64,{base64.b64encode(raw).decode()}"
    return None


def _allow(attachments: Mapping[str, Any]) -> Callable[[str, str, str], str | None]:
    def allow(tag: str, name: str, value: str) -> str | None:
        inner = value.removeprefix("attachment:")
        if name == "src":  # a picture from elsewhere would tell who reads it, and when
            return _picture(inner, attachments) if inner != value else None
        # A link without a site of its own would lead into the reader's own session.
        return value if name != "href" or value.lower().startswith(LINKS) else None

    return allow


def as_html(text: str, attachments: Mapping[str, Any] | None = None) -> str:
    r"""Give a text that a student wrote as HTML that can be shown to anybody; tags in it are shown as typed.

    >>> as_html("1 < 2, so **more**")
    '<p>1 &lt; 2, so <strong>more</strong></p>'
    >>> as_html("[here](javascript:alert(1)) <b onclick='x'>")
    '<p><a rel="noopener noreferrer">here</a> &lt;b onclick=\'x\'&gt;</p>'
    """
    text = printable(text, keep="\n\t")
    cut = ""
    if len(text) > LONGEST:
        cut = f"<p>(It has {len(text):,} characters; the first {LONGEST:,} are shown.)</p>"
        text = text[:LONGEST]
    try:
        with _at_most(RENDER_S):
            # Tags are shown as typed; which links may stay is for the sanitizer alone to say.
            renderer = mistune.HTMLRenderer(escape=True, allow_harmful_protocols=True)
            raw = mistune.create_markdown(renderer=renderer, plugins=["table"])(text)
    except (TooSlow, RecursionError):
        raw = f"<pre>{html.escape(text)}</pre>"
    clean = nh3.clean(
        str(raw),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        attribute_filter=_allow(attachments or {}),
    )
    return clean.strip() + cut


def as_cell(text: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Give a text as a cell of a notebook that any page may render: one block of HTML, nothing left to interpret."""
    inner = as_html(text, attachments)
    for mark, name in (("\n", "&#10;"), ("$", "&#36;"), ("\\", "&#92;")):
        inner = inner.replace(mark, name)
    return f'<div class="{NO_TEX}">{inner}</div>'


def page(title: str, body: str, style: str = "") -> str:
    """Give a whole page, in which nothing runs and which fetches nothing."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style></head>\n"
        f"<body>{body}</body></html>\n"
    )


def printable(text: str, keep: str = "") -> str:
    r"""Give a text without characters that steer a terminal or turn the direction of reading.

    >>> printable("a\x1b[31mb\u202e")
    'a[31mb'
    """
    return "".join(
        letter
        for letter in text.encode("utf-8", "replace").decode("utf-8")
        if letter in keep or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def line(text: str, most: int = 300) -> str:
    """Give a text as one line of a terminal, and not too long."""
    text = printable(re.sub(r"\s+", " ", str(text))).strip()
    return text if len(text) <= most else text[: most - 1] + "…"


def field(value: Any) -> Any:
    """Give a value as a field of a table that no spreadsheet takes for a formula.

    >>> field("=1+1"), field(-2.5)
    ("'=1+1", -2.5)
    """
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = printable(str(value), keep="\n")
    return "'" + text if text.startswith(FORMULA) else text


def table(rows: Iterable[Iterable[Any]]) -> str:
    """Write rows as CSV."""
    page_ = io.StringIO()
    writer = csv.writer(page_, lineterminator="\n")
    writer.writerows([field(value) for value in row] for row in rows)
    return page_.getvalue()
