"""What a class says in the inventory, before and after: progress files in, a table, a page and CSV files out.

A progress file holds no name. Files are numbered as they are read, and a name of a file is written nowhere but where
the file is refused.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grading import class_statistics as statistics
from virtlearn.study.ideas import (
    DO_NOT_KNOW,
    FORMS,
    RIGHT_IDEA,
    edition,
    ideas,
    meaning,
    misconceptions,
)
from virtlearn.study.inventory import SITTINGS, TICKET, key

__all__ = ["Class", "Refused", "Student", "collect", "main", "read"]

MOST_BYTES = 1_000_000
FEW = 5
SEED = 20_261_128


class Refused(ValueError):
    """A file that cannot be counted, with the reason."""


@dataclass(frozen=True)
class Student:
    """What one file says: for each sitting that is complete its form, and what each answer means."""

    forms: Mapping[str, str]
    letters: Mapping[str, Mapping[str, str]]
    ticket: str = ""
    unfinished: tuple[str, ...] = ()

    def means(self, sitting: str, idea: str) -> str:
        """Say what the answer means: ``"right"``, a misconception's id, ``"?"``."""
        letter = self.letters[sitting].get(idea, DO_NOT_KNOW)
        return meaning(ideas()[idea], letter)


def read(path: Path) -> Student:
    """Read one progress file; refuse what is none."""
    if path.is_symlink() or not path.is_file():
        raise Refused("it is not a plain file")
    if path.stat().st_size > MOST_BYTES:
        raise Refused(f"it has more than {MOST_BYTES // 1000} kB, far more than answers need")
    try:
        found = json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as slip:
        raise Refused(f"it cannot be read as a progress file ({type(slip).__name__})") from None
    except OSError as slip:
        raise Refused(f"it cannot be opened ({slip.strerror})") from None
    facts = found.get("questions") if isinstance(found, dict) else None
    if not isinstance(facts, dict):
        raise Refused("it is not a progress file: it holds no answers")
    return _student(facts)


def _student(facts: Mapping[str, Any]) -> Student:
    """Take what a file says of the inventory."""
    forms = {}
    letters = {}
    unfinished = []
    for sitting in SITTINGS:
        about = facts.get(key(sitting))
        if about is None:
            continue
        if not isinstance(about, dict) or about.get("form") not in FORMS:
            raise Refused(f"the sitting {sitting!r} does not say which form it had")
        if about.get("edition") != edition():
            raise Refused(
                f"the sitting {sitting!r} is of another edition; here it is edition {edition()}"
            )
        given = _letters(facts, sitting)
        if len(given) == len(ideas()):
            forms[sitting] = about["form"]
            letters[sitting] = given
        else:
            unfinished.append(sitting)
    if not forms:
        raise Refused("nobody has answered the whole inventory in it")
    about = facts.get(TICKET)
    ticket = about.get("ticket") if isinstance(about, dict) else ""
    return Student(forms, letters, str(ticket or ""), tuple(unfinished))


def _letters(facts: Mapping[str, Any], sitting: str) -> dict[str, str]:
    """Give the answers of a sitting; refuse a letter that no question has."""
    given = {}
    for id, idea in ideas().items():
        about = facts.get(key(sitting, id))
        if about is None:
            continue
        letter = about.get("answer") if isinstance(about, dict) else None
        possible = (idea.answer, *idea.means, DO_NOT_KNOW)
        if not isinstance(letter, str) or letter not in possible:
            raise Refused(f"the answer to {key(sitting, id)} is none of {', '.join(possible)}")
        given[id] = letter
    return given


def files(places: Iterable[Path]) -> Iterator[Path]:
    """List the files that were named, and the JSON files in the folders that were named."""
    for place in places:
        if place.is_dir() and not place.is_symlink():
            yield from sorted(place.rglob("*.json"))
        else:
            yield place


@dataclass
class Class:
    """Everybody who could be read, who could not, and why."""

    students: list[Student] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def who(self, *sittings: str) -> list[Student]:
        """Give those who completed all of these sittings."""
        return [each for each in self.students if all(s in each.forms for s in sittings)]

    def right(self, sitting: str, students: list[Student]) -> statistics.Answers:
        """Give who was right in what, students down and ideas across."""
        rows = []
        for student in students:
            rows.append([student.means(sitting, idea) == RIGHT_IDEA for idea in ideas()])
        return np.array(rows, dtype=bool).reshape(len(students), len(ideas()))

    @property
    def both(self) -> list[Student]:
        """Those whose before and after can be compared."""
        return self.who("before", "after")

    @property
    def few(self) -> bool:
        """Whether there are too few to say anything in percent."""
        return len(self.both) < FEW


def printable(path: Path) -> str:
    """Write a file's name so that it can do no harm to a terminal or a page."""
    return ascii(str(path))[1:-1][:200]


def collect(places: Iterable[Path]) -> Class:
    """Read all files; one that is refused never stops the others."""
    found = Class()
    of_ticket: dict[str, tuple[Path, Student]] = {}
    for path in files(places):
        try:
            student = read(path)
        except Refused as slip:
            found.refused[printable(path)] = str(slip)
            continue
        except Exception as slip:  # of one file; the others go on
            found.refused[printable(path)] = type(slip).__name__
            continue
        # Whoever hands in twice is one student: the file that says more counts.
        path, student = _fuller(found, of_ticket, path, student)
        of_ticket[student.ticket or f"no ticket: {path}"] = (path, student)
    found.students = [student for _path, student in of_ticket.values()]
    return found


def _fuller(
    found: Class, of_ticket: Mapping[str, tuple[Path, Student]], path: Path, student: Student
) -> tuple[Path, Student]:
    """Of two files of one student give the one with more sittings, and name the other as refused."""
    if student.ticket not in of_ticket:
        return path, student
    kept = of_ticket[student.ticket]
    given = (path, student)
    counts, left_out = (kept, given)
    if len(student.forms) > len(kept[1].forms):
        counts, left_out = (given, kept)
    where = printable(counts[0])
    found.refused[printable(left_out[0])] = f"it is of the same person as {where}, which counts"
    return counts


@dataclass(frozen=True)
class Held:
    """The wrong idea that most students say after: how many do, how many did before, and how many both times."""

    id: str
    after: int
    before: int
    both: int

    def words(self) -> str:
        """Say it."""
        said = misconceptions()[self.id].says
        stayed = f"{self.both} of the {self.before} who said so before"
        return f"{self.id}, {self.after} times ({stayed}): {said}"


@dataclass(frozen=True)
class Row:
    """What a class says of one idea."""

    idea: str
    before: int
    after: int
    students: int
    gain: float
    interval: statistics.Interval | None
    held: Held | None

    def numbers(self, few: bool) -> tuple[str, str, str, str]:
        """Write before, after, gain and its interval: as counts where there are too few for shares."""
        if few:
            return str(self.before), str(self.after), "", ""
        before, after = (f"{100 * n / self.students:.0f} %" for n in (self.before, self.after))
        return before, after, number(self.gain), between(self.interval)


def number(value: float) -> str:
    """Write a gain or a correlation, and a dash where there is none."""
    return "–" if np.isnan(value) else f"{value:.2f}"


def between(interval: statistics.Interval | None) -> str:
    """Write where a gain lies."""
    return "–" if interval is None else f"{interval.low:.2f} to {interval.high:.2f}"


def rows(found: Class) -> tuple[list[Row], float, statistics.Interval | None]:
    """Give what the class says of each idea, and its gain over all ideas with its interval."""
    both = found.both
    before, after = found.right("before", both), found.right("after", both)
    rng = np.random.default_rng(SEED)
    together: statistics.Interval | None = None
    each: list[statistics.Interval | None] = [None] * len(ideas())
    if not found.few:
        together, each = statistics.bootstrap_gain(before, after, rng)
    made = []
    n = max(1, len(both))
    for place, idea in enumerate(ideas()):
        was = int(before[:, place].sum())
        now = int(after[:, place].sum())
        gain = statistics.gain(was / n, now / n)
        made.append(Row(idea, was, now, n, gain, each[place], _held(both, idea)))
    overall = statistics.gain(before.mean(), after.mean()) if both else float("nan")
    return made, overall, together


def _held(students: list[Student], idea: str) -> Held | None:
    """Give the wrong idea that most say after, if anybody says one."""
    after = Counter(student.means("after", idea) for student in students)
    wrong = {id: n for id, n in after.items() if id in misconceptions()}
    if not wrong:
        return None
    most = max(sorted(wrong), key=lambda id: wrong[id])
    before = [student for student in students if student.means("before", idea) == most]
    both = sum(student.means("after", idea) == most for student in before)
    return Held(most, wrong[most], len(before), both)


def table(found: Class) -> list[tuple[str, ...]]:
    """Write what the class says, a row for each idea."""
    head = (
        "idea",
        "lesson",
        "before",
        "after",
        "gain",
        "95 % interval",
        "the wrong idea that is left",
    )
    made, _overall, _interval = rows(found)
    written: list[tuple[str, ...]] = [head]
    for row in made:
        idea = ideas()[row.idea]
        numbers = row.numbers(found.few)
        left = row.held.words() if row.held else ""
        written.append((idea.title, idea.lesson, *numbers, left))
    return written


def write_csv(found: Class, place: Path) -> list[Path]:
    """Write every answer, and what the class says of each idea, for an analysis of one's own."""
    answers, summary = place / "inventory-answers.csv", place / "inventory-ideas.csv"
    with answers.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["student", "sitting", "form", "idea", "answer", "means"])
        for count, student in enumerate(found.students, 1):
            for sitting, letters in student.letters.items():
                for idea, letter in letters.items():
                    form, means = student.forms[sitting], student.means(sitting, idea)
                    out.writerow([count, sitting, form, idea, letter, means])
    with summary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table(found))
    return [answers, summary]


def main(words: list[str] | None = None) -> int:
    """Read what was handed in, and write the table, the page and the CSV files; give 1 where a file was refused."""
    from grading import inventory_page

    parser = argparse.ArgumentParser(
        prog="grade.py inventory",
        description="What a class says in the inventory before and after the course.",
    )
    parser.add_argument("places", nargs="+", type=Path, help="progress files, or folders of them")
    here = Path(__file__).resolve().parents[1] / "inventory"
    parser.add_argument("--to", type=Path, default=here, help="where page and CSV files go")
    asked = parser.parse_args(words)
    found = collect(asked.places)
    for name, why in sorted(found.refused.items()):
        print(f"  {name}: {why}", file=sys.stderr)
    if not found.students:
        print(
            "No file could be counted. Name progress files, or a folder of them.", file=sys.stderr
        )
        return 1
    asked.to.mkdir(parents=True, exist_ok=True)
    page = asked.to / "inventory.html"
    page.write_text(inventory_page.page(found), "utf-8")
    csvs = write_csv(found, asked.to)
    print(inventory_page.text(found))
    print("\nWritten: " + ", ".join(str(path) for path in (page, *csvs)))
    return 1 if found.refused else 0
