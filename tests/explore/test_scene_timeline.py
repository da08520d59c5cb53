"""The timeline: a field for each kind, every event once, in its field and at its year."""

import virtlearn as vl
from virtlearn import charts

MACHINES = ("02", "03", "06", "08", "12", "20")
LINES = ("05", "07", "09", "10", "14", "16")


def drawn():
    kinds = {
        "machines": [vl.evidence(f"HIST-{n}") for n in reversed(MACHINES)],
        "lines": [vl.evidence(f"HIST-{n}") for n in LINES],
    }
    return charts.timeline(kinds)


def test_every_event_stands_once_at_its_year_and_in_its_field():
    chart = drawn()
    for trace, field, numbers in zip(
        chart.data, chart.layout.shapes, (MACHINES, LINES), strict=True
    ):
        years = sorted(int(str(vl.evidence(f"HIST-{n}").text)[:4]) for n in numbers)
        assert list(trace.x) == years
        assert field.x0 == years[0]
        assert all(field.y0 < row < field.y1 for row in trace.y)
        assert all(str(x) in text for x, text in zip(trace.x, trace.text, strict=True))


def test_no_two_words_share_a_row():
    chart = drawn()
    rows = [row for trace in chart.data for row in trace.y]
    rows += [note.y for note in chart.layout.annotations]
    assert len(set(rows)) == len(rows) == 14


def test_words_stay_inside_the_picture():
    """A letter of 12 pixels takes about 6.5 of the 840 that show 55 years on a page."""
    chart = drawn()
    low, high = chart.layout.xaxis.range
    for trace in chart.data:
        for year, text, side in zip(trace.x, trace.text, trace.textposition, strict=True):
            wide = len(text) * 6.5 / 840 * (high - low)
            assert year + wide <= high if side == "middle right" else year - wide >= low


def test_headline_counts_the_events_and_the_table_is_in_order():
    chart = drawn()
    assert chart.headline == "1967 to 2018: 12 events"
    years = [int(row[0]) for row in chart.table()[1:]]
    assert years == sorted(years)
    assert chart.facts == {"since_0": 1967, "since_1": 1979}
