"""The text that a stranger to dji-audit reads first in a dossier."""

from dji_audit.common.case_details import CaseDetails
from dji_audit.dossier.action_record import RECORD_FILE
from dji_audit.dossier.manifest_model_and_reader import MANIFEST_FILE, SIGNATURE_FILE, SUMS_FILE

READ_ME_FILE = "READ_ME_FIRST.txt"

UNSIGNED = (
    "This dossier is not signed. Whoever can change the archive can also change the manifest and "
    "the sums, so that they agree again. What cannot be changed afterwards is a hash that was "
    f"written down elsewhere: note the SHA-256 of {MANIFEST_FILE} when the dossier is made, and "
    "compare it."
)
SIGNED = (
    f"The manifest is signed (Ed25519, {SIGNATURE_FILE}). Compare the public key with that of the "
    "person who signed: the key inside shows only that one key signed everything."
)


def read_me_text_as_bytes(case: CaseDetails, *, is_signed: bool, has_originals: bool) -> bytes:
    """Return the text, wrapped, with the line ends that every editor shows."""
    heads = [f"{label}: {value}" for label, value in case.labelled_values()]
    originals = (
        "The evidence itself is in the folder originals: dji-audit verify repeats the audit on "
        "it and compares every result."
        if has_originals
        else "The evidence itself is not inside. The manifest names each file of it with its "
        "SHA-256."
    )
    paragraphs = [
        "DOSSIER OF DJI-AUDIT",
        *heads,
        "Open index.html in any browser. The pages load nothing and send nothing. Each flight has "
        "a page and, where PDF could be made, sheets to print (PDF) in the folder flights.",
        originals,
        "HOW TO CHECK IT",
        "With dji-audit, all of it:   dji-audit verify NAME.zip",
        f"Without it, on Linux:   unzip NAME.zip, then   sha256sum -c {SUMS_FILE}",
        "Without it, on Windows:   unpack it, then   certutil -hashfile FILE SHA256   and compare "
        f"with the line of the file in {SUMS_FILE}. In the folder of the unpacked dossier, for "
        "one file after the other:   certutil -hashfile manifest.json SHA256",
        SIGNED if is_signed else UNSIGNED,
        f"{MANIFEST_FILE} lists every file that went in and came out, the versions and hashes of "
        "the tool, its packages, the policy, the catalogue and the lists used, and the options. "
        f"{RECORD_FILE} lists what was done, step by step; each line holds the hash of the line "
        "before it.",
        "Members are stored without compression, with the same date, so that the same evidence "
        "gives the same archive.",
    ]
    return "".join(f"{_wrap_read_me_text(text)}\r\n\r\n" for text in paragraphs).encode()


def _wrap_read_me_text(text: str) -> str:
    from textwrap import wrap

    return "\r\n".join(wrap(text, 78, break_long_words=False, break_on_hyphens=False))
