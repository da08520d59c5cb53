"""Who handed in what: the names that learning platforms give to files and folders."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

LOGIN = r"(?P<login>[^_]+)"
# How each platform names what is handed in; the first group that is there says whose it is.
PLATFORMS = {
    "blackboard": re.compile(
        r"(?P<task>.+)_(?P<name>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)$"
    ),
    "moodle": re.compile(
        r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)$"
    ),
    "canvas": re.compile(
        r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)$", re.I
    ),
    "classroom": re.compile(r"(?P<name>.+?) - (?P<file>.+\.\w+)$"),
}
# Letters that no decomposition takes apart, and what is typed where there is no such key.
AGAIN = re.compile(r"(?:-(?P<canvas>\d+)| \((?P<other>\d+)\))(?=\.\w+$|$)")


class NoLogin(Exception):
    """A name that holds no login."""


@dataclass(frozen=True)
class Author:
    """Whose a file is, as far as its name tells."""

    login: str  # made of the name, and the name of the student's folder here
    name: str  # as the platform writes it
    platform: str = "plain"
    id: str = ""
    late: bool = False
    when: datetime.datetime | None = None
    again: int = 0  # how often it was handed in before

    @property
    def key(self) -> tuple[str, str]:
        """Tell people apart, also those of one name."""
        return self.login, self.id


def recognize(names: Iterable[str]) -> str:
    """Say which platform gave these names, the one that most of them agree with.

    >>> recognize(["Ada Lovelace_4711_assignsubmission_file", "Bob_4712_assignsubmission_file"])
    'moodle'
    >>> recognize(["ada.ipynb", "bob_02.ipynb"])
    'plain'
    """
    count: Counter[str] = Counter()
    for name in names:
        count[next((each for each, made in PLATFORMS.items() if made.match(name)), "plain")] += 1
    best = count.most_common(1)
    return best[0][0] if best else "plain"


def login_of(name: str, pattern: str = LOGIN) -> str:
    """Read the login out of a folder's or a file's name, as ``ada_4711_assignsubmission_file`` or ``ada.ipynb``.

    >>> login_of("Ada Lovelace_4711_assignsubmission_file")
    'ada-lovelace'
    """
    name = re.sub(r"(\.ipynb|\.json|\.txt|\.html?|\.zip)+$", "", name, flags=re.IGNORECASE)
    found = re.match(pattern, unicodedata.normalize("NFKC", name))
    word = found["login"].strip() if found else ""
    login = slug(word)
    if not login or not word[0].isalnum():
        raise NoLogin(f"there is no login in {name!r}: rename it, or name a pattern with --login")
    return login


def slug(name: str) -> str:
    """Make a login of a name: small letters of one script, digits and ``. _ @ + -``, or nothing.

    >>> slug("Jürgen Groß"), slug("李 娜"), slug("Nguyễn Văn A"), slug("O'Brien, Ann")
    ('jürgen-gross', '李-娜', 'nguyễn-văn-a', 'o-brien-ann')
    """
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())
    login = re.sub(r"[^\w.@+-]+", "-", name).strip("-")
    if not login or "\ufffd" in name or len(login) > 64 or not login[0].isalnum() or ".." in login:
        return ""
    return login if _one_script(login) and len(login.encode()) <= 200 else ""


def _one_script(login: str) -> bool:
    """Refuse letters of several scripts, which can look like somebody else's name."""
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in login if letter.isalpha()}
    east = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}
    return "?" not in scripts and (len(scripts) <= 1 or scripts <= east)


def author(name: str, platform: str, pattern: str = "") -> Author:
    """Say whose a file or folder is, by its name on a platform."""
    if pattern:
        login = login_of(name, pattern)
        return Author(login, login)
    found = PLATFORMS[platform].match(name) if platform in PLATFORMS else None
    if found is None:
        login = login_of(name)
        return Author(login, re.split(r"[_.]", name)[0].strip())
    parts = found.groupdict()
    login = slug(parts["name"])
    if not login:
        raise NoLogin(f"there is no login in {name!r}: rename it, or name a pattern with --login")
    again = AGAIN.search(parts.get("file") or "")
    when = parts.get("when")
    return Author(
        login,
        parts["name"].strip(),
        platform,
        parts.get("id") or "",
        bool(parts.get("late")),
        datetime.datetime.strptime(when, "%Y-%m-%d-%H-%M-%S").astimezone() if when else None,
        int(again["canvas"] or again["other"]) if again else 0,
    )
