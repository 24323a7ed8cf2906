"""Hostile XML: whatever it tries, it is refused with a code and a line, and soon."""

import pytest

from engine.definitions.refusal import DefinitionRefused
from engine.definitions.xml import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, read_xml

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY lol "lol">
 <!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
 <!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">
 <!ENTITY lol4 "&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;&lol3;">
]>
<lolz a="&lol4;">&lol4;</lolz>"""


def refusal(content: bytes) -> tuple[str, int | None]:
    with pytest.raises(DefinitionRefused) as refused:
        read_xml(content, "process.bpmn")
    [problem] = refused.value.problems
    assert problem.file == "process.bpmn"
    assert set(problem.message) == {"en", "zh"}
    return problem.code, problem.line


def test_plain_xml_is_read() -> None:
    root = read_xml(b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<a>&lt;&#65;</a>', "x")
    assert root.tag == "a"
    assert root.text == "<A"


def test_the_encoding_of_old_editors_is_read() -> None:
    content = b"<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\xe9\x85</a>"
    assert read_xml(content, "x").text == "\u00e9\u0085"
    assert refusal(content.replace(b"<a>", b"<!DOCTYPE a><a>")) == ("xml.doctype", 2)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (BILLION_LAUGHS, 2),
        (b'<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd"><a/>', 1),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 1),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><a/>', 1),
        (b"<?xml version='1.0'?>\n<!-- a -->\n<?b c?>\n<!DOCTYPE a><a/>", 4),
        (b"<!-- -- > --><!DOCTYPE a><a/>", 1),
        (b"\n\n\n<!DOCTYPE a><a/>", 4),
    ],
)
def test_document_types_are_refused_before_anything_of_them_is_read(
    content: bytes, line: int
) -> None:
    assert refusal(content) == ("xml.doctype", line)


def test_the_word_doctype_is_no_document_type() -> None:
    content = b"<!-- <!DOCTYPE a> --><a>&lt;!DOCTYPE a&gt;<![CDATA[<!DOCTYPE b>]]></a>"
    assert read_xml(content, "x").text == "<!DOCTYPE a><!DOCTYPE b>"


def test_many_comments_do_not_slow_the_search_for_a_document_type() -> None:
    assert read_xml(b"<!-- - -->" * 50_000 + b"<a/>", "x").tag == "a"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"no xml", 1),
        (b"<a>\n<b>\n</a>", 3),
        (b"<a>\n&undefined;\n</a>", 2),
        (b"<a/>\n<b/>", 2),
        (b"<a b='1' b='2'/>", 1),
        (b"<a>\x00</a>", 1),
        (b"<x:a/>", 1),
    ],
)
def test_what_is_no_xml_is_refused_with_its_line(content: bytes, line: int) -> None:
    code, found = refusal(content)
    assert code == "xml.malformed"
    assert found == line


@pytest.mark.parametrize(
    "content",
    [
        "<a/>".encode("utf-16"),
        "<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16"),
        b"<?xml version='1.0' encoding='UTF-7'?><a>+ADw-</a>",
        b"<?xml version='1.0' encoding='us-ascii'?>\n<a>\xe9</a>",
        b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        b"<?xml version='1.0' encoding='GB18030'?><a/>",
        b"<a>\n\xff</a>",
    ],
)
def test_other_encodings_are_refused(content: bytes) -> None:
    code, _ = refusal(content)
    assert code == "xml.encoding"


def test_the_size_is_bounded() -> None:
    assert refusal(b"<a>" + b" " * MAX_BYTES + b"</a>") == ("xml.too_large", None)


def test_the_depth_is_bounded() -> None:
    for depth in (MAX_DEPTH + 1, 200):
        code, _ = refusal(b"<a>" * depth + b"</a>" * depth)
        assert code == "xml.too_deep"
    code, _ = refusal(b"<a>" * 100_000 + b"</a>" * 100_000)
    assert code in {"xml.too_deep", "xml.malformed"}
    assert read_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH, "x") is not None


def test_the_number_of_attributes_is_bounded() -> None:
    many = " ".join(f'a{number}="1"' for number in range(100_000))
    assert refusal(f"<a>\n<b {many}/></a>".encode()) == ("xml.too_many_attributes", 2)


def test_the_number_of_elements_is_bounded() -> None:
    code, _ = refusal(b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>")
    assert code == "xml.too_many_elements"
