"""Hand out, grade, give feedback and export: ``python exercises/grade.py --help``."""

from __future__ import annotations

import argparse
import os
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def main(words: list[str] | None = None) -> int:
    """Do what was asked, and give 1 where something could not be done."""
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["inventory"]:  # needs neither a course nor nbgrader
        from grading import inventory

        return inventory.main(words[1:])
    parser = argparse.ArgumentParser(
        description="Exercises: hand out, grade, give feedback, export.",
        epilog="grade.py inventory FILES shows what a class thinks before and after the course.",
    )
    parser.add_argument(
        "--course", type=Path, default=HERE, help="the course folder (this file's own)"
    )
    todo = parser.add_subparsers(dest="todo", required=True)
    for name, help in (
        ("release", "make what students get, in release/"),
        ("grade", "grade a folder or zip file of submissions"),
        ("feedback", "write a page for each graded student, in feedback/"),
        ("export", "write everybody's points, in grades.csv"),
    ):
        of = todo.add_parser(name, help=help, description=help)
        if name != "export":
            of.add_argument(
                "number", help="the exercise, such as 02" + (", or all" if name != "grade" else "")
            )
        if name == "grade":
            of.add_argument(
                "place",
                type=Path,
                help="a folder or a zip file: a notebook or a folder for each student",
            )
            of.add_argument(
                "--login",
                metavar="REGEX",
                help="how a name begins: (?P<login>[^_]+) unless told otherwise",
            )
            of.add_argument(
                "--no-sandbox-i-consent", action="store_true", help="run submissions with my rights"
            )
    asked = parser.parse_args(words)

    from grading import batch, hand_in, sandbox

    root = asked.course.resolve()
    names = sorted(place.name for place in (root / "source").iterdir() if place.is_dir())
    chosen = [
        name for name in names if asked.todo == "export" or asked.number in ("all", name, name[:2])
    ]
    if not chosen:
        print(
            f"There is no exercise {asked.number!r}. There are: {', '.join(names)}.",
            file=sys.stderr,
        )
        return 2
    api, bad = batch.course(root), {}
    if asked.todo == "export":
        print(f"Everybody's points are in {batch.export(api)}.")
    if asked.todo == "release":
        bad = {name: trouble for name in chosen if (trouble := batch.release(api, name))}
        print(f"{len(chosen) - len(bad)} of {len(chosen)} are in {root / 'release'}.")
    if asked.todo == "feedback":
        for name in chosen:
            bad |= batch.feedback(api, name)
        pages = [page for name in chosen for page in (root / "feedback").glob(f"*/{name}/*.html")]
        print(
            f"{len(pages)} pages are in {root / 'feedback'}."
            if pages
            else "Nothing is graded yet. Try: grade.py grade 02 FOLDER"
        )
    if asked.todo == "grade":
        if not asked.place.is_dir() and not zipfile.is_zipfile(asked.place):
            print(
                f"{asked.place} is not there, or neither a folder nor a zip file. Name a folder or a zip file of submissions.",
                file=sys.stderr,
            )
            return 2
        if asked.no_sandbox_i_consent:
            os.environ[sandbox.CONSENT] = "yes"
        try:
            print(f"Submissions run {sandbox.check()}.")
        except sandbox.NoSandbox as refused:
            print(refused, file=sys.stderr)
            return 2
        bad = batch.grade(api, chosen[0], asked.place, pattern=asked.login or hand_in.LOGIN)
    for who, why in sorted(bad.items()):
        print(f"  {who}: {why}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
