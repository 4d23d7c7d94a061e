"""Questions to a fleet: each is answered from the tables of a state, as a table with notes.

``table_answer`` and ``summary_answer`` are statements of SQL; ``place_answer`` and
``together_answer`` go through the simplified tracks; ``sql_answer`` takes a statement of the
user's; ``answer_document`` writes an answer as JSON, CSV, XLSX or Parquet.
"""

from dji_audit.fleet.questions._answer_documents import DOCUMENT_FORMATS, answer_document
from dji_audit.fleet.questions._answer_model import Answer, AnswerColumn, Cell, QuestionError
from dji_audit.fleet.questions._fleet_summary import SUMMARY_FIGURES, SummaryFigure, summary_answer
from dji_audit.fleet.questions._in_the_air_together import (
    MAX_PAIRS,
    TOGETHER_WITHIN_M,
    ClosestApproach,
    closest_approach,
    overlap_count,
    together_answer,
)
from dji_audit.fleet.questions._near_place import (
    NEAR_M,
    NearPassage,
    near_passages,
    place_answer,
)
from dji_audit.fleet.questions._random_sample import sample_answer
from dji_audit.fleet.questions._run_differences import difference_answer, runs_answer
from dji_audit.fleet.questions._sql import sql_answer, sql_engine
from dji_audit.fleet.questions._table_questions import TABLE_QUESTIONS, RowFilter, table_answer
from dji_audit.fleet.questions._time_span import parse_time_span

__all__ = [
    "DOCUMENT_FORMATS",
    "MAX_PAIRS",
    "NEAR_M",
    "SUMMARY_FIGURES",
    "TABLE_QUESTIONS",
    "TOGETHER_WITHIN_M",
    "Answer",
    "AnswerColumn",
    "Cell",
    "ClosestApproach",
    "NearPassage",
    "QuestionError",
    "RowFilter",
    "SummaryFigure",
    "answer_document",
    "closest_approach",
    "difference_answer",
    "near_passages",
    "overlap_count",
    "parse_time_span",
    "place_answer",
    "runs_answer",
    "sample_answer",
    "sql_answer",
    "sql_engine",
    "summary_answer",
    "table_answer",
    "together_answer",
]
