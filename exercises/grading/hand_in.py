"""What was handed in: for each student the one notebook that counts, and for everything else the reason why not."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

from grading import archive, names, safe
from grading.archive import Member
from grading.layout import of, student_of
from grading.names import Author, NoLogin

MOST_CELLS = 1000
MOST_TEXT_KIB = 1024
NOTEBOOKS = (".ipynb", ".json", ".txt")
PAGES = (".html", ".htm", ".pdf", ".docx")


class Refused(Exception):
    """A submission that cannot be graded, and why."""


@dataclass
class Given:
    """One student's notebook, and what is known about how it came."""

    login: str
    seed: str  # the login whose numbers count
    data: bytes
    author: Author
    path: str
    typed: str = ""
    time: datetime.datetime | None = None
    warnings: list[str] = field(default_factory=list)

    def about(self) -> dict[str, Any]:
        """Give what is kept beside the notebook."""
        when = self.author.when or self.time
        return {
            "seed": self.seed,
            "as": self.author.name,
            "platform": self.author.platform,
            "id": self.author.id,
            "late": self.author.late,
            "typed": self.typed,
            "path": self.path,
            "time": when.astimezone(datetime.UTC).isoformat(timespec="seconds") if when else "",
        }


@dataclass
class Inbox:
    """What was found in a folder or an archive."""

    platform: str
    given: dict[str, Given] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)


def _is_notebook(member: Member) -> bool:
    """Tell a notebook by what it holds, whatever it is called."""
    if member.path.suffix.casefold() == ".ipynb":
        return True
    if member.path.suffix.casefold() not in NOTEBOOKS:
        return False
    head = member.data[:200_000].lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith(b"{") and (b'"cells"' in head or b'"nbformat"' in member.data[-400:])


def checked(data: bytes, source: Any) -> Any:
    """Read a notebook, or say what is wrong with it."""
    try:
        book = nbformat.reads(data.decode("utf-8-sig"), 4)
        texts = [cell.source for cell in book.cells if isinstance(of(cell), dict)]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a cell holds no text")
    except Exception as slip:  # whatever is not a notebook
        why = f"{type(slip).__name__}: {safe.line(str(slip), 200)}"
        raise Refused(f"it is no notebook ({why})") from None
    if len(texts) > MOST_CELLS:
        raise Refused(f"it has {len(texts):,} cells, and no more than {MOST_CELLS:,} are run")
    if sum(map(len, texts)) > MOST_TEXT_KIB << 10:
        raise Refused(f"its cells hold more than {MOST_TEXT_KIB:,} KiB of text")
    locked = [cell for cell in source.cells if of(cell).get("locked") and not of(cell)["grade"]]
    if not {cell.source.strip() for cell in locked} & {text.strip() for text in texts}:
        raise Refused("none of its texts is of this assignment: it is another notebook")
    return book


def _inside(members: list[Member]) -> list[Member]:
    """Leave out a folder that is around everything, as archives have it."""
    tops = {member.path.parts[0] for member in members if member.path.parts}
    if len(tops) != 1 or any(len(member.path.parts) < 2 for member in members):
        return members
    if names.recognize(tops) != "plain":
        return members
    inner = {member.path.parts[1] for member in members}
    if names.recognize(inner) == "plain" and sum(len(m.path.parts) > 2 for m in members) < 2:
        return members
    return [replace(m, path=PurePosixPath(*m.path.parts[1:])) for m in members]


def _by_person(
    members: list[Member], platform: str, pattern: str, bad: dict[str, str]
) -> dict[tuple[str, str], list[tuple[Author, Member]]]:
    """Sort what was found by whose it is."""
    people: dict[tuple[str, str], list[tuple[Author, Member]]] = {}
    for member in members:
        try:
            top = member.path.parts[0] if member.path.parts else ""
            person = names.author(top, platform, pattern)
        except NoLogin as slip:
            bad[safe.line(str(member.path))] = member.trouble or str(slip)
            continue
        people.setdefault(person.key, []).append((person, member))
    return people


def _chosen(found: list[tuple[Author, Member]], assignment: str) -> tuple[Author, Member] | str:
    """Choose the notebook that counts, or say why there is none: the last one, where names tell the order."""
    books = [(who, member) for who, member in found if _is_notebook(member) and not member.trouble]
    if not books:
        return _absent([member for _, member in found])
    named = [pair for pair in books if _stem(pair[1].path).endswith(assignment.casefold())]
    books = named or books
    if len(books) > 1:
        order = sorted(books, key=lambda pair: (str(pair[0].when or ""), pair[0].again))
        first, last = order[-2][0], order[-1][0]
        told_apart = (first.when, first.again) != (last.when, last.again)
        # Where there is a name and no number, copies may be those of two people.
        one = _is_known(last) or len({_typed(member.data) for _, member in books}) == 1
        if told_apart and one:
            return order[-1]
        paths = sorted({str(member.path) for _, member in books})
        return f"there are several: {', '.join(paths[:4])}; keep one"
    return books[0]


def _is_known(who: Author) -> bool:
    """Tell whether a platform's name for a file says for certain whose it is."""
    return bool(who.id) or who.platform == "blackboard"


def _stem(path: PurePosixPath) -> str:
    """Give a file's name without what it was called for being a notebook, or for being handed in again."""
    return names.AGAIN.sub("", path.name.casefold()).partition(".ipynb")[0].partition(".json")[0]


def _absent(members: list[Member]) -> str:
    """Say why a student has no notebook that can be read."""
    for member in members:
        if member.trouble:
            return member.trouble
    listed = ", ".join(sorted(str(member.path) for member in members)[:4])
    if any(member.path.suffix.casefold() in PAGES for member in members):
        return f"there is no notebook, but {listed}: ask for the .ipynb file"
    return f"there is no notebook in what was handed in ({listed})"


def _typed(data: bytes) -> str:
    """Read the login in a notebook, if it is one."""
    try:
        return student_of(nbformat.reads(data.decode("utf-8-sig"), 4))
    except Exception:  # said when it is checked
        return ""


def _logins(keys: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Give each person a login of their own; people of one name are told apart by their number."""
    keys = list(keys)
    logins = [login for login, _ in keys]
    return {
        (login, number): f"{login}-{number}" if logins.count(login) > 1 and number else login
        for login, number in keys
    }


def submissions(
    place: Path, assignment: str, pattern: str = "", known: dict[str, str] | None = None
) -> Inbox:
    """Give each student's notebook, and what could not be told whose it is or cannot be read, with the reason.

    ``known`` maps what a student is called on the platform (name, login or number) to the login that counts.
    """
    members = _inside(list(archive.members(place)))
    platform = names.recognize(member.path.parts[0] for member in members if member.path.parts)
    inbox = Inbox("plain" if pattern else platform)
    people = _by_person(members, platform, pattern, inbox.bad)
    logins = _logins(list(people))
    for key, found in people.items():
        chosen = _chosen(found, assignment)
        login = logins[key]
        settled = _settled(found[0][0], login, known or {})
        if isinstance(chosen, str):
            inbox.bad[settled or login] = chosen
            continue
        who, member = chosen
        given = Given(login, login, member.data, who, str(member.path), time=member.time)
        given.typed = _typed(member.data)
        count = sum(_is_notebook(each) for _, each in found)
        if count > 1:
            given.warnings.append(f"of {count} notebooks {member.path.name} counts")
        _settle(given, settled)
        if given.login in inbox.given:
            other = inbox.given.pop(given.login)
            inbox.bad[given.login] = f"two people have this login: {other.path} and {given.path}"
        elif given.login not in inbox.bad:
            inbox.given[given.login] = given
    _compare(inbox)
    return inbox


def _settled(who: Author, login: str, known: dict[str, str]) -> str:
    """Look a student up in the map, by number, name or login."""
    for word in (who.id, who.name, login, who.login):
        if word and word.strip().casefold() in known:
            return known[word.strip().casefold()]
    return ""


def _settle(given: Given, settled: str) -> None:
    """Say which login counts, and whose numbers: a login spelt otherwise is the same one."""
    if settled:
        given.login, given.seed = names.slug(settled), settled
    if given.typed and names.slug(given.typed) == given.login:
        given.seed = given.typed


def _compare(inbox: Inbox) -> None:
    """Warn where a notebook names another login than the one that counts."""
    for given in inbox.given.values():
        same = given.seed.strip().casefold() == given.typed.strip().casefold()
        if given.typed and not same:
            given.warnings.append(
                f"the notebook says {given.typed!r}, graded with the numbers of {given.seed!r}"
            )
        if given.author.late:
            given.warnings.append(f"marked late by {given.author.platform}")


def read_map(place: Path) -> dict[str, str]:
    """Read which login counts for whom: a table with a column ``login``, the others say what a student is called.

    A list as ``--dry-run`` writes it, or a roster of the class; names, addresses and numbers are looked up.
    """
    with place.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "login" not in rows[0]:
        raise Refused(f"{place} has no column called login. A roster needs one, and a name or id.")
    known: dict[str, str] = {}
    several: set[str] = set()  # a name that two people have tells nothing
    for row in rows:
        login = (row["login"] or "").strip()
        if not names.slug(login):
            raise Refused(
                f"{login!r} in {place} is no login: letters of one script, digits, . _ @ + -"
            )
        for column, word in row.items():
            if column in ("name", "as", "id", "email", "login") and isinstance(word, str):
                word = word.strip().lstrip("'").casefold()
                if known.setdefault(word, login) != login:
                    several.add(word)
    return {word: login for word, login in known.items() if word and word not in several}
