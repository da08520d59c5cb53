"""Who was taken for whom, before anything is graded: as text, and as a table that can be put right and given back."""

from __future__ import annotations

from collections import Counter

from grading import names, safe
from grading.hand_in import Given, Inbox

WIDTHS = (34, 22, 22, 0)


def _line(*fields: str) -> str:
    made = ""
    for field, width in zip(fields, WIDTHS, strict=True):
        cut = safe.line(field, width - 1) if width else field
        made += cut.ljust(width)
    return f"  {made}".rstrip()


def who_is_who(inbox: Inbox) -> str:
    """Say who was taken for whom, and what was left out."""
    lines = [
        f"It looks like {inbox.platform}: {len(inbox.given)} notebooks that can be told whose "
        f"they are, {len(inbox.bad)} that cannot be graded.",
        _line("handed in as", "login", "in the notebook", "remarks"),
    ]
    for login, given in sorted(inbox.given.items()):
        lines.append(_line(given.author.name, login, given.typed or "-", "; ".join(given.warnings)))
    for who, why in sorted(inbox.bad.items()):
        lines.append(_line(who, "-", "-", safe.line(why)))
    differ = sum(bool(given.typed) and bool(given.warnings) for given in inbox.given.values())
    if differ:
        lines.append(
            f"{differ} notebooks name another login. Students worked with the numbers of the login "
            "they typed: a map says which one counts."
        )
    return "\n".join(lines)


def who_table(inbox: Inbox) -> str:
    """Give the same as a table; the login proposed is the one in the notebook, where nobody else has it."""
    typed = Counter(names.slug(given.typed) for given in inbox.given.values())
    rows: list[tuple[object, ...]] = [("as", "id", "typed", "login", "remarks")]
    for login, given in sorted(inbox.given.items()):
        row = (given.author.name, given.author.id, given.typed, _proposed(login, given, typed))
        rows.append((*row, "; ".join(given.warnings)))
    return safe.table(rows)


def _proposed(login: str, given: Given, typed: Counter[str]) -> str:
    own = names.slug(given.typed)
    return own if own and typed[own] == 1 else login
