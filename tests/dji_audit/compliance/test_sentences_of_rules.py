"""What single rules say of counts, serial numbers and masses, and when a return has failed."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.rules._shared._failed_return_to_home import _has_return_to_home_failed
from dji_audit.compliance.rules.log_completeness import _compared_counts_text
from dji_audit.compliance.rules.operator_identity import _mass_threshold_text
from dji_audit.flights import assemble_flights
from parsers import LoggerStatedAndFoundCounts, StatedSerial
from tests.dji_audit.compliance.one_rule import apply_rule, flown, hover
from tests.dji_audit.conftest import BEGIN, MakeLog

#: Seconds in which a fault explains a return; how long and how far a failed one leads away.
WITHIN_S, LONG_S, FARTHER_M = 60.0, 10.0, 20.0


def test_the_counts_of_a_logger_are_told_with_what_a_link_lost(make_log: MakeLog) -> None:
    def told(stated: float, found: float, *, is_of_link: bool) -> str:
        count = LoggerStatedAndFoundCounts(
            record="DSF", field="Bytes", unit="frames", begins=np.array([1000, 2000]),
            ends=np.array([2000, 3000]), stated=np.array([stated, 10.0]),
            found=np.array([found, 40.0]), total=50_000, is_of_link=is_of_link,
        )  # fmt: skip
        log = make_log(hover([0.5, 20.0, 20.0, 0.5]), events=flown(3), logger_counts=(count,))
        return _compared_counts_text(assemble_flights(log)[0])

    counted = "50,000 frames by DSF.Bytes"
    # What is found beyond one count makes up for no lack of another.
    assert f"{counted}, of which the link lost 5.6 %" in told(3000.0, 10.0, is_of_link=True)
    assert f"{counted}, of which the link lost 0.1 %" in told(60.0, 9.0, is_of_link=True)
    for reason in (told(10.0, 10.0, is_of_link=True), told(9.0, 10.0, is_of_link=False)):
        assert counted in reason
        assert "of which" not in reason
    assert "of which" not in told(60.0, 9.0, is_of_link=False)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("aircraft",), "1 serial number differs from place to place; compared: aircraft in A, B."),
        (("aircraft", "battery"), "2 serial numbers differ from place to place; compared: "
         "aircraft in A, B; battery in A, B."),
    ],
)  # fmt: skip
def test_serial_numbers_that_differ_are_counted(
    make_log: MakeLog, parts: tuple[str, ...], text: str
) -> None:
    serials = [
        StatedSerial(part, serial, record, 100 + 9 * number)
        for part in parts
        for number, (serial, record) in enumerate((("S1234", "A"), ("S9876", "B")))
    ]
    log = make_log(hover([0.5, 20.0, 0.5]), stated_serials=tuple(serials))
    assert apply_rule(log, "serial_consistency").reason == text


def test_the_masses_from_which_ids_are_needed_are_told_with_and_without_a_camera() -> None:
    def told(*thresholds: tuple[float, bool]) -> str:
        rows: Any = [
            SimpleNamespace(minimum_mass_g=mass, with_camera=camera) for mass, camera in thresholds
        ]
        return _mass_threshold_text(rows)

    assert told((250.0, False)) == "IDs were needed from 250 g"
    assert told((250.0, False), (100.0, True)) == (
        "IDs were needed from 250 g and an ID was needed for aircraft from 100 g that carry a "
        "camera"
    )
    assert told((250.0, False), (500.0, False), (0.0, True), (90.0, True)) == (
        "IDs were needed from 250 g and an ID was needed for aircraft of any mass that carry a "
        "camera"
    )
    assert told((0.5, True)) == "an ID was needed for aircraft from 0.5 g that carry a camera"
    assert told() == ""


def has_failed(
    end_s: float | None, distances: list[float], faults: tuple[float | None, ...] = ()
) -> bool:
    """Return whether a return failed, of which the distance is known each second."""

    def at(second: float | None) -> pd.Timestamp | None:
        return None if second is None else BEGIN + pd.Timedelta(seconds=second)

    event: Any = SimpleNamespace(end=at(end_s))
    reported: Any = [SimpleNamespace(time=at(second)) for second in faults]
    seconds = np.arange(float(len(distances)))
    return _has_return_to_home_failed(event, BEGIN, seconds, np.array(distances), reported)


def test_a_return_that_a_fault_follows_within_its_time_has_failed() -> None:
    near = [100.0] * 100
    for second, failed in ((0.0, True), (WITHIN_S, True), (WITHIN_S + 0.1, False), (-0.1, False)):
        assert has_failed(None, near, (second,)) == failed
    assert not has_failed(None, near, (None,))
    assert has_failed(None, near, (None, 900.0, 1.0))


def test_a_return_that_leads_farther_away_for_long_has_failed() -> None:
    def away(last: int, farther_m: float) -> list[float]:
        return [*np.linspace(100.0, 100.0 + farther_m, last + 1).tolist(), 0.0, 0.0]

    last = int(LONG_S)
    assert has_failed(LONG_S, away(last, FARTHER_M))
    assert not has_failed(LONG_S, away(last, FARTHER_M - 0.1))
    assert not has_failed(LONG_S - 0.5, away(last, 900.0))
    assert not has_failed(None, away(last, 900.0))
    # What follows its end does not count.
    assert not has_failed(LONG_S, [100.0] * (last + 1) + [900.0] * 9)
