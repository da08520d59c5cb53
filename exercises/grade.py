"""Hand out, grade, give feedback and export: ``python exercises/grade.py --help``."""

# Only what Python has loaded by itself is imported here: a PYTHONPATH, a user site or a working folder that holds
# somebody else's files is then left behind, before anything else is looked for.
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))


def alone() -> None:
    """Start again in Python's isolated mode, unless this is it."""
    if not sys.flags.isolated:
        os.execv(
            sys.executable, [sys.executable, "-I", os.path.join(HERE, "grade.py"), *sys.argv[1:]]
        )


def main(words: list[str] | None = None) -> int:
    """Do what was asked, and give 1 where something could not be done."""
    if HERE not in sys.path:
        sys.path.insert(0, HERE)
    given = sys.argv[1:] if words is None else words
    if given[:1] == ["inventory"]:  # needs neither a course nor nbgrader
        from grading import inventory

        return inventory.main(given[1:])
    from grading import commands

    return commands.main(words)


if __name__ == "__main__":
    alone()
    try:
        sys.exit(main())
    except ModuleNotFoundError as slip:
        print(
            f"{slip.name} is not in this environment. Install into a virtual environment: "
            "pip install -e '.[instructor]' (what only your user has is not looked at).",
            file=sys.stderr,
        )
        sys.exit(2)
