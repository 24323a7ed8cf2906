"""One DMN file while it is read: safe XML, its namespace and imports, and what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import etree

from engine.problems import Problem, Text
from forms.feel.instances import Type

Element: TypeAlias = etree._Element  # noqa: SLF001  # lxml has no public name for it

MODEL_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",  # 1.1
        "http://www.omg.org/spec/DMN/20151130",  # 1.1, as some tools wrote it
        "http://www.omg.org/spec/DMN/20180521/MODEL/",  # 1.2
        "https://www.omg.org/spec/DMN/20191111/MODEL/",  # 1.3
        "https://www.omg.org/spec/DMN/20211108/MODEL/",  # 1.4
        "https://www.omg.org/spec/DMN/20230324/MODEL/",  # 1.5
    }
)
MAX_BYTES = 5_000_000
"""A larger file is refused unread: the largest tables of practice are some hundred kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A parsed file. `prefix` leads the keys of its elements: "" for the file asked for,
    "namespace#" for an imported one. `imports` maps a namespace to the name it is imported under
    (None where DMN 1.1 gives none). `problems` collects; nothing is raised while reading goes on.
    `feel_types` are the types that FEEL's `instance of` may name here, known once they are read.
    """

    file: str
    root: Element
    namespace: str
    prefix: str
    imports: dict[str, str | None]
    type_names: frozenset[str]
    lenient: bool
    problems: list[Problem] = field(default_factory=list)
    feel_types: dict[str, Type] = field(default_factory=dict)

    def report(self, code: str, message: Text, element: Element) -> None:
        """Note what is wrong at an element; the nearest id above it is given."""
        self.problems.append(
            Problem(
                code=code,
                message=message,
                file=self.file,
                element_id=nearest_id(element),
                line=line_of(element),
            )
        )


class NotReadable(Exception):
    """The bytes are no DMN file; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message["en"])
        self.problem = problem


def parse(xml: bytes, file: str) -> Element:
    """Parse a file without entities, document types or network access.

    NotReadable when it is not well-formed, has a document type, is too large, or is not DMN.
    """
    if len(xml) > MAX_BYTES:
        raise NotReadable(_unreadable("decision.too_large", _TOO_LARGE, file))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        text = {
            "en": f"The file is not well-formed XML: {error.msg}.",
            "zh": f"文件不是格式正确的 XML：{error.msg}。",
        }
        raise NotReadable(_unreadable("decision.not_xml", text, file, error.lineno)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotReadable(_unreadable("decision.document_type", _DOCUMENT_TYPE, file, 1))
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in MODEL_NAMESPACES:
        raise NotReadable(_unreadable("decision.not_dmn", _NOT_DMN, file, line_of(root)))
    return root


def source_of(root: Element, file: str, *, prefix: str, lenient: bool) -> Source:
    """Describe a parsed file: its namespace, what it imports, the types it defines."""
    imports: dict[str, str | None] = {}
    for element in children(root, "import"):
        imports[element.get("namespace", "")] = clean(element.get("name")) or None
    return Source(
        file=file,
        root=root,
        namespace=root.get("namespace", ""),
        prefix=prefix,
        imports=imports,
        type_names=frozenset(
            clean(element.get("name")) for element in children(root, "itemDefinition")
        ),
        lenient=lenient,
    )


def children(element: Element, *names: str) -> Iterator[Element]:
    """Give the child elements of the same namespace, all or those of the given local names."""
    namespace = etree.QName(element).namespace
    for child in element:
        if isinstance(child.tag, str):
            name = etree.QName(child)
            if name.namespace == namespace and (not names or name.localname in names):
                yield child


def child(element: Element, name: str) -> Element | None:
    """Give the first child element of that name, or None."""
    return next(children(element, name), None)


def local_name(element: Element) -> str:
    """Give the element's name without its namespace."""
    return etree.QName(element).localname


def text_of(element: Element | None) -> str:
    """Give the content of the element's `text` child, or "" when there is none."""
    if element is None:
        return ""
    holder = child(element, "text")
    return "".join(str(part) for part in holder.itertext()).strip() if holder is not None else ""


def clean(name: str | None) -> str:
    """Make the white space in a FEEL name single."""
    return " ".join((name or "").split())


def line_of(element: Element) -> int | None:
    """Give the line that the element begins on, from 1."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def nearest_id(element: Element) -> str | None:
    """Give the id of the element or of the nearest one above it."""
    at: Element | None = element
    while at is not None:
        if found := at.get("id"):
            return found
        at = at.getparent()
    return None


def _unreadable(code: str, message: Text, file: str, line: int | None = None) -> Problem:
    return Problem(code=code, message=message, file=file, line=line)


_TOO_LARGE = {
    "en": f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split the decisions up.",
    "zh": f"文件超过 {MAX_BYTES // 1_000_000} MB，请拆分决策文件。",
}
_DOCUMENT_TYPE = {
    "en": "The file has a document type (DTD), which is not read. Remove the DOCTYPE line.",
    "zh": "文件含有文档类型声明（DTD），系统不予读取。请删除 DOCTYPE 行。",
}
_NOT_DMN = {
    "en": "The file is not DMN 1.1 to 1.5: its root must be `definitions` of that standard.",
    "zh": "文件不是 DMN 1.1 至 1.5：根元素必须是该标准的 definitions。",
}
