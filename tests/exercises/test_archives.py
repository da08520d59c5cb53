"""Archives as platforms make them, and as nobody should: every member is judged or named, and nothing is followed."""

from __future__ import annotations

import io
import os
import struct
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from .attacks import FILE, NAME

BOOK = "02-operating-system-cost.ipynb"


def notebook(exercises: Path, login: str = "") -> bytes:
    """Give a model answer, with a login typed in."""
    book = nbformat.read(exercises / "source" / NAME / FILE, 4)
    if login:
        for cell in book.cells:
            if cell.source.startswith("STUDENT ="):
                cell.source = f'STUDENT = "{login}"'
    return nbformat.writes(book).encode()


def pack(files: dict[str, bytes], **how: int) -> bytes:
    """Make a zip file."""
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", **how) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return page.getvalue()


@pytest.fixture(scope="module")
def found(exercises: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., object]:
    """Look into an archive of the given files."""
    from grading import hand_in

    place = tmp_path_factory.mktemp("archives")

    def of(files: dict[str, bytes], known: dict[str, str] | None = None) -> object:
        path = place / "download.zip"
        path.write_bytes(pack(files))
        return hand_in.submissions(path, NAME, "", known)

    return of


# --- platforms

PEOPLE = (
    "Jürgen Groß",
    "José García",
    "Nguyễn Văn An",
    "Søren Kierkegaard",
    "Łukasz Żak",
    "李 娜",
    "Ann O'Brien",
)
LOGINS = (
    "jürgen-gross",
    "josé-garcía",
    "nguyễn-văn-an",
    "søren-kierkegaard",
    "łukasz-żak",
    "李-娜",
    "ann-o-brien",
)


def test_moodle_names_with_letters_of_all_the_world_are_people(exercises, found):
    files = {
        f"{name}_{4700 + i}_assignsubmission_file/{BOOK}": notebook(exercises)
        for i, name in enumerate(PEOPLE)
    }
    inbox = found(files)
    assert (inbox.platform, inbox.bad) == ("moodle", {})
    assert set(inbox.given) == set(LOGINS)
    assert inbox.given["李-娜"].author.id == "4705"


def test_two_people_of_one_name_are_told_apart_by_their_number(exercises, found):
    files = {
        f"Anna Schmidt_{number}_assignsubmission_file/{BOOK}": notebook(exercises)
        for number in (4711, 4712)
    }
    assert set(found(files).given) == {"anna-schmidt-4711", "anna-schmidt-4712"}


def test_canvas_resubmissions_and_late_marks_are_read(exercises, found):
    files = {
        f"lovelaceada_LATE_123_991_{NAME}.ipynb": b"{}",
        f"lovelaceada_LATE_123_992_{NAME}-1.ipynb": b"{}",
        f"lovelaceada_LATE_123_993_{NAME}-2.ipynb": notebook(exercises),
        f"großjürgen_124_994_{NAME}.ipynb": notebook(exercises),
    }
    inbox = found(files)
    assert inbox.platform == "canvas"
    assert inbox.given["lovelaceada"].path.endswith("-2.ipynb")
    assert inbox.given["lovelaceada"].author.late
    assert inbox.given["lovelaceada"].warnings == [
        f"of 3 notebooks lovelaceada_LATE_123_993_{NAME}-2.ipynb counts",
        "marked late by canvas",
    ]
    assert set(inbox.given) == {"lovelaceada", "grossjürgen"}


def test_of_blackboards_attempts_the_last_one_counts(exercises, found):
    stem = "Exercise 02_alovelace_attempt_2026-11-"
    files = {
        f"{stem}19-10-00-00_{BOOK}": b"{}",
        f"{stem}20-10-00-00_{BOOK}": notebook(exercises),
        f"{stem}20-10-00-00.txt": b"Name: Ada Lovelace (alovelace)",
        f"Exercise 02_bbool_attempt_2026-11-20-11-00-00_{BOOK}": notebook(exercises),
    }
    inbox = found(files)
    assert (inbox.platform, set(inbox.given), inbox.bad) == (
        "blackboard",
        {"alovelace", "bbool"},
        {},
    )
    given = inbox.given["alovelace"]
    assert given.data == files[f"{stem}20-10-00-00_{BOOK}"]
    assert given.author.when.day == 20


def test_google_classroom_s_folder_is_read_and_its_lid_taken_off(exercises, found):
    files = {
        f"Exercise 02/{name} - {BOOK}": notebook(exercises) for name in ("Ada Lovelace", "李 娜")
    }
    inbox = found(files)
    assert (inbox.platform, set(inbox.given)) == ("classroom", {"ada-lovelace", "李-娜"})


def test_copies_of_one_name_that_may_be_two_people_are_named(exercises, found):
    files = {
        f"Exercise 02/Anna Schmidt - {NAME}.ipynb": notebook(exercises, "anna1"),
        f"Exercise 02/Anna Schmidt - {NAME} (1).ipynb": notebook(exercises, "anna2"),
        f"Exercise 02/Ada Lovelace - {NAME}.ipynb": notebook(exercises, "ada"),
        f"Exercise 02/Ada Lovelace - {NAME} (1).ipynb": notebook(exercises, "ada"),
    }
    inbox = found(files)
    assert inbox.bad["anna-schmidt"].startswith("there are several: ")
    assert inbox.given["ada-lovelace"].path.endswith("(1).ipynb")


def test_a_plain_folder_inside_a_zip_file_is_taken_off_too(exercises, found):
    files = {f"submissions/{who}.ipynb": notebook(exercises) for who in ("ada", "bob")}
    files |= {f"submissions/cyd/{BOOK}": notebook(exercises), "submissions/dan/x.ipynb": b"{"}
    assert set(found(files).given) == {"ada", "bob", "cyd", "dan"}


# --- the login that a student typed


def test_a_login_that_differs_is_said_and_a_map_settles_it(exercises, found, tmp_path):
    from grading import hand_in, tell

    files = {f"Ada Lovelace_4711_assignsubmission_file/{BOOK}": notebook(exercises, "ada")}
    inbox = found(files)
    given = inbox.given["ada-lovelace"]
    assert (given.seed, given.typed) == ("ada-lovelace", "ada")
    assert given.warnings == ["the notebook says 'ada', graded with the numbers of 'ada-lovelace'"]
    assert "1 notebooks name another login" in tell.who_is_who(inbox)
    table = tmp_path / "who.csv"
    table.write_text(tell.who_table(inbox), "utf-8")
    settled = found(files, hand_in.read_map(table)).given
    assert {who: (given.seed, given.warnings) for who, given in settled.items()} == {
        "ada": ("ada", [])
    }


def test_a_login_that_is_only_spelt_otherwise_is_the_same(exercises, found):
    files = {f"Ada Lovelace_4711_assignsubmission_file/{BOOK}": notebook(exercises, "Ada Lovelace")}
    given = found(files).given["ada-lovelace"]
    assert (given.seed, given.warnings) == ("Ada Lovelace", [])


def test_a_neighbours_login_is_not_proposed_to_anybody(exercises, found):
    from grading import tell

    files = {f"{who}.ipynb": notebook(exercises, "ada") for who in ("ada", "bob")}
    rows = tell.who_table(found(files)).splitlines()
    assert [row.split(",")[3] for row in rows[1:]] == ["ada", "bob"]


def test_a_roster_names_people_by_name_or_number(exercises, found, tmp_path):
    from grading import hand_in

    roster = tmp_path / "roster.csv"
    roster.write_text(
        "login,name,id\nada,Ada Lovelace,4711\nbob,Bob Bool,4712\nada2,Ada Lovelace,4713\n"
    )
    files = {
        f"{name}_{number}_assignsubmission_file/{BOOK}": notebook(exercises)
        for name, number in (("Ada Lovelace", 4711), ("Bob Bool", 99), ("Ada Lovelace", 4713))
    }
    assert set(found(files, hand_in.read_map(roster)).given) == {"ada", "bob", "ada2"}


# --- what is odd


def damaged(data: bytes, kind: str) -> bytes:
    """Spoil the first member of a zip file: its method, its checksum, or its secrecy."""
    local, central = data.index(b"PK\3\4"), data.index(b"PK\1\2")
    made = bytearray(data)
    if kind == "deflate64":
        for at in (local + 8, central + 10):
            made[at : at + 2] = struct.pack("<H", 9)
    elif kind == "encrypted":
        for at in (local + 6, central + 8):
            made[at] |= 1
    elif kind == "checksum":
        for at in (local + 14, central + 16):
            made[at] ^= 0xFF
    return bytes(made)


@pytest.mark.parametrize(("kind", "words"), [
    ("deflate64", "damaged, or packed in an unusual way"), ("checksum", "damaged, or packed in an unusual way (Bad CRC-32"),
    ("encrypted", "it is encrypted"),
])  # fmt: skip
def test_a_spoilt_member_is_named_and_its_neighbour_is_found(exercises, tmp_path, kind, words):
    from grading import hand_in

    data = pack({"eve.ipynb": notebook(exercises), "zoe.ipynb": notebook(exercises)})
    (tmp_path / "odd.zip").write_bytes(damaged(data, kind))
    inbox = hand_in.submissions(tmp_path / "odd.zip", NAME)
    assert set(inbox.given) == {"zoe"}
    assert words in inbox.bad["eve"]


ODD = {
    "ada.IPYNB": ("ada", ""), "bob.ipynb.txt": ("bob", ""), "cyd.json": ("cyd", ""),
    "dan.html": ("", "ask for the .ipynb file"), "eve.zip": ("eve", ""), "fay.zip": ("", "it is an empty zip file"),
    "gus.zip": ("", "it is no zip file that can be read"), "hal/notes.pdf": ("", "there is no notebook, but hal/notes.pdf"),
    "ian/essay.txt": ("", "there is no notebook in what was handed in"),
    "jan.zip": ("", "it is an archive in an archive in an archive"), "_x.ipynb": ("", "there is no login"),
    "kim/../../../etc/passwd.ipynb": ("kim", ""), "Ｌeo.ipynb": ("leo", ""), "mаx.ipynb": ("", "there is no login"),
}  # fmt: skip


@pytest.fixture(scope="module")
def odd(exercises, found):
    book = notebook(exercises)
    inner = pack({"a.zip": pack({"b.zip": pack({BOOK: book})})})
    files = dict.fromkeys(ODD, book) | {"eve.zip": pack({BOOK: book}), "fay.zip": pack({})}
    files |= {
        "gus.zip": b"PK\3\4 no",
        "dan.html": b"<html>",
        "jan.zip": inner,
        "ian/essay.txt": b"I",
    }
    return found(files)


@pytest.mark.parametrize("name", sorted(ODD))
def test_every_odd_hand_in_is_understood_or_named_with_its_student(name, odd):
    login, words = ODD[name]
    if login:
        assert login in odd.given
    else:
        who = name.split(".")[0].split("/")[0]
        said = [why for place, why in odd.bad.items() if place.startswith((who, name))]
        assert words in " ".join(said), odd.bad


def test_a_zip_bomb_is_read_no_further_than_a_notebook_may_be(tmp_path):
    from grading import hand_in

    (tmp_path / "bomb.zip").write_bytes(pack({"eve.ipynb": b" " * (64 << 20)}, compression=8))
    inbox = hand_in.submissions(tmp_path / "bomb.zip", NAME)
    assert inbox.bad == {"eve": "it is larger than 10 MiB"}


def test_what_cannot_be_read_in_a_folder_is_named(exercises, tmp_path):
    from grading import hand_in

    (tmp_path / "zoe.ipynb").write_bytes(notebook(exercises))
    os.mkfifo(tmp_path / "eve.ipynb")
    (tmp_path / "ian.ipynb").mkdir()
    (tmp_path / "ian.ipynb" / "gone").symlink_to("/etc")
    (tmp_path / os.fsdecode(b"j\xff.ipynb")).write_bytes(b"{}")
    inbox = hand_in.submissions(tmp_path, NAME)
    assert set(inbox.given) == {"zoe"}
    assert inbox.bad["eve"] == "it is no file"
    assert inbox.bad["ian"] == "it is a link to another place"
    assert len(inbox.bad) == 3


def test_a_file_without_permission_stops_nobody(exercises, tmp_path):
    from grading import hand_in

    (tmp_path / "zoe.ipynb").write_bytes(notebook(exercises))
    (tmp_path / "eve.ipynb").write_bytes(b"{}")
    (tmp_path / "eve.ipynb").chmod(0)
    inbox = hand_in.submissions(tmp_path, NAME)
    assert "zoe" in inbox.given
    assert ("eve" in inbox.given) == (os.geteuid() == 0)  # root reads everything


def test_a_file_that_is_swapped_for_a_link_is_never_followed(tmp_path):
    from grading import archive

    (tmp_path / "box").mkdir()
    target, spare = tmp_path / "box" / "eve.ipynb", tmp_path / "spare"
    secret = tmp_path / "secret"
    secret.write_bytes(b"the neighbour's")
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            spare.write_bytes(b"own")
            os.replace(spare, target)
            spare.symlink_to(secret)
            os.replace(spare, target)

    target.write_bytes(b"own")
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen = [member for _ in range(3000) for member in archive.members(tmp_path / "box")]
    finally:
        stop.set()
        thread.join()
    assert {member.data for member in seen} <= {b"own", b""}
    assert sum(member.trouble == archive.LINK for member in seen) > 0
    assert sum(member.data == b"own" for member in seen) > 0


def test_a_folder_that_is_swapped_for_a_link_is_never_followed_either(tmp_path):
    from grading import archive

    box, elsewhere = tmp_path / "box" / "eve", tmp_path / "elsewhere"
    box.mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "a.ipynb").write_bytes(b"the neighbour's")
    box.rmdir()
    box.symlink_to(elsewhere)
    assert [member.trouble for member in archive.members(tmp_path / "box")] == [archive.LINK]


# --- a hand-in without nbgrader's metadata


@pytest.mark.parametrize("drop", ["metadata", "metadata and texts", "the last answer"])
def test_answers_without_metadata_are_found_or_their_absence_is_said(exercises, drop):
    from grading import layout

    source = nbformat.read(exercises / "source" / NAME / FILE, 4)
    book = nbformat.read(exercises / "release" / NAME / FILE, 4)
    answers = {layout.of(cell).get("grade_id"): cell.source for cell in source.cells}
    for cell in book.cells:
        if layout.of(cell).get("solution"):
            cell.source = answers[cell.metadata.nbgrader.grade_id]
    if drop == "the last answer":
        book.cells = [c for c in book.cells if layout.of(c).get("grade_id") != "answer-6"]
    if drop == "metadata and texts":
        keep = ("answer-1", "answer-2", "answer-3", "answer-4", "answer-5", "text-6", "answer-6")
        book.cells = [c for c in book.cells if layout.of(c).get("grade_id", "") in ("", *keep)]
    for cell in book.cells:
        cell.metadata.clear()
    made, missing = layout.rebuild(book, source)
    texts = {layout.of(cell).get("grade_id"): cell.source for cell in made.cells}
    expected = dict(answers, **({"answer-6": ""} if drop == "the last answer" else {}))
    assert {name: texts[name] for name in expected if name} == {
        k: v for k, v in expected.items() if k
    }
    assert missing == (["answer-6"] if drop == "the last answer" else [])
