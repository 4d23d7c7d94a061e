"""There is no sign that flight data went to a server.

Signs are a contact with a host that accepts flight records, media or telemetry; a contact
with an MQTT broker of a fleet service that is not among ``allowed_hosts``; and more bytes than
a request needs, sent to a host of a maker whose purpose is not known.  A name alone is a
*contact*.  Bytes sent after the flight began make it a *probable upload*; an upload path in
decrypted traffic makes it a *confirmed upload*.  A finding never claims more.

A flight log is not a network capture: host names in it, marks of records that are still to be
sent, and accounts are *indicators* and break nothing.  Host names are taken only from texts that
a program wrote, never from names that a pilot typed.  Without network logs of the window the
rule is ``not_assessable`` and never passes.
"""

from collections.abc import Iterator

from pydantic import Field

from dji_audit.compliance.findings import Finding
from dji_audit.compliance.network import CatalogueMatcher, HostContacts
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules._shared._example_flights import (
    MAPS,
    UPLOAD,
    example_flight_with_contacts,
)
from dji_audit.compliance.rules._shared._flight_evidence import evidence_of_record_in_flight_log
from dji_audit.compliance.rules._shared._network_rules import (
    HostCategories,
    NetworkRuleParameters,
    breach_and_informational_host_findings,
    build_network_rule,
    catalogue_operator_and_purpose_text,
    contact_describing_function,
    host_list_text,
    logged_network_setting_remarks,
    network_rule_inputs,
    text_of_what_shows_conversation_kind,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, RuleInputs
from dji_audit.flights import Flight

#: Grade of a name or a mark in a log; weaker than any contact.
INDICATOR = "indicator"
#: Protocols between pilot apps or docks and a fleet service that the unit chooses.
_BROKERS = frozenset({"mqtt", "mqtts"})


class DataSyncEndpointParameters(NetworkRuleParameters):
    """Parameters of the rule."""

    categories: HostCategories = Field(
        default_factory=lambda: [
            "cloud_storage",
            "fleet_cloud",
            "flight_record_sync",
            "media_sync",
            "regulator_reporting",
            "telemetry_analytics",
        ],
        description="Categories of hosts that accept flight data.",
    )


def check(
    flight: Flight, parameters: DataSyncEndpointParameters, inputs: RuleInputs
) -> CheckResult:
    """Match contacts and names with the catalogue, and list signs of a synchronisation."""
    host_check = network_rule_inputs(flight, parameters, inputs)
    categories = frozenset(parameters.categories)

    def broker_port_text(contact: HostContacts) -> str:
        catalogue, min_bytes = inputs.context.catalogue, parameters.upload_bytes
        return (
            text_of_what_shows_conversation_kind(
                contact,
                category="fleet_cloud",
                protocols=_BROKERS,
                catalogue=catalogue,
                min_bytes=min_bytes,
            )
            if contact.is_external
            else ""
        )

    def is_data_sync(contact: HostContacts) -> bool:
        is_large = contact.max_bytes_up >= parameters.upload_bytes
        return (
            contact.catalogue_match.has_any_of_categories(categories)
            or (contact.catalogue_match.is_of_unknown_purpose and is_large)
            or bool(broker_port_text(contact))
        )

    breaches, informational = breach_and_informational_host_findings(
        host_check, is_data_sync, contact_describing_function(broker_port_text)
    )
    informational += [
        host_check.finding(
            contact,
            catalogue_operator_and_purpose_text(contact.catalogue_match),
            severity=Severity.REMARK,
        )
        for contact in host_check.hosts
        if not is_data_sync(contact) and categories & set(contact.catalogue_match.categories)
    ]
    informational += _findings_of_hosts_named_in_logs(
        flight, CatalogueMatcher(inputs.context.catalogue, parameters.low_confidence), inputs
    )
    informational += logged_network_setting_remarks(flight, ("sync", "account"), inputs, INDICATOR)
    return host_check.check_result(
        breaches,
        informational,
        "There was no contact with a host that accepts flight data.",
        f"Contacts with hosts that accept flight data: {host_list_text(breaches)}.",
    )


def _findings_of_hosts_named_in_logs(
    flight: Flight, reader: CatalogueMatcher, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield the hosts that the logs of the flight name as text, known or not."""
    # A log names each host once: the finding belongs to its first flight.
    for number, source in enumerate(flight.sources):
        for mention in source.log.host_references if source.segment_number == 1 else ():
            catalogue = reader.match(mention.host, None)
            log_bytes = evidence_of_record_in_flight_log(
                flight,
                offset=mention.source_offset,
                record=mention.record,
                field="text",
                value=mention.text,
                source_index=number,
            )
            yield inputs.finding(
                f"The text of a record {mention.record} of {source.log.source.name} names "
                f"{mention.host}{catalogue_operator_and_purpose_text(catalogue)}; "
                "a name is not a contact.",
                severity=Severity.REMARK,
                grade=INDICATOR,
                evidence=(log_bytes,),
                subject=mention.host,
                informational=True,
            )


_EXAMPLES = (
    example_flight_with_contacts(Outcome.FAIL, "a flight record sent after landing", UPLOAD),
    example_flight_with_contacts(Outcome.PASS, "a map fetched, and nothing else", MAPS),
    example_flight_with_contacts(
        Outcome.NOT_ASSESSABLE, "a capture that ends with the flight", MAPS, hours=0.5
    ),
)
RULE = build_network_rule(
    "data_sync_endpoint",
    "No sign that flight data went to a server",
    DataSyncEndpointParameters,
    check,
    _EXAMPLES,
    "Contacts of network logs and of the logs of the flight; host names, upload and account marks.",
)
