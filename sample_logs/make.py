"""Write the sample logs: ``python sample_logs/make.py [OUTDIR]``.

Everything is synthetic and every run writes the same bytes.  No reader is imported here: the
samples come from descriptions of the formats, so that reading them back proves something.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

if not __package__:  # run as a script: the folder above holds this one
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample_logs import dji_bodies, jpeg
from sample_logs.case import write_case
from sample_logs.dji_cloud import write_dji_cloud
from sample_logs.dji_csv import write_dji_csv
from sample_logs.dji_dat import write_dji_dat
from sample_logs.dji_flight import ANDROID, DJI_FLY, App, entries, summarise
from sample_logs.dji_mrk import write_dji_mrk
from sample_logs.dji_photo import write_dji_photo
from sample_logs.dji_srt import write_dji_srt
from sample_logs.dji_txt import Encoded, fake_keys, keychains_json, lay_out
from sample_logs.dji_video import write_dji_video
from sample_logs.klv import write_klv
from sample_logs.mavlink_dataflash import write_mavlink_dataflash
from sample_logs.mavlink_tlog import write_mavlink_tlog
from sample_logs.mavlink_ulog import write_mavlink_ulog
from sample_logs.network_disclosure import write_network_disclosure
from sample_logs.network_files import write_network_files
from sample_logs.network_logs import write_network_logs
from sample_logs.network_pcap import write_network_captures
from sample_logs.network_resolvers import write_network_resolvers
from sample_logs.network_zeek import write_network_zeek
from sample_logs.other_makers import write_other_makers
from sample_logs.remote_id import write_remote_id
from sample_logs.story import Story, tell
from sample_logs.tracks import write_tracks
from sample_logs.truth import TRUTH_SCHEMA, Damage, state
from sample_logs.unit_files import write_unit_files
from sample_logs.zone_files import write_zone_files

STEM = "DJIFlightRecord_2026-05-14_[10-01-58]"
GO_4 = App(ANDROID, (4, 3, 64))
FLY = App(DJI_FLY, (1, 9, 0))
HOLE = 4096
ABOUT = "What is true of each synthetic sample log. Written by sample_logs/make.py."


def main(arguments: list[str]) -> int:
    """Write all samples and ``truth.json`` into the folder named, or into this one."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    truths: dict[str, Any] = {}
    for writer in (
        write_dji_txt,
        write_dji_dat,
        write_dji_srt,
        write_dji_video,
        write_dji_photo,
        write_dji_mrk,
        write_dji_csv,
        write_mavlink_tlog,
        write_mavlink_dataflash,
        write_mavlink_ulog,
        write_zone_files,
        write_unit_files,
        write_remote_id,
    ):
        truths |= writer(folder, tell())
    truths |= write_dji_cloud(folder)
    truths |= write_other_makers(folder)
    truths |= write_klv(folder)
    truths |= write_tracks(folder)
    network = folder / "network"
    network.mkdir(exist_ok=True)
    for writer in (
        write_network_zeek,
        write_network_captures,
        write_network_logs,
        write_network_files,
        write_network_resolvers,
        write_network_disclosure,
    ):
        truths |= writer(network, tell())
    write_case(folder / "case", story=tell())
    document = {"schema": TRUTH_SCHEMA, "about": ABOUT, "files": truths}
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return 0


def write_dji_txt(folder: Path, story: Story) -> dict[str, Any]:
    """Write the flight as DJI app records v11 and v14 and as a damaged v11; return what is true."""
    encode = partial(lay_out, pictures=[jpeg.tiny(8, 8)], thumbnails=[jpeg.tiny(1, 1)])
    old, new = entries(story, GO_4), entries(story, FLY)

    bodies = [(e.type, e.body) for e in old]
    whole = encode(11, bodies, details=summarise(story, GO_4))
    keys = [fake_keys(14, {e.type for e in new}, STEM)]
    bodies = [(e.type, e.body) for e in new]
    sealed = encode(14, bodies, details=summarise(story, FLY), keys=keys)
    broken, damage = break_record(whole)

    names = f"{STEM}.txt", f"{STEM}_v14.txt", f"{STEM}_damaged.txt"
    for name, data in zip(names, (whole.data, sealed.data, broken), strict=True):
        (folder / name).write_bytes(data)
    (folder / f"{names[1]}.keychains.json").write_text(keychains_json(keys), newline="\n")
    return {
        names[0]: state(11, whole.data, story, old, whole),
        names[1]: state(14, sealed.data, story, new, sealed),
        names[2]: state(11, broken, story, old, whole, damage),
    }


def break_record(whole: Encoded) -> tuple[bytes, list[Damage]]:
    """Return a v11 record with a length bit flipped, a hole of zeros and its last sixth cut off."""
    data = bytearray(whole.data)
    flipped = next(
        frame
        for frame in whole.frames
        if frame.type == dji_bodies.OSD and frame.offset > len(data) // 4
    )
    was = data[flipped.offset + 1]
    data[flipped.offset + 1] ^= 0x10
    hole = len(data) // 2 // HOLE * HOLE
    data[hole : hole + HOLE] = bytes(HOLE)
    cut = len(data) * 5 // 6
    return bytes(data[:cut]), [
        Damage("length flipped", flipped.offset + 1, 1, f"{was} became {was ^ 0x10}"),
        Damage("zeros", hole, HOLE, "a lost block: every byte is 0"),
        Damage("cut", cut, len(data) - cut, "the file ends here; its Details are gone"),
    ]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
