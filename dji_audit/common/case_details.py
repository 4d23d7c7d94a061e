"""What a person states of the police case that results belong to: it stands on every sheet."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

#: Longest text of one detail, in characters: each stands in the head of every sheet.
MAX_DETAIL_LENGTH = 120


class CaseDetailsError(Exception):
    """A detail of the case cannot be printed; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetails:
    """The reference of a case, the number of the exhibit, and who made the results.

    An empty text: not stated.
    """

    reference: str = ""
    exhibit: str = ""
    made_by: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is stated."""
        return bool(self.reference or self.exhibit or self.made_by)

    def labelled_values(self) -> Iterator[tuple[str, str]]:
        """Yield each detail that is stated, with its label."""
        for label, value in (
            ("Case", self.reference),
            ("Exhibit", self.exhibit),
            ("Made by", self.made_by),
        ):
            if value:
                yield label, value

    def to_json_object(self) -> dict[str, str | None] | None:
        """Return the details for a document, null for one not stated; ``None``: none is."""
        return {name: text or None for name, text in asdict(self).items()} if self else None


#: Nothing is stated.
NO_CASE_DETAILS = CaseDetails()


def checked_case_details(
    reference: str | None, exhibit: str | None, made_by: str | None
) -> CaseDetails:
    """Return the details that a person stated, without blanks around them.

    Raises:
        CaseDetailsError: If one of them is too long, or holds a character that prints nothing.
    """
    details = []
    for name, text in (
        ("case reference", reference),
        ("exhibit", exhibit),
        ("name of who made it", made_by),
    ):
        text = (text or "").strip()
        if len(text) > MAX_DETAIL_LENGTH:
            raise CaseDetailsError(
                f"the {name} has {len(text)} characters; at most {MAX_DETAIL_LENGTH} are printed"
            )
        if not text.isprintable():
            raise CaseDetailsError(f"the {name} holds a character that cannot be printed")
        details.append(text)
    return CaseDetails(reference=details[0], exhibit=details[1], made_by=details[2])
