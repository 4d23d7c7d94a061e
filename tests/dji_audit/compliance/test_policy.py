"""A policy pack is read strictly: what it gets wrong is said, never passed over."""

import datetime as dt
import hashlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.audit import audit_flight, check_policy
from dji_audit.compliance.case import Case
from dji_audit.compliance.findings import Outcome, RuleResult
from dji_audit.compliance.policy import Policy, PolicyError, load_policy, parse_policy
from dji_audit.compliance.rules import rules
from dji_audit.flights import assemble

MakeLog = Callable[..., parsers.Log]

HEAD = '[pack]\nname = "unit"\nversion = "1"\ntitle = "A unit"\n'
RULE = '[[rule]]\nid = "height_limit"\nstatus = "local_policy"\ncitation = "Order 1"\n'


def parse(text: str) -> Policy:
    return parse_policy(text.encode(), "unit.toml")


def result_of(policy: Policy, log: parsers.Log) -> RuleResult:
    (result,) = audit_flight(assemble(log)[0], policy, Case()).results
    return result


def low(make_log: MakeLog) -> parsers.Log:
    return make_log({"height_ato_m": [1.0, 2.0], "latitude_deg": [0.0, 0.0]})


@pytest.mark.parametrize(
    "name",
    [entry.name for entry in (files("dji_audit") / "data" / "packs").iterdir()],
)
def test_every_pack_that_ships_is_valid_and_dated(name: str) -> None:
    policy = load_policy(name.removesuffix(".toml"))
    check_policy(policy)
    assert dt.date.fromisoformat(policy.version)
    for rule in policy.rules.values():
        assert rule.citation.endswith(".") or not rule.verified
        # A pack writes out every number that it holds a flight to.
        assert set(rule.parameters) == set(rules()[rule.id].parameters.model_fields)


def test_the_default_pack_applies_every_rule_there_is() -> None:
    assert set(load_policy().rules) == set(rules())


def test_a_pack_states_the_hash_of_its_bytes() -> None:
    text = (HEAD + RULE).encode()
    assert parse_policy(text, "x").sha256 == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + RULE + 'citaton = "x"\n', "rule.0.citaton: no such key; did you mean citation?"),
        (HEAD.replace("title", "titel") + RULE, "pack.titel: no such key; did you mean title?"),
        (HEAD + RULE.replace("[[rule]]", "[[rules]]"), "rules: no such key; did you mean rule?"),
        (HEAD + RULE + "zzz = 1\n", "rule.0.zzz: no such key"),
        (HEAD, "no [[rule]]; only a pack that extends one needs none"),
        (HEAD + RULE.replace("local_policy", "law"), "rule.0.status: Input should be 'statute'"),
        (HEAD + RULE.replace("Order 1", ""), "rule.0.citation: "),
        (HEAD + RULE + 'severity = "grave"\n', "rule.0.severity: "),
        (HEAD + RULE + RULE, "listed twice: height_limit"),
        (HEAD + RULE + "limit = [", "not TOML: "),
        (
            HEAD + RULE + "valid_from = 2026-01-02\nvalid_to = 2026-01-01\n",
            "rule height_limit: valid_to is before valid_from, so the rule would never apply",
        ),
    ],
)
def test_a_fault_of_a_pack_is_named_with_its_file_and_place(text: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"unit.toml: {told}")
    assert "\n" not in str(caught.value)


def test_a_pack_that_is_no_utf_8_is_no_toml() -> None:
    with pytest.raises(PolicyError, match="not TOML"):
        parse_policy(b"\xff\xfe", "x.toml")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (RULE.replace("height_limit", "heigth_limit"), "did you mean height_limit?"),
        (RULE.replace("height_limit", "zzz"), "there are data_sync_endpoint, distance_limit"),
        (RULE + "parameters = { limit = 1.0 }\n", "limit: no such key; did you mean limit_m?"),
        (RULE + 'parameters = { limit_m = "120" }\n', "limit_m: "),
        (RULE + "parameters = { limit_m = true }\n", "limit_m: "),
        # Nothing is above NaN: such a limit would pass every flight.
        (RULE + "parameters = { limit_m = nan }\n", "limit_m: "),
        (RULE + "parameters = { limit_m = inf }\n", "limit_m: "),
        (RULE + "parameters = { limit_m = -1 }\n", "limit_m: "),
    ],
)
def test_a_rule_or_parameter_that_cannot_be_is_refused_before_any_log_is_read(
    rule: str, told: str
) -> None:
    policy = parse(HEAD + rule)
    with pytest.raises(PolicyError) as caught:
        check_policy(policy)
    assert told in str(caught.value)


def test_a_whole_number_is_a_limit_too() -> None:
    check_policy(parse(HEAD + RULE + "parameters = { limit_m = 100 }\n"))


def test_a_pack_that_does_not_exist_is_named_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no policy pack 'defualt'; did you mean default"):
        load_policy("defualt")
    with pytest.raises(PolicyError, match="no policy pack 'zzz'; there are default"):
        load_policy("zzz")
    with pytest.raises(PolicyError, match=r"gone\.toml: No such file"):
        load_policy(tmp_path / "gone.toml")


def test_a_pack_in_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "unit [1].toml"
    path.write_text(HEAD + RULE)
    assert load_policy(path).rules["height_limit"].citation == "Order 1"
    assert load_policy(str(path)).name == "unit"


@pytest.mark.parametrize(
    ("dates", "outcome"),
    [
        ("valid_from = 2026-05-14\n", Outcome.PASS),
        ("valid_to = 2026-05-14\n", Outcome.PASS),
        ("valid_from = 2026-05-15\n", Outcome.NOT_APPLICABLE),
        ("valid_to = 2026-05-13\n", Outcome.NOT_APPLICABLE),
        ("valid_from = 2026-05-14\nvalid_to = 2026-05-14\n", Outcome.PASS),
    ],
)
def test_a_rule_is_held_to_the_day_of_the_flight_and_not_to_today(
    make_log: MakeLog, dates: str, outcome: Outcome
) -> None:
    result = result_of(parse(HEAD + RULE + dates), low(make_log))
    assert result.outcome is outcome
    if outcome is Outcome.NOT_APPLICABLE:
        assert "the flight was on 2026-05-14" in result.reason
        assert result.findings == ()


def test_a_dated_rule_cannot_be_assessed_on_a_flight_without_a_date(make_log: MakeLog) -> None:
    log = make_log({"time": [None, None], "height_ato_m": [500.0, 500.0]})
    result = result_of(parse(HEAD + RULE + "valid_from = 2020-01-01\n"), log)
    assert (result.outcome, result.reason) == (
        Outcome.NOT_ASSESSABLE,
        "The date of the flight is not known.",
    )


def test_the_day_of_an_encrypted_flight_is_the_one_that_the_log_states(
    make_log: MakeLog, start: object
) -> None:
    stated = parsers.Stated("Details", 0, start=start)  # type: ignore[arg-type]
    log = make_log(encrypted=True, stated=stated)
    result = result_of(parse(HEAD + RULE + "valid_from = 2027-01-01\n"), log)
    assert result.outcome is Outcome.NOT_APPLICABLE


def test_a_citation_that_nobody_has_checked_says_so_beside_its_status(make_log: MakeLog) -> None:
    sure = parse(HEAD + RULE + "verified = true\n")
    assert result_of(sure, low(make_log)).status == "local_policy"
    assert result_of(parse(HEAD + RULE), low(make_log)).status == "local_policy (unverified)"
