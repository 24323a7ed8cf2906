"""What a document says, before it is set: title, sections, signatures.

Everything in it is text that is already in the document's language; the renderer adds the words
that every document shares (page, record hash, signatures: words.json) and never reads the book.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh"]


@dataclass(frozen=True)
class Paragraph:
    """Running text; `emphasis` sets it off (a warning, an instruction to stop)."""

    text: str
    emphasis: bool = False


@dataclass(frozen=True)
class Fields:
    """Labels with their values, one below the other; an empty value is shown as a dash."""

    rows: Sequence[tuple[str, str | None]]


@dataclass(frozen=True)
class Table:
    """Columns with a head that is repeated on every page.

    `widths` are relative (1, 2, 1); all alike where absent. Columns named in `numeric` (counted
    from 0) are set to the right. A table without rows says so: silence would read as a gap.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str | None]]
    widths: Sequence[int] | None = None
    numeric: Sequence[int] = ()


@dataclass(frozen=True)
class Label:
    """A label to be cut out: a code, some lines, and the code as a picture (SVG)."""

    code: str
    lines: Sequence[str]
    picture: str


@dataclass(frozen=True)
class Labels:
    """Labels side by side; none says so, like a table without rows."""

    labels: Sequence[Label]


Block: TypeAlias = Paragraph | Fields | Table | Labels


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Signature:
    """How an electronic signature is shown (21 CFR 11.50): printed name, time, meaning.

    Everything is as it was when it was signed: a person renamed later keeps the old name here.
    `signed_at` knows its offset from UTC; `zone` names the time zone it is read in.
    """

    printed_name: str
    username: str
    role: str
    meaning: str
    statement: str
    signed_at: datetime
    zone: str
    record_hash: str | None = None
    site: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Report:
    """A document: what `pdf.render` sets.

    `record_hash` is the SHA-256 of the record that the document shows and stands on every page;
    `watermark` lies across every page (DRAFT, EXERCISE); with `printed_at` given, the same
    report is the same bytes. What nobody signs (a list to work from) has no part for signatures:
    `to_sign`.
    """

    title: str
    language: Language
    sections: Sequence[Section]
    printed_at: datetime
    signatures: Sequence[Signature] = ()
    watermark: str | None = None
    number: str | None = None
    subtitle: str | None = None
    record_hash: str | None = None
    to_sign: bool = True
