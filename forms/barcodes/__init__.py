"""Barcodes: a scan is read as GS1, HIBC or MA data, or refused, with a sentence what to do.

    scan = read_scan("]d20109506000134352172812311 0L1", now=clock())
    scan.elements["gtin"]        "09506000134352"
    scan.to_json()               {"raw", "symbology", "parser", "elements"}, as forms keep it

The web client has the same reader over the same table of application identifiers
(tools/export_gs1_table.py); tests/vectors/gs1 and udi hold both to the same answers.
"""

from forms.barcodes.identifiers import PARSER, PARSER_VERSION
from forms.barcodes.refusals import ScanRefused
from forms.barcodes.scans import ELEMENT_NAMES, Scan, read_scan

__all__ = ["ELEMENT_NAMES", "PARSER", "PARSER_VERSION", "Scan", "ScanRefused", "read_scan"]
