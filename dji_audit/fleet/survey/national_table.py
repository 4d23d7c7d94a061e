"""The national table: who replied and who did not, by name, and what the replies add up to.

A figure counts bodies that a survey asked.  Where a body that it concerns did not say, the figure
is a lower bound, and says so.  A correction changes a figure and is kept beside it: both values
stand in the table.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dji_audit.compliance.camera_system_makers import listings_of_maker
from dji_audit.fleet.survey.contradictions import Contradiction
from dji_audit.fleet.survey.declared_return import (
    CameraSystemCategory,
    DeclaredReturn,
    SurveyError,
    build_validated_declared_return,
)
from dji_audit.fleet.survey.observed_fleet import usual_maker_name
from dji_audit.fleet.survey.police_bodies import PoliceBody, PoliceBodyRegister
from dji_audit.fleet.survey.survey_return import SurveyReturn

NATIONAL_SCHEMA = "dji-audit/survey-national/1"
#: The maker that most aircraft of British forces are of, which surveys count by itself.
COUNTED_MAKER = "DJI"
#: The name under which aircraft stand whose maker is not stated.
NOT_STATED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliceBodyReply:
    """One asked body; ``None``: it did not reply, or did not say."""

    body: str
    group: str
    #: Bodies that became part of it before it was asked.
    predecessors: tuple[str, ...]
    #: What it has become by the last day of any return; empty: it is as it was.
    successors: tuple[str, ...]
    replied: bool
    answered_on: dt.date | None = None
    is_late: bool = False
    returns: int = 0
    operates_drones: bool | None = None
    #: Whether that is observed in logs and not declared.
    is_observed: bool = False
    aircraft: int | None = None
    #: Maker -> aircraft; those whose maker is not stated are under "".
    aircraft_by_maker: Mapping[str, int] | None = None
    introduced_on: dt.date | None = None
    #: Partner agencies whose drones fly for it, by name.
    partner_agencies: tuple[str, ...] = ()
    aware_of_concerns: bool | None = None
    dpia: bool | None = None
    #: System -> whether there are concerns about equipment of it.
    concerns: Mapping[str, bool | None] | None = None
    #: System -> whether the body uses it.
    in_use: Mapping[str, bool | None] | None = None
    #: System -> its makers, each by its usual name.
    system_makers: Mapping[str, tuple[str, ...]] | None = None
    flights: int | None = None
    flights_checked: int | None = None
    contradictions: int = 0
    corrections: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalFigure:
    """One figure of the table: how many bodies, of how many, and which."""

    id: str
    text: str
    count: int
    of: int
    #: Bodies of that number that did not say: the count is a lower bound where there are any.
    not_stated: tuple[str, ...]
    bodies: tuple[str, ...]
    #: The count before corrections.
    count_as_first_returned: int

    @property
    def is_lower_bound(self) -> bool:
        """Whether it may be more."""
        return bool(self.not_stated)

    @property
    def value_text(self) -> str:
        """The figure in words, with what it was before corrections."""
        unknown = len(self.not_stated)
        if self.count or not unknown:
            least = "at least " if unknown else ""
            text = f"{least}{self.count} of {self.of}"
        elif unknown >= self.of:
            text = "not stated by any body"
        else:
            text = f"none known; {unknown} of {self.of} did not say"
        first = self.count_as_first_returned
        if first == self.count:
            return text
        return f"{text} ({first} as first returned, later corrected to {self.count or 'none'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerAircraftCount:
    """The aircraft of one maker in all replies."""

    maker: str
    aircraft: int
    bodies: tuple[str, ...]
    aircraft_as_first_returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliceBodiesNamingCameraMaker:
    """The bodies that name a maker for one camera system of their estate."""

    system: CameraSystemCategory
    maker: str
    bodies: tuple[str, ...]
    #: Bodies that named it before corrections.
    bodies_as_first_returned: tuple[str, ...]
    #: Lists of makers of concern that name it on the day on which the bodies were asked.
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftCountOfAllReplies:
    """The aircraft of all replies."""

    aircraft: int
    bodies: int
    #: Bodies that operate drones and did not say how many.
    not_stated: tuple[str, ...]
    aircraft_without_maker: int
    makers: tuple[MakerAircraftCount, ...]

    def aircraft_count_of_maker(self, maker: str) -> int:
        """Return how many aircraft are of a maker."""
        return next((it.aircraft for it in self.makers if it.maker == maker), 0)

    @property
    def value_text(self) -> str:
        """The count in words: a lower bound where somebody did not say."""
        if not self.bodies and self.not_stated:
            return "no return states how many aircraft there are"
        least = "at least " if self.not_stated else ""
        least_maker = "at least " if self.not_stated or self.aircraft_without_maker else ""
        return (
            f"{least}{self.aircraft:,} aircraft of {self.bodies} "
            f"{'body' if self.bodies == 1 else 'bodies'}; "
            f"{least_maker}{self.aircraft_count_of_maker(COUNTED_MAKER):,} {COUNTED_MAKER}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedAnswer:
    """One answer that a body corrected, with both values."""

    body: str
    field: str
    returned: str
    corrected: str
    returned_on: dt.date | None
    corrected_on: dt.date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContradictedByLogs:
    """One answer of a body that its logs contradict."""

    body: str
    contradiction: Contradiction


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSurveyReturn:
    """A return to another survey, under the body that it belongs to now."""

    body: str
    survey: str
    returned_as: str
    answered_on: dt.date | None
    operates_drones: bool | None
    aircraft: int | None
    aircraft_by_maker: Mapping[str, int] | None
    aware_of_concerns: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedReturn:
    """A return that counts for nothing in this table, and why."""

    file: str
    body: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalSurveyResults:
    """All of it."""

    survey: str
    asked_on: dt.date
    closed_on: dt.date | None
    replies: tuple[PoliceBodyReply, ...]
    figures: tuple[NationalFigure, ...]
    fleet: AircraftCountOfAllReplies
    system_makers: tuple[PoliceBodiesNamingCameraMaker, ...]
    corrections: tuple[CorrectedAnswer, ...]
    contradictions: tuple[AnswerContradictedByLogs, ...]
    earlier: tuple[EarlierSurveyReturn, ...]
    uncounted: tuple[UncountedReturn, ...]

    @property
    def names_of_bodies_without_reply(self) -> tuple[str, ...]:
        """The bodies that did not reply, by name."""
        return tuple(it.body for it in self.replies if not it.replied)

    def figure(self, figure_id: str) -> NationalFigure:
        """Return one figure.

        Raises:
            KeyError: If there is none of that id.
        """
        for each in self.figures:
            if each.id == figure_id:
                return each
        raise KeyError(figure_id)


@dataclass(frozen=True, slots=True)
class _ReturnsOfBody:
    """The returns of one body to one survey, the first one first."""

    body: PoliceBody
    returns: tuple[SurveyReturn, ...]

    @property
    def last(self) -> SurveyReturn:
        return self.returns[-1]


def combine_returns_into_national_table(
    returns: Sequence[SurveyReturn],
    bodies: PoliceBodyRegister,
    *,
    survey: str | None = None,
    asked_on: dt.date | None = None,
    closed_on: dt.date | None = None,
) -> NationalSurveyResults:
    """Return the national table of a survey.

    Args:
        returns: Returns of any surveys; those of others than this one are its history.
        bodies: The list of bodies.
        survey: Name of the survey; ``None``: that of the return that was answered last.
        asked_on: Day on which the bodies were asked: those that existed then are asked; ``None``:
            the first day on which one answered.
        closed_on: Last day for returns; later ones count, and are marked as late.

    Raises:
        SurveyError: If there is no return of that survey, no day is known, or two different
            returns of one body have the same day and revision.
    """
    name = survey if survey is not None else _name_of_latest_survey(returns)
    own = [it for it in returns if (it.declared.about.survey or "") == name]
    if not own:
        raise SurveyError(f"there is no return to a survey of the name {name}")
    days = [day for it in own if (day := it.declared.about.answered_on) is not None]
    first_day = asked_on or min(days, default=None)
    if first_day is None:
        raise SurveyError("no return states the day on which it was answered: name a day")
    asked = bodies.bodies_asked_on(first_day)
    replies, uncounted = _returns_by_asked_body_and_uncounted(own, asked, bodies, first_day)
    latest_day = max([*days, first_day])
    before = {it.body.name: _answers_of_body_before_corrections(it) for it in replies.values()}
    corrections = tuple(
        correction
        for name in sorted(replies)
        for correction in _find_corrected_answers(replies[name])
    )
    rows = tuple(
        _police_body_reply(
            body,
            replies.get(body.name),
            bodies,
            latest_day,
            closed_on,
            sum(it.body == body.name for it in corrections),
        )
        for body in asked
    )
    first_rows = tuple(
        row
        if row.body not in before
        else _body_reply_with_return_answers(row, before[row.body], replies[row.body].last)
        for row in rows
    )
    return NationalSurveyResults(
        survey=name,
        asked_on=first_day,
        closed_on=closed_on,
        replies=rows,
        figures=tuple(_national_figures(rows, first_rows)),
        fleet=_count_national_aircraft(rows, first_rows),
        system_makers=tuple(_rows_of_bodies_naming_each_camera_maker(rows, first_rows, first_day)),
        corrections=corrections,
        contradictions=tuple(
            AnswerContradictedByLogs(body=name, contradiction=it)
            for name in sorted(replies)
            for it in replies[name].last.contradictions
        ),
        earlier=_returns_to_other_surveys(returns, name, bodies, first_day),
        uncounted=tuple(uncounted),
    )


def _name_of_latest_survey(returns: Sequence[SurveyReturn]) -> str:
    if not returns:
        raise SurveyError("no returns")
    return max(returns, key=lambda it: it.date_and_revision_sort_key).declared.about.survey or ""


def _returns_by_asked_body_and_uncounted(
    returns: Sequence[SurveyReturn],
    asked: Sequence[PoliceBody],
    bodies: PoliceBodyRegister,
    asked_on: dt.date,
) -> tuple[dict[str, _ReturnsOfBody], list[UncountedReturn]]:
    """Return the returns of each asked body in their order, and those that do not count."""
    names = {it.name for it in asked}
    grouped: dict[str, list[SurveyReturn]] = defaultdict(list)
    uncounted = []
    for each in returns:
        body = bodies.find(each.body)
        if body is not None and body.name in names:
            grouped[body.name].append(each)
            continue
        if not each.body:
            reason = "it does not name its body"
        elif body is None:
            reason = bodies.unknown_name_text(each.body)
        elif not body.exists_on(asked_on):
            reason = bodies.no_longer_exists_text(body, asked_on)
            if parts := bodies.all_predecessors_of(body):
                reason += f"; it took over from {', '.join(it.name for it in parts)}"
        else:
            reason = f"the survey does not ask {body.name}"
        uncounted.append(UncountedReturn(file=each.name_in_messages, body=each.body, reason=reason))
    return {
        name: _ReturnsOfBody(
            bodies.find(name) or own_body, tuple(_returns_in_order_without_duplicates(name, own))
        )
        for name, own in grouped.items()
        for own_body in asked
        if own_body.name == name
    }, uncounted


def _returns_in_order_without_duplicates(
    name: str, returns: Sequence[SurveyReturn]
) -> list[SurveyReturn]:
    """Return the returns of a body, each once, the first one first.

    Raises:
        SurveyError: If it cannot be known which of two counts.
    """
    ordered: list[SurveyReturn] = []
    for each in sorted(returns, key=lambda it: it.date_and_revision_sort_key):
        if ordered and ordered[-1].date_and_revision_sort_key == each.date_and_revision_sort_key:
            if ordered[-1].declared != each.declared:
                raise SurveyError(
                    f"{ordered[-1].name_in_messages} and {each.name_in_messages} are two different "
                    f"returns of {name} of one day: give the one that counts a higher revision"
                )
            # The one that was built with logs says more.
            if each.observed is not None:
                ordered[-1] = each
            continue
        ordered.append(each)
    return ordered


def _police_body_reply(
    body: PoliceBody,
    replies: _ReturnsOfBody | None,
    bodies: PoliceBodyRegister,
    latest_day: dt.date,
    closed_on: dt.date | None,
    corrections: int,
) -> PoliceBodyReply:
    now = tuple(it.name for it in bodies.successors_on(body, latest_day) if it.name != body.name)
    row = PoliceBodyReply(
        body=body.name,
        group=body.group,
        predecessors=tuple(it.name for it in bodies.all_predecessors_of(body)),
        successors=now,
        replied=replies is not None,
    )
    if replies is None:
        return row
    last = replies.last
    observed = last.observed
    answered = last.declared.about.answered_on
    first_answered = replies.returns[0].declared.about.answered_on
    return replace(
        _body_reply_with_return_answers(row, last.declared, last),
        answered_on=answered,
        is_late=closed_on is not None and first_answered is not None and first_answered > closed_on,
        returns=len(replies.returns),
        flights=None if observed is None else observed.flights,
        flights_checked=None if observed is None else observed.flights_checked,
        contradictions=len(last.contradictions),
        corrections=corrections,
    )


def _body_reply_with_return_answers(
    row: PoliceBodyReply, declared: DeclaredReturn, built: SurveyReturn
) -> PoliceBodyReply:
    """Return a row with the answers of a return; where it is silent, with what its logs show."""
    observed = built.observed
    operates = declared.drones.operated
    is_observed = operates is None and observed is not None and observed.flights > 0
    by_maker = _aircraft_counts_of_one_body_by_maker(declared, built)
    return replace(
        row,
        operates_drones=True if is_observed else operates,
        is_observed=is_observed,
        aircraft=None if by_maker is None else sum(by_maker.values()),
        aircraft_by_maker=by_maker,
        introduced_on=declared.drones.introduced_on,
        partner_agencies=tuple(
            sorted({name for it in declared.partner if (name := it.name) is not None})
        ),
        aware_of_concerns=declared.drones.aware_of_concerns,
        dpia=declared.drones.dpia,
        concerns={
            it.value: _has_concerns_on_camera_system(declared, it) for it in CameraSystemCategory
        },
        in_use={
            it.value: declared.answers_on_camera_system(it).in_use for it in CameraSystemCategory
        },
        system_makers={
            it.value: tuple(
                sorted(
                    set(map(usual_maker_name, declared.answers_on_camera_system(it).makers or ()))
                )
            )
            for it in CameraSystemCategory
        },
    )


def _has_concerns_on_camera_system(
    declared: DeclaredReturn, system: CameraSystemCategory
) -> bool | None:
    answers = declared.answers_on_camera_system(system)
    # A system that is not in use raises no concern; of one that is, silence says nothing.
    return False if answers.in_use is False else answers.concerns


def _aircraft_counts_of_one_body_by_maker(
    declared: DeclaredReturn, built: SurveyReturn
) -> dict[str, int] | None:
    """Return maker -> aircraft of the body in use; ``None``: neither declared nor observed."""
    drones = declared.drones
    counts: dict[str, int] = defaultdict(int)
    entries = declared.aircraft_in_use()
    for entry in entries:
        maker = usual_maker_name(entry.maker) if entry.maker else NOT_STATED
        if entry.count is None and entry.serials is None:
            if drones.aircraft_count is None:
                return None
            continue
        counts[maker] += entry.count if entry.count is not None else len(entry.serials or ())
    total = drones.aircraft_count
    if total is not None and total > sum(counts.values()):
        counts[NOT_STATED] += total - sum(counts.values())
    if entries or declared.aircraft or total is not None:
        return {maker: count for maker, count in sorted(counts.items()) if count}
    if drones.operated is False:
        return {}
    if built.observed is not None and built.observed.aircraft:
        return {maker: len(own) for maker, own in built.observed.aircraft_by_maker().items()}
    return None


def _answers_of_body_before_corrections(replies: _ReturnsOfBody) -> DeclaredReturn:
    """Return the answers of a body before any correction."""
    first = replies.returns[0]
    texts = {it.field: it.declared for it in first.answers}
    values = first.declared.model_dump(mode="json", by_alias=True, exclude_none=True)
    for built in replies.returns:
        for correction in built.declared.correction:
            field, returned = correction.field or "", correction.returned
            table, _, key = field.partition(".")
            is_stated = texts.get(field) in (correction.corrected, None)
            if returned is None or table not in _CORRECTED_TABLES or not is_stated:
                continue
            values.setdefault(table, {})[key] = _parse_answer_value(returned)
    try:
        return build_validated_declared_return(values, first.file.name)
    except SurveyError as error:
        raise SurveyError(
            f"{first.name_in_messages}: a [[correction]] does not fit its answer: {error}"
        ) from error


#: Tables of which a correction can name a key.
_CORRECTED_TABLES = frozenset({"drones", *(it.value for it in CameraSystemCategory)})


def _parse_answer_value(text: str) -> object:
    """Return the value that an answer in words stands for."""
    words = text.strip()
    known: dict[str, object] = {"yes": True, "true": True, "no": False, "false": False}
    if words.casefold() in known:
        return known[words.casefold()]
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else words


def _find_corrected_answers(replies: _ReturnsOfBody) -> Iterator[CorrectedAnswer]:
    """Yield every answer that a later return changes, and those that a return names itself."""
    named: dict[tuple[str, str], CorrectedAnswer] = {}
    for built in replies.returns:
        about = built.declared.about
        for each in built.declared.correction:
            if each.field is None or each.returned is None or each.corrected is None:
                continue
            named[each.field, each.corrected] = CorrectedAnswer(
                body=replies.body.name,
                field=each.field,
                returned=each.returned,
                corrected=each.corrected,
                returned_on=None,
                corrected_on=each.corrected_on or about.answered_on,
                reason=each.reason or "",
            )
    for before, after in pairwise(replies.returns):
        later = {it.field: it.declared for it in after.answers}
        for answer in before.answers:
            corrected = later.get(answer.field)
            if answer.field.startswith("return.") or answer.declared in (None, corrected):
                continue
            text = corrected if corrected is not None else "left out"
            known = named.pop((answer.field, text), None)
            yield CorrectedAnswer(
                body=replies.body.name,
                field=answer.field,
                returned=answer.declared or "",
                corrected=text,
                returned_on=before.declared.about.answered_on,
                corrected_on=after.declared.about.answered_on
                if known is None
                else known.corrected_on,
                reason="" if known is None else known.reason,
            )
    yield from named.values()


_BodyPredicate = Callable[[PoliceBodyReply], bool | None]


def _national_figures(
    rows: Sequence[PoliceBodyReply], first_rows: Sequence[PoliceBodyReply]
) -> Iterator[NationalFigure]:
    """Yield every figure, from the replies as they are and as they were first returned."""
    asked: _BodyPredicate = lambda row: True  # noqa: E731 - a table of predicates
    replied: _BodyPredicate = lambda row: row.replied  # noqa: E731
    operates: _BodyPredicate = lambda row: row.replied and row.operates_drones  # noqa: E731
    questions: list[tuple[str, str, _BodyPredicate, _BodyPredicate]] = [
        ("replied", "replied", asked, replied),
        ("not_replied", "did not reply", asked, lambda row: not row.replied),
        (
            "operates_drones",
            "operate drones with cameras",
            replied,
            lambda row: row.operates_drones,
        ),
        (
            "aware_of_concerns",
            "are aware of concerns about the maker, of those who operate drones",
            operates,
            lambda row: row.aware_of_concerns,
        ),
        (
            "operates_counted_maker",
            f"operate {COUNTED_MAKER}, of those who operate drones",
            operates,
            _operates_aircraft_of_counted_maker,
        ),
        (
            "dpia",
            "have a data protection impact assessment, of those who operate drones",
            operates,
            lambda row: row.dpia,
        ),
    ]
    for system in CameraSystemCategory:
        questions.append(
            (
                f"{system.value}_in_use",
                f"use {system.words}",
                replied,
                _camera_system_column_predicate("in_use", system),
            )
        )
        questions.append(
            (
                f"{system.value}_concerns",
                f"have {system.words} with equipment about which there are concerns",
                replied,
                _camera_system_column_predicate("concerns", system),
            )
        )
    questions.append(
        (
            "contradicted",
            "have an answer that their logs contradict, of those whose return holds audits",
            lambda row: row.replied and row.flights is not None,
            lambda row: row.contradictions > 0,
        )
    )
    for figure_id, text, population, says in questions:
        # Whether some are asked may not be known either, such as who operates drones.
        concerned = [row for row in rows if population(row) is not False]
        certain = [row for row in concerned if population(row)]
        yes = [row.body for row in certain if says(row)]
        unknown = [row.body for row in concerned if population(row) is None or says(row) is None]
        yield NationalFigure(
            id=figure_id,
            text=text,
            count=len(yes),
            of=len(certain),
            not_stated=tuple(unknown),
            bodies=tuple(yes),
            count_as_first_returned=sum(bool(population(row) and says(row)) for row in first_rows),
        )


def _camera_system_column_predicate(column: str, system: CameraSystemCategory) -> _BodyPredicate:
    """Return what a column that holds a value for each system says of one."""

    def says(row: PoliceBodyReply) -> bool | None:
        values: Mapping[str, bool | None] | None = getattr(row, column)
        return None if values is None else values.get(system.value)

    return says


def _operates_aircraft_of_counted_maker(row: PoliceBodyReply) -> bool | None:
    counts = row.aircraft_by_maker
    if counts is None:
        return None
    if counts.get(COUNTED_MAKER):
        return True
    return None if counts.get(NOT_STATED) else False


def _count_national_aircraft(
    rows: Sequence[PoliceBodyReply], first_rows: Sequence[PoliceBodyReply]
) -> AircraftCountOfAllReplies:
    totals: dict[str, int] = defaultdict(int)
    first_totals: dict[str, int] = defaultdict(int)
    bodies: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for maker, count in (row.aircraft_by_maker or {}).items():
            totals[maker] += count
            bodies[maker].append(row.body)
    for row in first_rows:
        for maker, count in (row.aircraft_by_maker or {}).items():
            first_totals[maker] += count
    without_maker = totals.pop(NOT_STATED, 0)
    makers = sorted({*totals, *first_totals} - {NOT_STATED}, key=lambda it: (-totals[it], it))
    return AircraftCountOfAllReplies(
        aircraft=sum(row.aircraft or 0 for row in rows),
        bodies=sum(bool(row.aircraft) for row in rows),
        not_stated=tuple(
            row.body
            for row in rows
            if row.replied and row.operates_drones is not False and row.aircraft is None
        ),
        aircraft_without_maker=without_maker,
        makers=tuple(
            MakerAircraftCount(
                maker=maker,
                aircraft=totals[maker],
                bodies=tuple(bodies[maker]),
                aircraft_as_first_returned=first_totals[maker],
            )
            for maker in makers
        ),
    )


def _rows_of_bodies_naming_each_camera_maker(
    rows: Sequence[PoliceBodyReply], first_rows: Sequence[PoliceBodyReply], day: dt.date
) -> Iterator[PoliceBodiesNamingCameraMaker]:
    """Yield who names which maker, system by system, the most frequent maker first."""
    for system in CameraSystemCategory:
        now, first = (
            _police_body_names_by_camera_maker(of_returns, system.value)
            for of_returns in (rows, first_rows)
        )
        for maker in sorted({*now, *first}, key=lambda it: (-len(now.get(it, ())), it)):
            yield PoliceBodiesNamingCameraMaker(
                system=system,
                maker=maker,
                bodies=tuple(now.get(maker, ())),
                bodies_as_first_returned=tuple(first.get(maker, ())),
                lists=tuple(sorted({it.list for it in listings_of_maker(maker, day)})),
            )


def _police_body_names_by_camera_maker(
    rows: Sequence[PoliceBodyReply], system: str
) -> dict[str, list[str]]:
    bodies: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for maker in (row.system_makers or {}).get(system, ()):
            bodies[maker].append(row.body)
    return dict(bodies)


def _returns_to_other_surveys(
    returns: Sequence[SurveyReturn], survey: str, bodies: PoliceBodyRegister, asked_on: dt.date
) -> tuple[EarlierSurveyReturn, ...]:
    """Return the returns to other surveys, each under every body that it is part of now."""
    rows = []
    for each in returns:
        about = each.declared.about
        body = bodies.find(each.body)
        if (about.survey or "") == survey or body is None:
            continue
        by_maker = _aircraft_counts_of_one_body_by_maker(each.declared, each)
        rows += [
            EarlierSurveyReturn(
                body=now.name,
                survey=about.survey or "",
                returned_as=body.name,
                answered_on=about.answered_on,
                operates_drones=each.declared.drones.operated,
                aircraft=None if by_maker is None else sum(by_maker.values()),
                aircraft_by_maker=by_maker,
                aware_of_concerns=each.declared.drones.aware_of_concerns,
            )
            for now in bodies.successors_on(body, asked_on) or (body,)
        ]
    return tuple(
        sorted(rows, key=lambda it: (it.body, it.answered_on or dt.date.min, it.returned_as))
    )
