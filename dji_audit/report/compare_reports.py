"""What differs between two reports of the same flights, and why: policy, catalogue, tool, inputs.

Flights are paired by their id, which comes from the hash of their log, and results
by the id of their entry in the policy.  A difference is explained by what the two
reports state: first by what changed in the rule itself, else by what changed in
the run.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.supplied_tables import validation_fault_text
from dji_audit.report.schema_version import SCHEMA


class UnreadableReportError(Exception):
    """A report cannot be compared; the message says which and why."""


class _ReportPartBase(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _ReportPolicy(_ReportPartBase):
    name: str
    version: str
    sha256: str


class _CatalogueEditionAndHash(_ReportPartBase):
    edition: str
    sha256: str


class _ListedContextFile(_ReportPartBase):
    kind: str
    name: str
    sha256: str


class _RunBasisInReport(_ReportPartBase):
    policy: _ReportPolicy
    catalogue: _CatalogueEditionAndHash
    as_of: str | None = None
    context_files: tuple[_ListedContextFile, ...] = ()


class _ReportTool(_ReportPartBase):
    version: str


class _InputFileInReport(_ReportPartBase):
    name: str
    status: str
    keychain: str | None = None


class _FlightIdAndFileInReport(_ReportPartBase):
    id: str
    file: str


class _ReportRule(_ReportPartBase):
    rule: str
    status: str
    citation: str
    parameters: dict[str, JsonValue]


class _ReportRuleResult(_ReportPartBase):
    flight: str
    rule: str
    outcome: str
    reason: str


class _FindingReadFromReport(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    flight: str
    rule: str
    summary: str


class ComparableReport(_ReportPartBase):
    """The parts of a report that two are compared by."""

    form: str = Field(alias="schema")
    tool: _ReportTool
    run: _RunBasisInReport
    inputs: tuple[_InputFileInReport, ...]
    flights: tuple[_FlightIdAndFileInReport, ...]
    rules: tuple[_ReportRule, ...]
    results: tuple[_ReportRuleResult, ...]
    findings: tuple[_FindingReadFromReport, ...]


@dataclass(frozen=True, slots=True)
class RuleResultChange:
    """One rule on one flight that came to something else; ``None``: it is in one report only."""

    flight: str
    file: str
    rule: str
    #: What explains it.
    why: tuple[str, ...]
    before: str | None
    after: str | None
    #: Findings that are in one of the two only, by their summary.
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DifferencesOfTwoReports:
    """Everything in which two reports differ."""

    #: What differs of the two runs, in words; a run may differ and no result.
    runs: tuple[str, ...]
    #: Flights that are in one report only.
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    #: Flights in both.
    common: int
    changes: tuple[RuleResultChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two hold the same flights and came to the same results."""
        return not (self.changes or self.only_before or self.only_after)

    def to_json_text(self) -> str:
        """Return it as JSON."""
        whole = {"schema": "dji-audit/diff/0.1", **asdict(self)}
        return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def read_report(path: Path) -> ComparableReport:
    """Return the report in a file.

    Raises:
        UnreadableReportError: If it cannot be read, or is no report of a known form.
    """
    try:
        report = ComparableReport.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UnreadableReportError(f"{path}: {os_error_reason(error)}") from error
    except ValidationError as error:
        raise UnreadableReportError(
            f"{path}: no report of dji-audit: {validation_fault_text(error)}"
        ) from error
    if report.form != SCHEMA:
        raise UnreadableReportError(f"{path}: its form is {report.form!r}, not {SCHEMA!r}")
    return report


def compare_reports(before: ComparableReport, after: ComparableReport) -> DifferencesOfTwoReports:
    """Return what differs between two reports."""
    files = {flight.id: flight.file for flight in (*after.flights, *before.flights)}
    first, second = ({it.id for it in report.flights} for report in (before, after))
    runs = tuple(_run_difference_texts(before, after))
    common = [flight.id for flight in before.flights if flight.id in second]
    return DifferencesOfTwoReports(
        runs,
        tuple(sorted(f"{flight} ({files[flight]})" for flight in first - second)),
        tuple(sorted(f"{flight} ({files[flight]})" for flight in second - first)),
        len(common),
        tuple(_rule_result_changes(common, files, before, after, runs)),
    )


def _run_difference_texts(before: ComparableReport, after: ComparableReport) -> Iterator[str]:
    """Yield what differs of two runs."""
    old, new = before.run, after.run
    if old.policy != new.policy:
        names = [f"{it.name} {it.version} ({it.sha256[:8]})" for it in (old.policy, new.policy)]
        yield f"policy {names[0]} → {names[1]}"
    if old.catalogue != new.catalogue:
        names = [f"{it.edition} ({it.sha256[:8]})" for it in (old.catalogue, new.catalogue)]
        yield f"catalogue {names[0]} → {names[1]}"
    if before.tool != after.tool:
        yield f"dji-audit {before.tool.version} → {after.tool.version}"
    if old.as_of != new.as_of:
        days = [it.as_of or "each flight's day" for it in (old, new)]
        yield f"rules as of {days[0]} → {days[1]}"
    kinds = sorted({it.kind for it in (*old.context_files, *new.context_files)})
    for kind in kinds:
        lists = [_context_file_list_text(kind, it.context_files) for it in (old, new)]
        if lists[0] != lists[1]:
            noun = kind if kind == "base map" else f"{kind} list"
            yield f"{noun} {lists[0]} → {lists[1]}"


def _context_file_list_text(kind: str, files: Sequence[_ListedContextFile]) -> str:
    names = [f"{it.name} ({it.sha256[:8]})" for it in files if it.kind == kind]
    return ", ".join(names) or "none"


def _rule_result_changes(
    flights: Sequence[str],
    files: dict[str, str],
    before: ComparableReport,
    after: ComparableReport,
    runs: tuple[str, ...],
) -> Iterator[RuleResultChange]:
    """Yield what came of each rule on each flight that is in both, where it differs."""
    old, new = ({(it.flight, it.rule): it for it in report.results} for report in (before, after))
    old_rules, new_rules = ({it.rule: it for it in report.rules} for report in (before, after))
    old_findings, new_findings = (
        _finding_json_counter_by_flight_and_rule(before),
        _finding_json_counter_by_flight_and_rule(after),
    )
    reading = _reading_changes_by_file(before, after)
    rules: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for known_flight, rule in (*old, *new):
        rules[known_flight][rule] = None
    for flight in flights:
        for rule in rules[flight]:
            key = (flight, rule)
            results = old.get(key), new.get(key)
            gone = old_findings[key] - new_findings[key]
            more = new_findings[key] - old_findings[key]
            of_rule = tuple(
                _policy_changes_of_rule(
                    old_rules.get(rule) if results[0] else None,
                    new_rules.get(rule) if results[1] else None,
                )
            )
            outcomes = [result.outcome if result else None for result in results]
            # Another wording of the same outcome is not a change; another parameter is.
            if outcomes[0] == outcomes[1] and not (of_rule or gone or more):
                continue
            yield RuleResultChange(
                flight=flight,
                file=files[flight],
                rule=rule,
                why=_change_explanations(of_rule, reading.get(files[flight], ()), runs),
                before=outcomes[0],
                after=outcomes[1],
                gone=_finding_summary_texts(gone),
                new=_finding_summary_texts(more),
            )


def _change_explanations(
    of_rule: tuple[str, ...], of_file: tuple[str, ...], runs: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what can explain a change: of the rule, of its file, and of the run.

    What differs of the policy is said by the rule itself, where it says anything.
    """
    rest = tuple(text for text in runs if not (of_rule and text.startswith("policy ")))
    return (*of_rule, *of_file, *rest) or ("nothing that the reports state",)


def _policy_changes_of_rule(one: _ReportRule | None, other: _ReportRule | None) -> Iterator[str]:
    """Yield what differs of a rule in two policies."""
    if one is None or other is None:
        yield f"only the {'second' if one is None else 'first'} policy applies it"
        return
    for name in sorted(one.parameters.keys() | other.parameters.keys()):
        values = [json.dumps(it.parameters.get(name)) for it in (one, other)]
        if values[0] != values[1]:
            yield f"{name} {values[0]} → {values[1]}"
    if one.status != other.status:
        yield f"status {one.status} → {other.status}"
    if one.citation != other.citation:
        yield "another citation"


def _finding_json_counter_by_flight_and_rule(
    report: ComparableReport,
) -> defaultdict[tuple[str, str], Counter[str]]:
    """Return the findings of each rule on each flight, each as canonical JSON."""
    findings: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for finding in report.findings:
        text = json.dumps(finding.model_dump(mode="json"), sort_keys=True)
        findings[finding.flight, finding.rule][text] += 1
    return findings


def _finding_summary_texts(findings: Counter[str]) -> tuple[str, ...]:
    return tuple(str(json.loads(text)["summary"]) for text in findings.elements())


def _reading_changes_by_file(
    before: ComparableReport, after: ComparableReport
) -> dict[str, tuple[str, ...]]:
    """Return for each file what differs in how it was read."""
    old = {it.name: it for it in before.inputs}
    out = {}
    for now in after.inputs:
        was = old.get(now.name)
        if was is None or was == now:
            continue
        changes = []
        if was.status != now.status:
            changes.append(f"the file was {was.status}, then {now.status}")
        if was.keychain != now.keychain:
            changes.append("another keychain opened the file")
        out[now.name] = tuple(changes)
    return out
