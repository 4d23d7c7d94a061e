"""A policy pack is read strictly: what it gets wrong is said, never passed over."""

import datetime as dt
import hashlib
import json
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

import parsers
from dji_audit.compliance.audit import audit_flight, check_policy
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import (
    PackRuleEntry,
    Parameters,
    Policy,
    PolicyEntry,
    PolicyError,
    fraction_parameter_field,
    load_policy,
    non_negative_parameter_field,
    pack_schema,
    parse_policy,
    positive_fraction_parameter_field,
    positive_parameter_field,
    shipped_pack_names,
    unshipped_pack_files,
)
from dji_audit.compliance.rules import rules_by_id
from dji_audit.flights import assemble_flights
from tests.dji_audit.conftest import MakeLog

HEAD = '[pack]\nname = "unit"\nversion = "1"\ntitle = "A unit"\n'
RULE = '[[rule]]\nid = "height_limit"\nstatus = "local_policy"\ncitation = "Order 1"\n'


def parse(text: str) -> Policy:
    return parse_policy(text.encode(), "unit.toml")


def result_of(policy: Policy, log: parsers.Log) -> RuleResult:
    (result,) = audit_flight(assemble_flights(log)[0], policy, AuditContext()).results
    return result


def low(make_log: MakeLog) -> parsers.Log:
    flown = [
        {"time": second, "kind": kind, "severity": "info", "text": kind}
        for second, kind in ((0, "takeoff"), (1, "landing"))
    ]
    return make_log({"height_ato_m": [1.0, 2.0], "latitude_deg": [0.0, 0.0]}, events=flown)


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
        fields = rules_by_id()[rule.rule].parameters.model_fields
        unset = {name for name, info in fields.items() if info.get_default() is None}
        assert set(fields) - unset <= set(rule.parameters) <= set(fields)


#: Rules about flights, aircraft and lists that other units have: dock, profile, production.
OF_OTHER_PACKS = {"country_of_production", "dock_distance", "flight_profile", "operating_area"}


def test_the_default_pack_applies_every_rule_but_those_of_other_units() -> None:
    assert {entry.rule for entry in load_policy().rules.values()} == set(
        rules_by_id()
    ) - OF_OTHER_PACKS
    shipped = {
        entry.rule for name in shipped_pack_names() for entry in load_policy(name).rules.values()
    }
    assert shipped == set(rules_by_id())


@pytest.mark.parametrize("name", shipped_pack_names())
def test_every_pack_that_ships_is_valid_by_the_schema_that_ships(name: str) -> None:
    text = (files("dji_audit") / "data" / "packs" / f"{name}.toml").read_text("utf-8")
    check_schema(text)


BASE = HEAD.replace('"unit"', '"base"') + RULE + "parameters = { limit_m = 120.0 }\n"
OWN = HEAD + 'extends = "base.toml"\n'


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a folder with a pack that others build on."""
    (tmp_path / "base.toml").write_text(BASE)
    return tmp_path


def extended(base: Path, text: str) -> Policy:
    path = base / "unit.toml"
    path.write_text(OWN + text)
    return load_policy(path)


@pytest.mark.parametrize(("count", "accepted"), [(9, True), (10, False)])
def test_a_chain_of_packs_has_its_length(tmp_path: Path, count: int, accepted: bool) -> None:
    (tmp_path / "0.toml").write_text(HEAD + RULE)
    for number in range(1, count):
        text = HEAD + f'extends = "{number - 1}.toml"\n'
        (tmp_path / f"{number}.toml").write_text(text)
    if accepted:
        assert len(load_policy(tmp_path / f"{count - 1}.toml").chain) == count
    else:
        with pytest.raises(PolicyError, match="extends itself"):
            load_policy(tmp_path / f"{count - 1}.toml")


@pytest.mark.parametrize(
    ("dates", "accepted"),
    [
        ("valid_from = 2026-01-02\nvalid_to = 2026-01-02\n", True),
        ("valid_from = 2026-01-03\nvalid_to = 2026-01-02\n", False),
    ],
)
def test_a_rule_may_be_valid_for_one_day(dates: str, accepted: bool) -> None:
    if accepted:
        parse(HEAD + RULE + dates)
    else:
        with pytest.raises(PolicyError):
            parse(HEAD + RULE + dates)


def test_severities_rise_in_this_order() -> None:
    ranks = {severity.value: severity.rank for severity in Severity}
    assert ranks == {"remark": 0, "low": 1, "medium": 2, "high": 3}


def test_an_entry_without_more_has_these_values() -> None:
    entry = PolicyEntry(id="a", rule="height_limit", status="engineering", citation="x")
    assert (entry.severity, entry.verified, entry.parameters) == (Severity.MEDIUM, False, {})
    assert (entry.title, entry.valid_from, entry.valid_to) == (None, None, None)


def test_what_a_pack_does_not_name_it_takes_over(base: Path) -> None:
    policy = extended(base, "")
    assert policy.rules == load_policy(base / "base.toml").rules
    assert [(pack.name, pack.version) for pack in policy.chain] == [("base", "1"), ("unit", "1")]


def test_the_hash_of_a_chain_changes_with_every_pack_of_it(base: Path) -> None:
    first = extended(base, "")
    (base / "base.toml").write_text(BASE + "# one comment\n")
    second = load_policy(base / "unit.toml")
    assert first.sha256 != second.sha256
    assert first.chain[1] == second.chain[1]
    assert first.sha256 != first.chain[1].sha256


def test_an_entry_of_the_base_is_changed_only_where_it_says_so(base: Path) -> None:
    policy = extended(base, '[[rule]]\nid = "height_limit"\nseverity = "high"\n')
    rule = policy.rules["height_limit"]
    assert (rule.severity, rule.citation, rule.parameter_values) == (
        "high",
        "Order 1",
        {"limit_m": 120.0},
    )
    assert rule.parameters["limit_m"].source == "Order 1"


def test_a_changed_number_rests_on_what_the_changing_pack_cites(base: Path) -> None:
    text = (
        '[[rule]]\nid = "height_limit"\nstatus = "local_policy"\ncitation = "Order 2"\n'
        'parameters = { limit_m = 60.0, datum = { value = "agl", source = "Order 3" } }\n'
    )
    rule = extended(base, text).rules["height_limit"]
    assert {name: given.source for name, given in rule.parameters.items()} == {
        "limit_m": "Order 2",
        "datum": "Order 3",
    }


def test_what_was_verified_of_the_base_is_not_of_what_another_pack_makes_of_it(
    base: Path,
) -> None:
    sure = BASE.replace("parameters", "verified = true\nparameters")
    (base / "base.toml").write_text(sure)
    kept = extended(base, '[[rule]]\nid = "height_limit"\nseverity = "low"\n')
    assert kept.rules["height_limit"].verified
    cited = extended(base, '[[rule]]\nid = "height_limit"\ncitation = "Order 9"\n')
    assert not cited.rules["height_limit"].verified


def test_an_inherited_entry_can_be_switched_off(base: Path) -> None:
    assert extended(base, '[[rule]]\nid = "height_limit"\noff = true\n').rules == {}


def test_a_rule_is_applied_twice_under_two_ids(base: Path, make_log: MakeLog) -> None:
    text = RULE.replace('"height_limit"', '"local_height"\nrule = "height_limit"')
    policy = extended(base, text + "parameters = { limit_m = 1.5 }\n")
    far, near = audit_flight(assemble_flights(low(make_log))[0], policy, AuditContext()).results
    assert (far.rule, far.applied_rule, far.outcome) == (
        "height_limit",
        "height_limit",
        Outcome.PASS,
    )
    assert (near.rule, near.applied_rule) == ("local_height", "height_limit")
    assert near.outcome is Outcome.FAIL
    assert [finding.rule for finding in near.findings] == ["local_height"]
    assert near.parameters["limit_m"] == 1.5
    assert near.parameter_sources["limit_m"] == "Order 1"
    assert near.parameter_sources["datum"] == "default of dji-audit"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[[rule]]\nid = "height_limit"\nparameters = { limit_m = 60.0 }\n',
            "rule height_limit: changes a parameter, so it also needs a status and a citation",
        ),
        (
            '[[rule]]\nid = "height_limit"\nrule = "distance_limit"\n',
            "rule height_limit: already applies height_limit; use another id",
        ),
        (
            '[[rule]]\nid = "heigth_limit"\noff = true\n',
            "rule heigth_limit: is off, but not inherited; did you mean height_limit?",
        ),
        (
            '[[rule]]\nid = "height_limit"\noff = true\nseverity = "low"\n',
            "rule height_limit: is off, so severity has no effect",
        ),
        (
            '[[rule]]\nid = "mine"\nrule = "height_limit"\n',
            "rule mine: status: must be given",
        ),
        (
            '[[rule]]\nid = "height_limit"\nstatus = "local_policy"\ncitation = "x"\n'
            'parameters = { limit_m = { valeu = 3.0, source = "x" } }\n',
            "rule height_limit: parameters.limit_m.valeu: no such key; did you mean value?",
        ),
    ],
)
def test_a_fault_of_a_pack_that_extends_another_is_named(base: Path, text: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        extended(base, text)
    assert str(caught.value).endswith(told)


def test_a_parameter_without_any_source_is_refused() -> None:
    # Without a citation the entry itself is refused first, unless it inherits one.
    with pytest.raises(PolicyError, match=r"limit_m has no source: \{ value = …, source"):
        parse(HEAD + RULE.replace('citation = "Order 1"\n', "parameters = { limit_m = 1.0 }\n"))


def test_packs_that_extend_one_another_in_a_circle_are_refused(base: Path) -> None:
    (base / "base.toml").write_text(HEAD + 'extends = "unit.toml"\n')
    with pytest.raises(PolicyError, match="extends itself, through"):
        extended(base, "")


def test_a_pack_that_extends_what_is_not_there_is_refused(base: Path) -> None:
    with pytest.raises(PolicyError, match="no policy pack 'uk-opne'; did you mean uk-open"):
        parse(HEAD + 'extends = "uk-opne"\n')


def as_json(value: object) -> object:
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def check_schema(text: str) -> None:
    jsonschema.validate(as_json(tomllib.loads(text)), json.loads(pack_schema()))


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + RULE + 'citaton = "x"\n',
        HEAD + RULE.replace("local_policy", "law"),
        HEAD + RULE.replace("Order 1", ""),
        HEAD + RULE + 'severity = "grave"\n',
        HEAD + RULE + "off = true\n",
        HEAD + RULE + 'parameters = { limit_m = { source = "x" } }\n',
        HEAD + RULE + 'parameters = { limit_m = { value = 1.0, source = "" } }\n',
        HEAD.replace("title", "titel") + RULE,
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        check_schema(text)
    with pytest.raises(PolicyError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + RULE,
        HEAD + RULE + "valid_from = 2026-01-02\nverified = true\n",
        HEAD + RULE + 'parameters = { limit_m = { value = 1.0, source = "x" } }\n',
        HEAD + 'extends = "uk-open"\n',
        HEAD + 'extends = "uk-open"\n[[rule]]\nid = "height_limit"\noff = true\n',
    ],
)
def test_what_the_schema_accepts_the_reader_accepts_too(text: str) -> None:
    check_schema(text)
    assert parse(text)


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
        (HEAD, "no [[rule]]; only a pack that extends another may have none"),
        (HEAD + RULE.replace("local_policy", "law"), "rule.0.status: Input should be 'statute'"),
        (HEAD + RULE.replace("Order 1", ""), "rule.0.citation: "),
        (HEAD + RULE + 'severity = "grave"\n', "rule.0.severity: "),
        (HEAD + RULE + RULE, "appears twice: height_limit"),
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
        (RULE.replace("height_limit", "zzz"), "there are audio_recorded, "),
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
    with pytest.raises(PolicyError, match="no policy pack 'zzz'; there are common, default"):
        load_policy("zzz")
    with pytest.raises(PolicyError, match=r"gone\.toml: no such file"):
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
    stated = parsers.LogHeaderTotals("Details", 0, start=start)  # type: ignore[arg-type]
    log = make_log(encrypted=True, header_summary=stated)
    result = result_of(parse(HEAD + RULE + "valid_from = 2027-01-01\n"), log)
    assert result.outcome is Outcome.NOT_APPLICABLE


def test_a_citation_that_nobody_has_checked_says_so_beside_its_status(make_log: MakeLog) -> None:
    sure = parse(HEAD + RULE + "verified = true\n")
    assert result_of(sure, low(make_log)).status == "local_policy"
    assert result_of(parse(HEAD + RULE), low(make_log)).status == "local_policy (unverified)"


# Where each of these stops


class Limits(Parameters):
    """A parameter of each kind."""

    positive: float = positive_parameter_field(5.0, "Above 0.")
    not_negative: float = non_negative_parameter_field(5.0, "0 or above.")
    fraction: float = fraction_parameter_field(0.5, "0 to 1.")
    positive_fraction: float = positive_fraction_parameter_field(0.5, "Above 0, to 1.")


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("positive", (0.001, 0.5, 1, 1e9), (0, -0.001)),
        ("not_negative", (0, 0.5, 1e9), (-0.001,)),
        ("fraction", (0, 0.001, 1), (-0.001, 1.001)),
        ("positive_fraction", (0.001, 0.5, 1), (0, -0.001, 1.001)),
    ],
)
def test_a_parameter_has_its_range(
    name: str, accepted: tuple[float, ...], refused: tuple[float, ...]
) -> None:
    for value in accepted:
        assert getattr(Limits.model_validate({name: value}), name) == value
    for wrong in (*refused, float("nan"), float("inf"), "0.5", True, None):
        with pytest.raises(ValidationError):
            Limits.model_validate({name: wrong})
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Limits(), name, 0.5)
    assert Limits.model_fields[name].description


def test_what_was_read_of_a_pack_does_not_change() -> None:
    entry = parse(HEAD + RULE + "parameters = { limit_m = 1.0 }\n").rules["height_limit"]
    with pytest.raises(ValidationError, match="frozen"):
        entry.citation = "x"
    with pytest.raises(ValidationError, match="frozen"):
        entry.parameters["limit_m"].value = 2.0
    written = PackRuleEntry.model_validate({"id": "a"})
    with pytest.raises(ValidationError, match="frozen"):
        written.id = "b"


def test_an_entry_may_have_an_id_and_a_citation_of_one_letter() -> None:
    text = RULE.replace('"height_limit"', '"a"\nrule = "height_limit"').replace("Order 1", "x")
    rules = parse(HEAD + text + 'parameters = { limit_m = { value = 1.0, source = "y" } }\n').rules
    assert (rules["a"].rule, rules["a"].citation) == ("height_limit", "x")
    assert rules["a"].parameters["limit_m"].source == "y"
    with pytest.raises(PolicyError, match=r"rule\.0\.id"):
        parse(HEAD + RULE.replace('"height_limit"', '""\nrule = "height_limit"'))


@pytest.mark.parametrize(
    ("given", "is_accepted"),
    [('status = "local_policy"\ncitation = "x"\n', True), ('citation = "x"\n', False),
     ('status = "local_policy"\n', False), ("", False)],
)  # fmt: skip
def test_a_changed_number_needs_both_a_status_and_a_citation(
    base: Path, given: str, is_accepted: bool
) -> None:
    text = f'[[rule]]\nid = "height_limit"\n{given}parameters = {{ limit_m = 60.0 }}\n'
    if is_accepted:
        rule = extended(base, text).rules["height_limit"]
        assert (rule.parameter_values, rule.verified) == ({"limit_m": 60.0}, False)
    else:
        with pytest.raises(PolicyError, match="so it also needs a status and a citation"):
            extended(base, text)


def test_a_circle_of_packs_is_told_at_its_first_turn(base: Path) -> None:
    (base / "base.toml").write_text(HEAD + 'extends = "unit.toml"\n')
    with pytest.raises(PolicyError) as caught:
        extended(base, "")
    unit, other = base / "unit.toml", base / "base.toml"
    assert str(caught.value) == f"{unit}: extends itself, through {unit} and {other}"


def test_the_files_of_a_policy_are_those_that_do_not_ship(base: Path) -> None:
    assert unshipped_pack_files("uk-open") == ()
    extended(base, "")
    unit, other = base / "unit.toml", base / "base.toml"
    assert unshipped_pack_files(str(unit)) == (unit, other)
    assert unshipped_pack_files(str(other)) == (other,)
    other.write_text(HEAD + 'extends = "uk-open"\n')
    assert unshipped_pack_files(str(unit)) == (unit, other)
    # A circle has an end; reading it is refused later.
    other.write_text(HEAD + 'extends = "unit.toml"\n')
    assert unshipped_pack_files(str(unit)) == (unit, other) * 4 + (unit,)
    other.write_text("pack = 1\n")
    assert unshipped_pack_files(str(other)) == (other,)
    other.write_text("pack = [\n")
    with pytest.raises(PolicyError, match=r"base\.toml: not TOML"):
        unshipped_pack_files(str(other))
    other.unlink()
    with pytest.raises(PolicyError, match=r"base\.toml: no such file"):
        unshipped_pack_files(str(unit))


def test_an_entry_that_appears_three_times_is_named_once() -> None:
    with pytest.raises(PolicyError, match=r"appears twice: height_limit$"):
        parse(HEAD + RULE * 3)


@pytest.mark.parametrize(
    ("since", "until", "day", "applies"),
    [
        (None, None, 5, True), (5, None, 4, False), (5, None, 5, True), (None, 5, 5, True),
        (None, 5, 6, False), (4, 6, 3, False), (4, 6, 4, True), (4, 6, 6, True), (4, 6, 7, False),
    ],
)  # fmt: skip
def test_an_entry_applies_on_its_first_and_last_day(
    since: int | None, until: int | None, day: int, applies: bool
) -> None:
    first, last = (None if it is None else dt.date(2026, 5, it) for it in (since, until))
    entry = PolicyEntry(
        id="a", rule="height_limit", status="engineering", citation="x",
        valid_from=first, valid_to=last,
    )  # fmt: skip
    assert entry.applies_on(dt.date(2026, 5, day)) is applies
