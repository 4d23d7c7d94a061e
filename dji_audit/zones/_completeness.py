"""What a zone file holds and what it lacks, in words for people."""

from collections import Counter

from dji_audit.zones._extent import file_extent
from dji_audit.zones._model import ZoneFile


def left_out_text(file: ZoneFile) -> str:
    """Return what of a file was not read as a zone, by reason; empty: nothing that matters."""
    if not file.left_out:
        return ""
    reasons = Counter(item.reason for item in file.left_out)
    told = "; ".join(
        f"{reason}, {count:,} time{'s' * (count > 1)}" for reason, count in reasons.most_common(3)
    )
    more = f"; {len(reasons) - 3} more reasons" if len(reasons) > 3 else ""
    features = "1 feature" if len(file.left_out) == 1 else f"{len(file.left_out):,} features"
    return f"{features} left out, which may stand for zones ({told}{more})"


def completeness_text(file: ZoneFile) -> str:
    """Return where a file is complete, its edition, and what was left out, in one clause."""
    extent = file_extent(file)
    edition = f"edition {file.source.edition}" if file.source.edition else "no edition stated"
    left_out = left_out_text(file)
    return f"{edition}; complete for {extent.text} ({extent.basis})" + (
        f"; {left_out}" if left_out else ""
    )
