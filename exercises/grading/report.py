"""A class's work on one assignment: as a page, and as a table."""

from __future__ import annotations

import html
import random
import statistics
from collections import Counter, defaultdict
from pathlib import Path

from nbgrader.apps import NbGraderAPI

from grading import course, late, pages, results, safe, store
from grading.results import Graded, Result

EQUAL = 3  # so many logins with one form of an answer are worth a look
COMMON = 3  # mistakes named for each question
STEPS = 10  # bars of the distribution


def write(
    api: NbGraderAPI, assignment: str, roster: list[str], anonymous: bool = False
) -> tuple[Path, Path]:
    """Write the page and the table, and give where they are."""
    late.recount(api, assignment)
    found = results.of(api, assignment)
    there = [each for each in found if each.handed_in]
    names = {each.student: each.student for each in found}
    if anonymous:
        order = random.sample(found, len(found))  # the order of names would tell them
        names = {each.student: f"student {i}" for i, each in enumerate(order, 1)}
        for each in (graded for result in found for graded in result.graded):
            each.given, each.message = "", _general(each.message)
    missing = [names[each.student] for each in found if not each.handed_in]
    known = {each.student.casefold() for each in found}
    missing += [login for login in roster if login.casefold() not in known and not anonymous]
    place = course.root_of(api) / "reports"
    body = (
        f"<h1>{html.escape(assignment)}</h1>"
        + _summary(there, missing)
        + _distribution(there)
        + _questions(there)
        + _equal(there, names)
        + _people(there, names)
    )
    end = "-anonymous" if anonymous else ""
    page = pages.write(place / f"{assignment}{end}.html", f"Report: {assignment}", body)
    file = place / f"{assignment}{end}.csv"
    store.write(file, safe.table(_rows(there, names)))
    return page, file


def _summary(there: list[Result], missing: list[str]) -> str:
    scores = [each.score or 0.0 for each in there]
    waits = sum(each.waits for each in there)
    said = [f"{len(there)} handed in."]
    if scores:
        middle, mean = statistics.median(scores), statistics.mean(scores)
        said.append(f"Half of them have {middle:g} points or more; the mean is {mean:.3g}.")
    if waits:
        said.append(f"{waits} wait for a person to read a question, which counts 0 until then.")
    absent = html.escape(", ".join(missing)) if missing else "nobody that is known"
    return f"<p>{' '.join(said)}</p><p><b>Missing:</b> {absent}.</p>"


def _distribution(there: list[Result]) -> str:
    """Draw how many have how many points, with the numbers beside the bars."""
    most = max((sum(each.most for each in result.graded) for result in there), default=0.0)
    if not most:
        return ""
    counts = Counter(min(STEPS - 1, int(STEPS * (each.score or 0.0) / most)) for each in there)
    top = max(counts.values())
    rows = ""
    for i in range(STEPS):
        low, high = most * i / STEPS, most * (i + 1) / STEPS
        end = "to" if i == STEPS - 1 else "to below"
        width = round(20 * counts[i] / top, 2)
        rows += (
            f'<tr><td>{low:g} {end} {high:g}</td><td class="n">{counts[i]}</td>'
            f'<td><span class="bar" style="width:{width}rem"></span></td></tr>\n'
        )
    head = '<th scope="col">points</th><th scope="col" class="n">students</th><th></th>'
    return (
        f"<h2>Distribution</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _by_question(there: list[Result]) -> dict[str, list[Graded]]:
    found: dict[str, list[Graded]] = defaultdict(list)
    for result in there:
        for each in result.graded:
            found[each.name].append(each)
    return dict(sorted(found.items()))


def _general(message: str) -> str:
    """Leave out of a message whose numbers it was checked with."""
    return message.partition(" (Checked as")[0]


def common_mistakes(answers: list[Graded]) -> list[tuple[str, int]]:
    """Give the messages that were said most often, without the part that holds a student's own numbers."""
    messages = [_general(each.message) for each in answers if each.message]
    return Counter(messages).most_common(COMMON)


def _questions(there: list[Result]) -> str:
    rows: list[tuple[object, ...]] = []
    for name, answers in _by_question(there).items():
        read = [each for each in answers if each.points is not None]
        reached = sum(each.points or 0.0 for each in read)
        most = sum(each.most for each in read)
        share = f"{100 * reached / most:.0f} %" if most else "0 %"
        full = f"{sum(each.points == each.most for each in read)} of {len(answers)}"
        if len(read) < len(answers):
            full, share = "", f"{len(read)} of {len(answers)} read"
        times = [each.seconds for each in answers if not each.by_hand]
        mistakes = tuple(
            safe.line(f"{count} × {words}") for words, count in common_mistakes(answers)
        )
        spent = f"{statistics.median(times):.2f}" if times else ""
        rows.append((name, full, share, spent, mistakes))
    head = ("question", "all points", "points reached", "seconds to judge", "most common mistakes")
    return "<h2>Questions</h2>" + pages.table(head, rows, (1, 2, 3))


def equal_forms(there: list[Result]) -> dict[str, list[str]]:
    """Give, by question, the logins whose answers have one form, where they are many."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for result in there:
        for each in result.graded:
            if each.form:
                seen[each.name, each.form].append(result.student)
    found: dict[str, list[str]] = {}
    for (name, _), logins in sorted(seen.items()):
        if len(logins) >= EQUAL:
            found[name] = [*found.get(name, []), ", ".join(sorted(logins))]
    return found


def _equal(there: list[Result], names: dict[str, str]) -> str:
    found = equal_forms(there)
    if not found:
        return ""
    lines = ""
    for name, groups in found.items():
        for group in groups:
            who = ", ".join(names[login] for login in group.split(", "))
            lines += f"<li>{html.escape(name)}: {html.escape(who)}</li>"
    return (
        "<h2>Equal in form</h2><div class='hint'><p>These answers are the same but for names and "
        "numbers. That is a hint to look, not a verdict: a short law is written alike by many, and "
        f"friends who learn together may write alike.</p><ul>{lines}</ul></div>"
    )


def _people(there: list[Result], names: dict[str, str]) -> str:
    rows: list[tuple[object, ...]] = [
        (names[each.student], each.score, each.penalty, each.status, each.seconds, each.bound)
        for each in sorted(there, key=lambda each: names[each.student])
    ]
    head = ("student", "points", "off for lateness", "state", "seconds of its own", "limit met")
    return "<h2>Students</h2>" + pages.table(head, rows, (1, 2, 4))


def _rows(there: list[Result], names: dict[str, str]) -> list[tuple[object, ...]]:
    head = ("student", "question", "points", "of", "given", "message", "seconds")
    rows: list[tuple[object, ...]] = [head]
    for result in there:
        for each in result.graded:
            words = (each.given, each.message, each.seconds)
            rows.append((names[result.student], each.name, each.points, each.most, *words))
    return rows
