"""Read XML that anybody may have written: no entities, no DTD, no network, bounded in every way.

A DOCTYPE is looked for before the parser sees the text, so no declaration inside it is ever read;
what the parser refuses is said with its line. The text is decoded here and given to the parser as
UTF-8: the text that is searched for a DOCTYPE is surely the text that is parsed.
"""

import re

from lxml import etree

from engine.definitions.bpmn import Element, line_of
from engine.definitions.refusal import DefinitionRefused
from engine.problems import Problem

MAX_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_DEPTH = 60
MAX_ATTRIBUTES = 64

_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
# Old editors write ISO 8859-1; every byte means a character in it, so it can be read as safely.
_ENCODINGS = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1"}
# What the grammar of XML allows before a document type: white space, comments, instructions.
# The group is atomic and the repetition possessive: without them many comments would make the
# search exponential.
_DOCTYPE = re.compile(r"(?>\s|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->)*+<!DOCTYPE", re.DOTALL)


def read_xml(content: bytes, file: str) -> Element:
    """Parse `content` and give its root element; DefinitionRefused says what is wrong and where."""
    if len(content) > MAX_BYTES:
        raise _refused(
            "xml.too_large",
            file,
            None,
            f"The file is larger than {MAX_BYTES} bytes; split the process into smaller ones.",
            f"文件超过 {MAX_BYTES} 字节；请把流程拆分成几个较小的流程。",
        )
    text = _decoded(content, file)
    document_type = _DOCTYPE.match(text)
    if document_type:
        raise _refused(
            "xml.doctype",
            file,
            text.count("\n", 0, document_type.end()) + 1,
            "The file declares a document type (DOCTYPE), which may hide entities or outside files;"
            " remove that line.",
            "文件中含有文档类型声明（DOCTYPE），其中可能隐藏实体或外部文件；请删除该声明。",
        )
    root = _parsed(text, file)
    _require_bounds(root, file)
    return root


def _decoded(content: bytes, file: str) -> str:
    plain = content.removeprefix(_BOM)
    declared = _DECLARATION.match(plain)
    encoding = _ENCODINGS.get(declared[1].decode("ascii").lower() if declared else "utf-8")
    if encoding is None or (encoding != "utf-8" and plain != content):
        raise _not_utf8(file, 1)
    try:
        return plain.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_utf8(file, plain.count(b"\n", 0, error.start) + 1) from None


def _parsed(text: str, file: str) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        line = error.position[0] or 1
        raise _refused(
            "xml.malformed",
            file,
            line,
            f"The XML cannot be read from here on: {error.msg}; correct it, or export the diagram"
            " anew.",
            f"从此处起 XML 无法读取：{error.msg}；请更正，或重新导出该图。",
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(
            "xml.doctype",
            file,
            1,
            "The file declares a document type (DOCTYPE); remove that line.",
            "文件中含有文档类型声明（DOCTYPE）；请删除该声明。",
        )
    return root


def _require_bounds(root: Element, file: str) -> None:
    depth = elements = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        elements += 1
        if depth > MAX_DEPTH:
            raise _refused(
                "xml.too_deep",
                file,
                line_of(element),
                f"Elements are nested more than {MAX_DEPTH} deep; draw inner parts as processes of"
                " their own.",
                f"元素嵌套超过 {MAX_DEPTH} 层；请把内层部分画成独立的流程。",
            )
        if len(element.attrib) > MAX_ATTRIBUTES:
            raise _refused(
                "xml.too_many_attributes",
                file,
                line_of(element),
                f"An element has more than {MAX_ATTRIBUTES} attributes; no diagram needs so many.",
                f"某个元素的属性超过 {MAX_ATTRIBUTES} 个；流程图不需要这么多属性。",
            )
        if elements > MAX_ELEMENTS:
            raise _refused(
                "xml.too_many_elements",
                file,
                line_of(element),
                f"The file holds more than {MAX_ELEMENTS} elements; split it into smaller ones.",
                f"文件中的元素超过 {MAX_ELEMENTS} 个；请拆分成较小的文件。",
            )


def _not_utf8(file: str, line: int) -> DefinitionRefused:
    return _refused(
        "xml.encoding",
        file,
        line,
        "The file is not UTF-8; save it as UTF-8 (the encoding every BPMN editor writes).",
        "文件不是 UTF-8 编码；请另存为 UTF-8（BPMN 编辑器的默认编码）。",
    )


def _refused(code: str, file: str, line: int | None, en: str, zh: str) -> DefinitionRefused:
    return DefinitionRefused(
        [Problem(code=code, message={"en": en, "zh": zh}, file=file, line=line)]
    )
