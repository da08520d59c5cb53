"""What a class says in the inventory, as a text for the terminal and as a page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from grading import class_statistics as statistics
from grading.inventory import FEW, Class, Row, between, number, rows, table
from virtlearn.study.ideas import FORMS, ideas
from virtlearn.study.inventory import SITTINGS
from virtlearn.tables import html as html_table

__all__ = ["page", "text"]

CANNOT = (
    "There is no other class that did without the course. What was gained may come from other lectures, from work, or from time.",
    "Both sittings ask the same ideas. Who has thought about a question once may answer its twin better, whatever came between.",
    "Only those who answered twice are compared. Who gave the course up is not among them, and may have gained less.",
    "The answers are given without anybody watching, and nothing hangs on them. Some will have hurried.",
    "An interval says how far chance among students reaches. It says nothing of the four points above.",
)
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; display: block; overflow-x: auto; }
th, td { padding: 0.3em 0.8em; border-bottom: 1px solid #767676; text-align: left; vertical-align: top; }
td:nth-child(n + 3):nth-child(-n + 6) { white-space: nowrap; }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
.warning { border-left: 4px solid #D55E00; padding: 0.2em 0.8em; }
"""
WIDE, TALL, EDGE = 330, 24, 45
HEAD = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>What the class says</title>'


def _counted(found: Class) -> str:
    """Say who could be counted."""
    said = [f"{len(found.who(sitting))} {sitting}" for sitting in SITTINGS]
    refused = f" {len(found.refused)} files could not be counted." if found.refused else ""
    both = f"{len(found.both)} of them before and after"
    left = sum(len(each.unfinished) for each in found.students)
    unfinished = f" {left} sittings were begun and not finished." if left else ""
    return f"{len(found.students)} students: {', '.join(said)}; {both}.{unfinished}{refused}"


def _warning(found: Class) -> str:
    """Warn where there are too few to compare."""
    if not found.few:
        return ""
    return (
        f"Fewer than {FEW} students answered before and after, so there are no percentages here: "
        "a single answer would move them too far, and would show who gave it."
    )


def _overall(found: Class) -> str:
    """Say what was gained over all ideas."""
    if found.few:
        return ""
    made, gain, interval = rows(found)
    asked = len(made) * len(found.both)
    before = sum(row.before for row in made) / asked
    after = sum(row.after for row in made) / asked
    return (
        f"Over all ideas {100 * before:.0f} % were right before and {100 * after:.0f} % after: "
        f"of what could be gained, {number(gain)} was gained (95 % interval {between(interval)})."
    )


def text(found: Class) -> str:
    """Write what the class says, a line for each idea."""
    lines = [_counted(found), _warning(found), _overall(found), ""]
    widths = (36, 7, 8, 8, 6, 15)
    for row in table(found):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append(" ".join(cells).rstrip())
        if row[-1] and row[0] != "idea":
            lines.append(f"    {row[-1]}")
    lines += ["", "What these numbers cannot show:", *(f"- {line}" for line in CANNOT)]
    return "\n".join(line for line in lines if line is not None)


def _picture(row: Row) -> str:
    """Draw the way from before (an open ring) to after (a full disc)."""
    shares = [row.before / row.students, row.after / row.students]
    x = [EDGE + share * (WIDE - 2 * EDGE) for share in shares]
    middle = TALL / 2
    label = f"from {100 * shares[0]:.0f} % to {100 * shares[1]:.0f} %"
    parts = [
        f"<line x1='{EDGE}' x2='{WIDE - EDGE}' y1='{middle}' y2='{middle}' stroke='#767676' stroke-opacity='0.35'/>",
        f"<line x1='{x[0]:.1f}' x2='{x[1]:.1f}' y1='{middle}' y2='{middle}' stroke='#0072B2' stroke-width='3'/>",
        f"<circle cx='{x[0]:.1f}' cy='{middle}' r='6' fill='Canvas' stroke='#0072B2' stroke-width='2'/>",
        f"<circle cx='{x[1]:.1f}' cy='{middle}' r='6' fill='#0072B2'/>",
    ]
    for here, other, share in ((0, 1, shares[0]), (1, 0, shares[1])):
        left = x[here] < x[other] or (x[here] == x[other] and here == 0)
        anchor, shift = ("end", -10) if left else ("start", 10)
        at = f"x='{x[here] + shift:.1f}' y='{middle + 4}' text-anchor='{anchor}'"
        parts.append(f"<text {at}>{100 * share:.0f} %</text>")
    return f"<svg role='img' aria-label='{label}' width='{WIDE}' height='{TALL}'>{''.join(parts)}</svg>"


def _pictures(found: Class) -> str:
    """Draw all ideas, those that gained least first."""
    made, _gain, _interval = rows(found)
    lines = []
    for row in sorted(made, key=lambda row: (np.nan_to_num(row.gain, nan=2.0), row.idea)):
        title = escape(ideas()[row.idea].title)
        lines.append(f"<tr><th scope='row'>{title}</th><td>{_picture(row)}</td></tr>")
    caption = "Share right before (open ring) and after (full disc); what gained least comes first"
    return f"<table><caption>{caption}</caption>{''.join(lines)}</table>"


def _share(right: Sequence[bool]) -> str:
    """Write a share, or a count where few answered."""
    if len(right) < FEW:
        return f"{sum(right)} of {len(right)}" if right else "–"
    return f"{100 * sum(right) / len(right):.0f} %"


def items(found: Class) -> list[tuple[str, ...]]:
    """Give what is known of the questions: how hard in each form, and how well each tells students apart."""
    head = ["idea"]
    head += [f"{sitting}, form {form}" for sitting in SITTINGS[:2] for form in FORMS]
    head += [f"discrimination {sitting}" for sitting in SITTINGS[:2]]
    written = [tuple(head)]
    tells = {}
    for sitting in SITTINGS[:2]:
        right = found.right(sitting, found.who(sitting))
        tells[sitting] = statistics.discrimination(right) if len(right) >= FEW else None
    for place, idea in enumerate(ideas().values()):
        row = [idea.title]
        for sitting in SITTINGS[:2]:
            for form in FORMS:
                some = [each for each in found.who(sitting) if each.forms[sitting] == form]
                row.append(_share([each.means(sitting, idea.id) == "right" for each in some]))
        for sitting in SITTINGS[:2]:
            told = tells[sitting]
            row.append("–" if told is None else number(told[place]))
        written.append(tuple(row))
    return written


def pairs(found: Class) -> list[tuple[str, ...]]:
    """Give the ideas that the same students get right, after the course."""
    written: list[tuple[str, ...]] = [("idea", "and", "correlation")]
    students = found.who("after")
    if len(students) < FEW:
        return written
    titles = [idea.title for idea in ideas().values()]
    for first, second, alike in statistics.pairs_alike(found.right("after", students))[:10]:
        written.append((titles[first], titles[second], number(alike)))
    return written


def _section(title: str, words: str, written: Sequence[tuple[str, ...]]) -> str:
    head, *body = written
    inner = html_table(body, head) if body else "<p>There is nothing to show.</p>"
    return f"<h2>{escape(title)}</h2><p>{escape(words)}</p>{inner}"


def page(found: Class) -> str:
    """Write the page."""
    warning = _warning(found)
    parts = [
        f"{HEAD}<style>{STYLE}</style></head><body><h1>What the class says, before and after</h1>",
        f"<p>{escape(_counted(found))} {escape(_overall(found))}</p>",
        f"<p class='warning'><b>Few students.</b> {escape(warning)}</p>" if warning else "",
        "" if found.few else _pictures(found),
        _section(
            "Idea by idea",
            "Right before and after, of those who answered both; the gain is what was gained as a part of what "
            "could be gained, and a dash stands where nothing was left to gain, or where fewer than "
            f"{statistics.ENOUGH_FOR_ONE_QUESTION} students are too few for an interval. The last column has the "
            "wrong idea that most still say.",
            table(found),
        ),
        _section(
            "Question by question",
            "How many were right in each form. Two forms of one idea that are far apart are not equally hard. "
            "Discrimination is the correlation with the rest of the answers: near 0 or below, look at the question.",
            items(found),
        ),
        _section(
            "Answered alike",
            "Pairs of ideas that the same students get right (correlation of 0.40 or more, after the course). "
            "They may be one idea in students' minds.",
            pairs(found),
        ),
        _section(
            "Not counted",
            "Files that were refused, and why.",
            [("file", "why"), *sorted(found.refused.items())],
        ),
        "<h2>What these numbers cannot show</h2><ul>",
        *(f"<li>{escape(line)}</li>" for line in CANNOT),
        "</ul></body></html>\n",
    ]
    return "\n".join(part for part in parts if part)
