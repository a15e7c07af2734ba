"""Documents that people sign, send and fill in: drafts, each figure as on the screen."""

from coverage.outputs.documents.bumdes import bumdes_worksheet
from coverage.outputs.documents.content import Document, Part
from coverage.outputs.documents.inquiry import request_for_information
from coverage.outputs.documents.match import letter_of_intent, term_sheet
from coverage.outputs.documents.pdf import document_pdf

__all__ = [
    "Document",
    "Part",
    "bumdes_worksheet",
    "document_pdf",
    "letter_of_intent",
    "request_for_information",
    "term_sheet",
]
