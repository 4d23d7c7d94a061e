"""What a page embeds to be plotted, and how recordings look in the still picture."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.camera_view import camera_poses
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.mapper import NeighbourPages, PageLink, render_flight_page_html
from dji_audit.mapper.flight_page import _plot_series
from dji_audit.mapper.flight_page._plot_series import unit_of_field
from dji_audit.mapper.flight_page._print_header_footer import quote_as_css_string
from dji_audit.mapper.flight_page._recording_styles_of_svg_map import (
    parallel_line_points_on_both_sides,
    photo_mark_svg,
    video_label_of_sensor_bits,
    video_stroke_attributes,
)
from dji_audit.report.flight_location import locate_flight
from dji_audit.report.flight_rows import row_of_audited_flight
from tests.dji_audit.mapper.conftest import Make
from tests.dji_audit.mapper.test_page import data_of


@dataclass(frozen=True)
class MadeRecords:
    """Records that are there already."""

    rows: pd.DataFrame

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the rows."""
        return self.rows


def records(count: int = 600, **fields: Any) -> MadeRecords:
    """Return records that lie between the fixes of the made flight, one each."""
    base = {"offset": 520 + 347 * np.arange(count), "length": np.full(count, 40)}
    return MadeRecords(pd.DataFrame(base | fields))


@pytest.fixture
def audit(made: Make) -> FlightAudit:
    """Return a flight whose log holds records of two names."""
    flight = made()
    count = 600
    log = replace(
        flight.flight.log,
        _records={
            "BAT": records(voltage_v=np.linspace(15.2, 14.1, count), cells=np.full(count, 4)),
            "TEXT": records(text=["x"] * count),
        },
    )
    first = replace(flight.flight.sources[0], log=log)
    return replace(flight, flight=replace(flight.flight, sources=(first,)))


def page_of(audit: FlightAudit, basis: AuditInputProvenance, *plots: str) -> str:
    return render_flight_page_html(audit, basis=basis, generated=None, plots=plots)


def test_every_numeric_field_of_a_record_is_embedded_at_full_rate(
    audit: FlightAudit, audit_basis: AuditInputProvenance
) -> None:
    (block,) = data_of(page_of(audit, audit_basis, "BAT"))["record_series"]
    assert block["record"] == "BAT"
    assert block["count"] == 599  # the last record lies after the last fix
    volts, cells = block["fields"]
    assert (volts["name"], volts["unit"], volts["digits"]) == ("voltage_v", "V", 3)
    truth = np.linspace(15.2, 14.1, 600)[:599]
    assert np.cumsum(volts["column"]["delta"]) / 1000 == pytest.approx(truth, abs=5.1e-4)
    assert cells["column"] == {"per": 1, "runs": [4, 599]}
    # 8 of 347 bytes after each fix, at 10 Hz.
    first = data_of(page_of(audit, audit_basis))["axis"]["span"][0]
    assert block["ms"]["delta"][0] - first == 2


def test_one_field_can_be_chosen_and_what_is_missing_is_said(
    audit: FlightAudit, audit_basis: AuditInputProvenance
) -> None:
    page = page_of(audit, audit_basis, "BAT.cells", "NOPE", "BAT.nope", "TEXT")
    (block,) = data_of(page)["record_series"]
    assert [field["name"] for field in block["fields"]] == ["cells"]
    text = page.replace("&#95;", "_")
    assert "No log of this flight holds NOPE records." in text
    assert "The BAT records have no numeric field nope." in text
    assert "Of the BAT records 1 record has no known instant and cannot be plotted" in text


def test_beyond_the_limit_whole_fields_are_left_out_and_named(
    audit: FlightAudit, audit_basis: AuditInputProvenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_plot_series, "MAX_RECORD_FIELD_CHARACTERS", 100)
    page = page_of(audit, audit_basis, "BAT")
    (block,) = data_of(page)["record_series"]
    assert [field["name"] for field in block["fields"]] == ["cells"]
    assert "Left out of the BAT records" in page
    assert "--plot BAT.voltage" in page.replace("&#95;", "_")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("height_ato_m", "m"), ("speed_mps", "m/s"), ("rate_rad_s", "rad/s"), ("signal_pct", "%"),
        ("temperature_k", "K"), ("Roll", ""), ("TimeUS", ""), ("m", ""),
    ],
)  # fmt: skip
def test_the_unit_of_a_field_is_what_its_name_states(name: str, unit: str) -> None:
    assert unit_of_field(name) == unit


def test_the_quality_of_the_link_is_there_without_being_asked_for(
    audit: FlightAudit, audit_basis: AuditInputProvenance
) -> None:
    log = replace(audit.flight.log, _records={"OFDM": records(signal_pct=np.full(600, 80))})
    sources = (replace(audit.flight.sources[0], log=log),)
    flight = replace(audit.flight, sources=sources)
    data = data_of(page_of(replace(audit, flight=flight), audit_basis))
    assert data["link"]["series"] == "OFDM.signal_pct"
    assert data["record_series"][0]["fields"][0]["column"]["runs"][0] == 80


def test_the_distance_of_the_page_is_that_of_the_report(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    audit = made()
    page = render_flight_page_html(audit, basis=audit_basis, generated=None)
    row = row_of_audited_flight(
        audit, None, camera_poses(audit.flight), locate_flight(audit.flight)
    )
    assert row.distance_m
    assert f"<dt>Distance flown</dt><dd>{row.distance_m:,.1f} m</dd>" in page


def test_a_page_names_the_flights_before_and_after_it(
    made: Make, audit_basis: AuditInputProvenance
) -> None:
    page = render_flight_page_html(
        made(), basis=audit_basis, generated=None,
        neighbours=NeighbourPages(None, PageLink("b c.html", "15 May <b>")),
    )  # fmt: skip
    assert '<a rel="next" href="b%20c.html" title="15 May &#60;b&#62;">Next flight' in page
    assert 'rel="prev"' not in page
    neighbours = data_of(page)["neighbours"]
    assert neighbours == {"previous": None, "next": {"href": "b c.html", "words": "15 May <b>"}}


def test_text_in_the_margin_of_paper_cannot_leave_its_string() -> None:
    assert (
        quote_as_css_string('a"b</style>}') == '"a\\000022b\\00003c\\00002fstyle\\00003e\\00007d"'
    )
    assert quote_as_css_string("v1.2_3-4") == '"v1.2_3-4"'


def test_sensors_at_once_take_turns_in_the_still_picture() -> None:
    thermal = list(video_stroke_attributes(4))
    assert len(thermal) == 2
    assert 'stroke-dasharray="1 7"' in thermal[1]
    both = list(video_stroke_attributes(2 | 4))
    assert [re.findall(r'dash\w+="([^"]+)"', each) for each in both] == [
        ["11 11", "0"], ["11 11", "-11"],
    ]  # fmt: skip
    assert video_label_of_sensor_bits(2 | 4) == "Video, visible light and thermal at once"
    assert len({photo_mark_svg(0, 0, sensor) for sensor in ("visible", "thermal", "unknown")}) == 3


def test_sound_runs_as_rails_beside_the_line() -> None:
    x = np.linspace(0, 100, 11)
    (left_x, left_y), (_, right_y) = parallel_line_points_on_both_sides(x, np.zeros(11))
    assert left_x == pytest.approx(x)
    assert left_y == pytest.approx(-9.4)
    assert right_y == pytest.approx(9.4)
    assert list(parallel_line_points_on_both_sides(np.zeros(5), np.zeros(5))) == []
