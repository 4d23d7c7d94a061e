"""No position was disclosed to an RTK correction service.

A network RTK service computes corrections for the position of the receiver, so the receiver
sends its position repeatedly.  A contact with a known caster, an NTRIP conversation, or any
bytes sent to the NTRIP port (2101) show this.  List the caster that the unit has chosen in
``allowed_hosts``.
"""

from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared._example_flights import (
    CAPTURE_TOO_SHORT,
    example_flight_with_contacts,
    example_tls_contact,
)
from dji_audit.compliance.rules._shared._network_rules import build_streaming_service_rule

_CASTER = example_tls_contact("dps.djiservice.org", port=2101, protocol="tcp")
_CHOSEN_CASTER = {"allowed_hosts": ["djiservice.org"]}

_EXAMPLES = (
    example_flight_with_contacts(Outcome.FAIL, "a contact with the caster of the maker", _CASTER),
    example_flight_with_contacts(
        Outcome.PASS,
        "a contact with the caster that the unit has chosen",
        _CASTER,
        parameters=_CHOSEN_CASTER,
    ),
    CAPTURE_TOO_SHORT,
)
RULE = build_streaming_service_rule(
    "rtk_position_disclosure",
    "No position was disclosed to an RTK correction service",
    category="ntrip_rtk",
    protocols=frozenset({"ntrip", "rtcm"}),
    min_bytes=lambda _parameters: 1,
    no_contact_reason="There was no contact with an RTK caster.",
    contact_reason="The position may have been disclosed to",
    examples=_EXAMPLES,
)
