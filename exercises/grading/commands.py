"""The commands of grade.py: what can be asked, and who is asked to do it."""

from __future__ import annotations

import argparse
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from nbgrader.apps import NbGraderAPI

from grading import (
    batch,
    course,
    export,
    hand,
    hand_in,
    late,
    report,
    safe,
    sandbox,
    store,
    tell,
    term,
    why,
)

HERE = Path(__file__).resolve().parents[1]
ONE = "the exercise, such as 02"
EACH = "the exercise, such as 02, or all"
Found = dict[str, str]


class Refused(Exception):
    """A command that cannot be done as it was given."""


def parser() -> argparse.ArgumentParser:
    """Say what can be asked."""
    top = argparse.ArgumentParser(
        prog="grade.py", description="Exercises: hand out, grade, give feedback, export."
    )
    top.add_argument("--course", type=Path, default=HERE, help="the course folder (this one)")
    todo = top.add_subparsers(dest="todo", required=True)

    def command(name: str, help: str, number: str = "") -> argparse.ArgumentParser:
        made = todo.add_parser(name, help=help, description=help)
        if number:
            made.add_argument("number", help=number)
            made.add_argument("--exam", action="store_true", help="the exam of this number")
        return made

    command("release", "make what students get, in release/", EACH)
    _grade_arguments(command("grade", "grade a folder or zip file of submissions", ONE))
    again = command("regrade", "judge again what was handed in before", ONE)
    again.add_argument("--student", action="append", default=[], help="this login only")
    again.add_argument("--question", default="", help="this question only, such as 3")
    _consent(again)
    command("feedback", "write a page for each graded student, in feedback/", EACH)
    read = command("read", "write a page and a table for the question that a person reads", ONE)
    read.add_argument("--points", type=Path, help="the table, filled in: take its points")
    rep = command("report", "write a page and a table about the class's work", ONE)
    rep.add_argument("--roster", type=Path, help="who is in the class: a table with a login")
    rep.add_argument("--anonymous", action="store_true", help="without names")
    command("why", "explain a grade", ONE).add_argument("login")
    due = command("deadline", "set when it is due; late days cost what the settings say", ONE)
    due.add_argument("when", help="such as 2026-11-20T23:59, or none")
    out = command("export", "write everybody's points, in grades.csv")
    out.add_argument("number", nargs="?", default="", help="with --for: " + ONE)
    out.add_argument("--exam", action="store_true", help="the exam of this number")
    out.add_argument("--for", dest="platform", choices=export.PLATFORMS, help="in its columns")
    out.add_argument("--table", type=Path, help="the platform's own table, to be filled in")
    command("forget", "remove a student's files and grades").add_argument("login")
    command("term", "put this term aside, and begin a new one").add_argument("name")
    return top


def _consent(of: argparse.ArgumentParser) -> None:
    of.add_argument(
        "--no-sandbox-i-consent", action="store_true", help="run submissions with my rights"
    )


def _grade_arguments(of: argparse.ArgumentParser) -> None:
    place = "a folder or a zip file: a notebook or a folder for each student"
    of.add_argument("place", type=Path, help=place)
    of.add_argument("--login", metavar="REGEX", default="", help="where the login is in a name")
    of.add_argument("--map", type=Path, metavar="CSV", help="which login counts for whom")
    of.add_argument("--dry-run", action="store_true", help="say who is taken for whom, no more")
    _consent(of)


def main(words: list[str] | None = None) -> int:
    """Do what was asked, and give 1 where something could not be done, 2 where nothing was."""
    asked = parser().parse_args(words)
    for name in ("place", "map", "points", "roster", "table"):
        if getattr(asked, name, None) is not None:
            setattr(asked, name, getattr(asked, name).absolute())
    root = asked.course.resolve()
    try:
        names = _chosen(root, asked)
        bad = DO[asked.todo](course.open_course(root), names, asked)
    except (
        Refused,
        hand_in.Refused,
        store.Busy,
        term.NotNow,
        sandbox.NoSandbox,
        LookupError,
        ValueError,
    ) as slip:
        print(slip, file=sys.stderr)
        return 2
    except OSError as slip:
        what = f"{slip.filename}: " if slip.filename else ""
        print(f"It cannot be done here: {what}{slip.strerror or slip}.", file=sys.stderr)
        return 2
    for who, reason in sorted(bad.items()):
        print(f"  {safe.line(who)}: {safe.line(reason, 600)}", file=sys.stderr)
    return 1 if bad else 0


def _chosen(root: Path, asked: argparse.Namespace) -> list[str]:
    """List the assignments that were asked for."""
    exam = bool(getattr(asked, "exam", False))
    names = course.assignments(root, exam)
    number = getattr(asked, "number", "")
    if not number:
        return names + course.assignments(root, True) if asked.todo == "export" else names
    if number == "all" and asked.todo not in ("release", "feedback"):
        raise Refused(f"{asked.todo} takes one exercise at a time. There are: {', '.join(names)}.")
    chosen = [name for name in names if number in ("all", name, name[:2])]
    if not chosen:
        kind = "exam" if exam else "exercise"
        there = ", ".join(names) or "none"
        raise Refused(f"There is no {kind} {number!r}. There are: {there}.")
    return chosen


def _release(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    bad = {name: trouble for name in names if (trouble := course.release(api, name))}
    place = course.root_of(api) / api.coursedir.release_directory
    print(f"{len(names) - len(bad)} of {len(names)} are in {place}.")
    return bad


def _ready(asked: argparse.Namespace) -> None:
    if asked.no_sandbox_i_consent:
        os.environ[sandbox.CONSENT] = "yes"
    print(f"Submissions run {sandbox.check()}.")


def _grade(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    place = asked.place
    if not place.is_dir() and not zipfile.is_zipfile(place):
        raise Refused(
            f"{place} is not there, or neither a folder nor a zip file. "
            "Name a folder or a zip file of submissions."
        )
    known = hand_in.read_map(asked.map) if asked.map else {}
    if asked.dry_run:
        inbox = hand_in.submissions(place, names[0], asked.login, known)
        print(tell.who_is_who(inbox))
        file = course.root_of(api) / f"who-{names[0]}.csv"
        store.write(file, tell.who_table(inbox))
        print(f"The same is in {file}: put right what is wrong, and grade with --map {file}")
        return inbox.bad
    _ready(asked)
    return batch.grade(api, names[0], place, pattern=asked.login, known=known)


def _regrade(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    _ready(asked)
    return batch.regrade(api, names[0], asked.student, asked.question)


def _feedback(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    bad: Found = {}
    for name in names:
        bad |= batch.feedback(api, name)
    place = course.root_of(api) / "feedback"
    pages = [page for name in names for page in place.glob(f"*/{name}/*.html")]
    nothing = "Nothing is graded yet. Try: grade.py grade 02 FOLDER"
    print(f"{len(pages)} pages are in {place}." if pages else nothing)
    return bad


def _read(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    if asked.points:
        count, bad = hand.read(api, names[0], asked.points)
        print(f"{count} points were taken from {asked.points}.")
        return bad
    page, file = hand.write(api, names[0])
    print(f"The answers are in {page}. Fill in {file}, then: read {names[0]} --points {file}")
    return {}


def _report(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    roster = sorted(set(hand_in.read_map(asked.roster).values())) if asked.roster else []
    page, file = report.write(api, names[0], roster, asked.anonymous)
    print(f"The report is in {page}, the same as a table in {file}.")
    return {}


def _why(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    print(why.explain(api, names[0], asked.login))
    return {}


def _deadline(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    if not course.released(api, names[0]):
        raise Refused(f"Release {names[0]} first: the deadline is written in the gradebook.")
    print(late.set_deadline(api, names[0], "" if asked.when == "none" else asked.when))
    return {}


def _export(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    if asked.platform and not asked.number:
        raise Refused(
            f"Which exercise, for {asked.platform}? Try: export 02 --for {asked.platform}"
        )
    if asked.platform:
        file = export.for_platform(api, names[0], asked.platform, asked.table)
        print(f"The points of {names[0]}, in the columns of {asked.platform}, are in {file}.")
    else:
        print(f"Everybody's points are in {export.everybody(api, names)}.")
    return {}


def _forget(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    with store.alone(course.root_of(api)):
        with api.gradebook as book:
            known = asked.login in {student.id for student in book.students}
            if known:
                book.remove_student(asked.login)
        count = term.forget(course.root_of(api), asked.login)
    if not known and not count:
        raise Refused(f"Nobody here is called {asked.login!r}.")
    print(f"{asked.login} is forgotten: {count} files, and the grades. What you exported is yours.")
    return {}


def _term(api: NbGraderAPI, names: list[str], asked: argparse.Namespace) -> Found:
    api.gradebook.close()
    moved = term.end(course.root_of(api), asked.name)
    print(f"{', '.join(moved)} went to terms/{asked.name}. A new term has begun.")
    return {}


DO: dict[str, Callable[[NbGraderAPI, list[str], argparse.Namespace], Found]] = {
    "release": _release,
    "grade": _grade,
    "regrade": _regrade,
    "feedback": _feedback,
    "read": _read,
    "report": _report,
    "why": _why,
    "deadline": _deadline,
    "export": _export,
    "forget": _forget,
    "term": _term,
}
