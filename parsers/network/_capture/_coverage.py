"""What a capture could have seen, and what hid names from it."""

from collections import Counter

import numpy as np
import pandas as pd

from ..._model import Watch
from .._encrypted_dns import blind_spot
from ._contacts import Story
from ._ip import TCP, UDP
from ._packets import NO_TIME, Capture
from ._traffic import FOREIGN, Traffic

#: IP protocols that carry other packets inside: IP in IP, GRE, IPsec.
_TUNNELS = (4, 41, 47, 50, 51)


def watch(capture: Capture, traffic: Traffic, story: Story | None) -> Watch:
    """Return what a capture could have seen."""
    times = capture.times[capture.times != NO_TIME]
    cut = int(np.count_nonzero(capture.captured < capture.wire))
    blind: Counter[str] = Counter()
    blind["cut_short"] = cut
    blind["not_ip"] = int(np.count_nonzero(traffic.kind == FOREIGN))
    blind["fragments"] = traffic.torn
    count = unnamed = 0
    if story is not None:
        blind.update(_hidden(story))
        chosen = np.flatnonzero(story.outside).tolist()
        count = len(chosen)
        unnamed = sum(story.names[flow] is None for flow in chosen)
    lengths = [one.snap_length for one in capture.interfaces if one.snap_length]
    kept = int(capture.captured.max()) if cut else None
    return Watch(
        start=_instant(times.min()) if len(times) else None,
        end=_instant(times.max()) if len(times) else None,
        snap_length=min([*lengths, kept]) if kept is not None else None,
        flow_count=count,
        unnamed_flow_count=unnamed,
        blind_spots={name: number for name, number in sorted(blind.items()) if number},
    )


def _hidden(story: Story) -> Counter[str]:
    """Return what hides names, and in how many conversations."""
    flows, found = story.flows, Counter[str]()
    for greeting in story.greetings.values():
        found["ech"] += greeting.hello.ech
        found["esni"] += greeting.hello.esni
    requests = story.words.requests
    over_https = {one.flow for one in requests if one.request.dns}
    other = flows.ports[1]
    for flow in np.flatnonzero(story.outside).tolist():
        protocol, port = int(flows.protocol[flow]), int(other[flow])
        named = story.names[flow]
        transport = {TCP: "tcp", UDP: "udp"}.get(protocol)
        spot = blind_spot(named.host if named else None, port, transport)
        if flow in over_https:
            spot = "doh"
        elif protocol in _TUNNELS:
            spot = "vpn"
        if spot is not None:
            found[spot] += 1
    found["quic_unread"] = len(story.words.sealed)
    found["tls_unread"] = len(story.words.unread)
    return found


def _instant(time: np.int64) -> pd.Timestamp:
    return pd.Timestamp(int(time), unit="ns", tz="UTC")
