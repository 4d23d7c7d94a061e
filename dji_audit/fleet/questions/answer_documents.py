"""An answer as a document: JSON, CSV, a workbook or Parquet."""

import csv
import io
import json

from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.fleet.questions.answer import Answer, QuestionError
from dji_audit.fleet.tables.schema import SCHEMA


def encode_answer_in_file_format(answer: Answer, format_name: str) -> bytes:
    """Return an answer as a document.

    * JSON: question, columns with meaning and unit, rows as objects, notes.
    * CSV: text is never a formula in a spreadsheet; missing values are empty.
    * XLSX: a sheet of rows and one that says what they mean; needs the extra ``excel``.
    * Parquet: needs the extra ``parquet``.

    Args:
        answer: The answer.
        format_name: One of ``DOCUMENT_FORMATS``.

    Raises:
        QuestionError: If an extra is missing.
    """
    if format_name == "json":
        return _json_document(answer)
    if format_name == "csv":
        return _csv_document(answer)
    if format_name == "xlsx":
        return _xlsx_document(answer)
    from dji_audit.fleet.tables.parquet_files import parquet_of_columns

    columns = {
        name: [row[index] for row in answer.rows] for index, name in enumerate(answer.column_names)
    }
    try:
        return parquet_of_columns(columns)
    except ModuleNotFoundError as error:
        raise QuestionError('Parquet needs pyarrow: pip install "dji-audit[parquet]"') from error


def _json_document(answer: Answer) -> bytes:
    names = answer.column_names
    document = {
        "schema": SCHEMA,
        "question": answer.question,
        "columns": [
            {"name": it.name, "meaning": it.meaning, "unit": it.unit} for it in answer.columns
        ],
        "notes": list(answer.notes),
        "rows": [dict(zip(names, row, strict=True)) for row in answer.rows],
    }
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1)
    return f"{text}\n".encode("ascii")


def _csv_document(answer: Answer) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(answer.column_names)
    for row in answer.rows:
        writer.writerow("" if cell is None else spreadsheet_safe_cell(cell) for cell in row)
    return stream.getvalue().encode("utf-8")


def _xlsx_document(answer: Answer) -> bytes:
    # What writes a workbook loads half of the program.
    from dji_audit.report.flat_tables import FlatReportTable
    from dji_audit.report.workbook import WorkbookError, workbook_of_tables

    about = [("question", answer.question, ""), *(("note", note, "") for note in answer.notes)]
    about += [(it.name, it.meaning, it.unit) for it in answer.columns]
    try:
        return workbook_of_tables(
            (
                FlatReportTable("Answer", answer.column_names, answer.rows),
                FlatReportTable("About", ("what", "meaning", "unit"), about),
            ),
            title="Answer about a fleet",
        )
    except WorkbookError as error:
        raise QuestionError(str(error)) from error
