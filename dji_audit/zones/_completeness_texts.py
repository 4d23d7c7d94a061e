"""What a zone file holds and what it lacks, in words for people."""

from collections import Counter

from dji_audit.zones._completeness_area import completeness_area_of_zone_file
from dji_audit.zones._model import SkippedItem, ZoneFile

#: By these words a clause says that a file is incomplete.
LEFT_OUT_WORDS = "left out, which may stand for zones"
#: Left-out features that are named in one clause.
_MOST_NAMED = 3


def skipped_possible_zones_text(file: ZoneFile) -> str:
    """Return what of a file was not read as a zone, the first by name; empty: nothing matters."""
    left_out = file.skipped_items_that_may_be_zones
    if not left_out:
        return ""
    # Of features with the same fault, as 98 heliports drawn as points, one is named for all.
    firsts: dict[str, SkippedItem] = {}
    for item in left_out:
        firsts.setdefault(item.reason, item)
    counts = Counter(item.reason for item in left_out)
    named = []
    for reason, count in counts.most_common(_MOST_NAMED):
        others = f" and {count - 1:,} more" if count > 1 else ""
        named.append(f"{skipped_item_position_text(firsts[reason])}{others}: {reason}")
    more = len(counts) - len(named)
    named += [f"{more:,} more reasons" if more > 1 else "1 more reason"] * (more > 0)
    features = "1 feature" if len(left_out) == 1 else f"{len(left_out):,} features"
    return f"{features} {LEFT_OUT_WORDS} ({'; '.join(named)})"


def skipped_item_position_text(item: SkippedItem) -> str:
    """Return the name of a skipped item with its position: "R 210, line 57"."""
    return f"{item.name}, {item.path}" if item.name else item.path


def completeness_text(file: ZoneFile) -> str:
    """Return where a file is complete, its edition, and what was left out, in one clause."""
    extent = completeness_area_of_zone_file(file)
    edition = f"edition {file.source.edition}" if file.source.edition else "no edition stated"
    left_out = skipped_possible_zones_text(file)
    return f"{edition}; complete for {extent.bounds_text} ({extent.basis})" + (
        f"; {left_out}" if left_out else ""
    )
