"""Symbols on labels, drawn as SVG: GS1 DataMatrix for what GS1 identifiers name, Data Matrix for
codes of our own (ISO/IEC 16022). A QR code stands only where a phone is to open an address.

GS1 asks for GS1 DataMatrix on medical devices (GS1 General Specifications, 2.1.3.2); it begins with
FNC1, by which a scanner tells it from a text that looks alike.
"""

import re
from collections.abc import Sequence
from typing import Final

import zxingcpp

VALUE: Final = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
"""The characters that GS1 allows in a value (character set 82)."""


def gs1_data_matrix(elements: Sequence[tuple[str, str]]) -> str:
    """Draw GS1 elements, (application identifier, value) in their order; ValueError for a value
    that GS1 does not allow there."""
    for identifier, value in elements:
        if not VALUE.fullmatch(value):
            message = f"({identifier}){value} holds what GS1 does not allow"
            raise ValueError(message)
    # Between [ and ], which no value may hold; the separators are the encoder's to place.
    text = "".join(f"[{identifier}]{value}" for identifier, value in elements)
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
    return drawn.to_svg()


def data_matrix(code: str) -> str:
    """Draw a code of our own as it is, without GS1's meaning."""
    return zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix).to_svg()
