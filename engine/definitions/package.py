"""A package: the files of one process as they are deployed, read safely and known by their hash.

Only what decides how a process runs belongs to it: the diagram, the decision tables and the forms.
Handlers are code of the product; their names are part of the hash, so that a diagram which asks
for another handler is another version even if its file were the same.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import rfc8785

from engine.definitions.bpmn import Element, bpmn, cs
from engine.definitions.refusal import PackageRefused
from engine.definitions.xml import read_xml
from engine.problems import Problem

DIAGRAM = "process.bpmn"
MAX_FILES = 200
MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_PACKAGE_BYTES = 8 * 1024 * 1024

_HASH_DOMAIN = b"countersign.package.1\x00"
_MEMBER = re.compile(
    r"process\.bpmn|[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}\.dmn"
    r"|forms/[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}\.json",
    re.ASCII,
)
_PROCESS_ID = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The files of one process: relative path ("forms/receive.json") to content.

    `handlers` are the names that the diagram's service tasks ask for, sorted. `hash` is the
    version: SHA-256 (hex) over the canonical JSON of the paths, the content hashes and the handler
    names, with a prefix of its own.
    """

    process_id: str
    files: Mapping[str, bytes]
    handlers: tuple[str, ...]
    hash: str

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], *, process_id: str | None = None) -> "Package":
        """Make a package of uploaded files; PackageRefused or DefinitionRefused say what is wrong.

        Without `process_id` the diagram's executable process names it.
        """
        _require_members(files)
        _require_sizes(files)
        ordered = {path: files[path] for path in sorted(files)}
        root = read_xml(ordered[DIAGRAM], DIAGRAM)
        name = _process_id_of(root) if process_id is None else process_id
        _require_process_id(name)
        handlers = handlers_used(root)
        return cls(
            process_id=name,
            files=ordered,
            handlers=handlers,
            hash=package_hash(ordered, handlers),
        )


def read_package(folder: Path) -> Package:
    """Read the package in `folder`, whose name is the process id; PackageRefused on any doubt."""
    if not folder.is_dir():
        raise PackageRefused(
            [
                _problem(
                    "package.no_folder",
                    folder.name,
                    "There is no folder of that name; give the folder that holds process.bpmn.",
                    "没有这个文件夹；请指定包含 process.bpmn 的文件夹。",
                )
            ]
        )
    files: dict[str, bytes] = {}
    for path in _members_in(folder):
        name = path.relative_to(folder).as_posix()
        files[name] = _read_bounded(path, name)
        if len(files) > MAX_FILES:
            break  # from_files says so
    return Package.from_files(files, process_id=folder.resolve().name)


def package_hash(files: Mapping[str, bytes], handlers: tuple[str, ...]) -> str:
    """Give the version of a package: one changed byte or handler name gives another."""
    content = [[path, hashlib.sha256(files[path]).hexdigest()] for path in sorted(files)]
    canonical = rfc8785.dumps({"files": content, "handlers": sorted(handlers)})
    return hashlib.sha256(_HASH_DOMAIN + canonical).hexdigest()


def handlers_used(root: Element) -> tuple[str, ...]:
    """Give the handler names that service tasks of the diagram ask for, sorted, each once."""
    asked = {task.get(cs("handler"), "").strip() for task in root.iter(bpmn("serviceTask"))}
    return tuple(sorted(asked - {""}))


def _members_in(folder: Path) -> Iterator[Path]:
    yield folder / DIAGRAM
    yield from sorted(folder.glob("*.dmn"))
    forms = folder / "forms"
    if forms.is_symlink():
        raise PackageRefused([_symlink("forms")])
    yield from sorted(forms.glob("*.json"))


def _read_bounded(path: Path, name: str) -> bytes:
    """Read a regular file of bounded size; the last path step may not be a link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise PackageRefused([_missing(name)]) from None
    except OSError:
        raise PackageRefused([_symlink(name)]) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise PackageRefused([_symlink(name)])
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_FILE_BYTES:
        raise PackageRefused([_too_large(name)])
    return content


def _require_members(files: Mapping[str, bytes]) -> None:
    problems = [_outside(path) for path in files if not _MEMBER.fullmatch(path)]
    if DIAGRAM not in files:
        problems.append(_missing(DIAGRAM))
    if problems:
        raise PackageRefused(problems)


def _require_sizes(files: Mapping[str, bytes]) -> None:
    problems = [_too_large(path) for path in files if len(files[path]) > MAX_FILE_BYTES]
    if len(files) > MAX_FILES:
        problems.append(
            _problem(
                "package.too_many_files",
                DIAGRAM,
                f"The package holds {len(files)} files, at most {MAX_FILES} are read; split the"
                " process.",
                f"包内有 {len(files)} 个文件，最多允许 {MAX_FILES} 个；请拆分流程。",
            )
        )
    total = sum(len(content) for content in files.values())
    if total > MAX_PACKAGE_BYTES:
        problems.append(
            _problem(
                "package.too_large",
                DIAGRAM,
                f"The package holds {total} bytes, at most {MAX_PACKAGE_BYTES} are read; remove"
                " what is not needed.",
                f"包的大小为 {total} 字节，最多允许 {MAX_PACKAGE_BYTES} 字节；请删除不需要的内容。",
            )
        )
    problems += [
        _not_utf8(path) for path in files if path.endswith(".json") and _unread(files[path])
    ]
    if problems:
        raise PackageRefused(problems)


def _unread(content: bytes) -> bool:
    try:
        return content.decode("utf-8").startswith("\ufeff")
    except UnicodeDecodeError:
        return True


def _process_id_of(root: Element) -> str:
    processes = list(root.iter(bpmn("process")))
    executable = [process for process in processes if process.get("isExecutable") == "true"]
    candidates = executable or processes
    if len(candidates) != 1:
        raise PackageRefused(
            [
                _problem(
                    "package.which_process",
                    DIAGRAM,
                    f"The diagram holds {len(candidates)} processes that could be meant; mark"
                    " exactly one as executable (isExecutable).",
                    f"图中有 {len(candidates)} 个可能的流程；请只把其中一个标记为可执行"
                    "（isExecutable）。",
                )
            ]
        )
    return candidates[0].get("id", "")


def _require_process_id(process_id: str) -> None:
    if not _PROCESS_ID.fullmatch(process_id):
        raise PackageRefused(
            [
                _problem(
                    "package.process_id",
                    DIAGRAM,
                    f"“{process_id}” is no process id; use small letters, digits and _ only, a"
                    " letter first (incoming_inspection), for the folder and for the process in"
                    " the diagram.",
                    f"“{process_id}”不能作为流程编号；文件夹名和图中流程的 id 只能用小写字母、"
                    "数字和 _，并以字母开头（例如 incoming_inspection）。",
                )
            ]
        )


def _problem(code: str, file: str, en: str, zh: str) -> Problem:
    return Problem(code=code, message={"en": en, "zh": zh}, file=file)


def _missing(path: str) -> Problem:
    return _problem(
        "package.file_missing",
        path,
        f"The package has no {path}; a process folder holds its diagram under exactly this name.",
        f"包中缺少 {path}；流程文件夹中的流程图必须使用这个文件名。",
    )


def _outside(path: str) -> Problem:
    return _problem(
        "package.unexpected_file",
        path,
        "A package holds process.bpmn, *.dmn and forms/*.json, by plain names inside its folder;"
        " remove or rename this file.",
        "包内只能有 process.bpmn、*.dmn 和 forms/*.json，文件名须简单且位于文件夹内；"
        "请删除或重命名此文件。",
    )


def _symlink(path: str) -> Problem:
    return _problem(
        "package.not_a_file",
        path,
        "This is a link or no plain file, so what it holds may change or lie elsewhere; put the"
        " file itself into the folder.",
        "这是链接或不是普通文件，其内容可能变化或位于别处；请把文件本身放入文件夹。",
    )


def _too_large(path: str) -> Problem:
    return _problem(
        "package.file_too_large",
        path,
        f"The file is larger than {MAX_FILE_BYTES} bytes; make it smaller (no embedded pictures).",
        f"文件超过 {MAX_FILE_BYTES} 字节；请缩小文件（不要嵌入图片）。",
    )


def _not_utf8(path: str) -> Problem:
    return _problem(
        "package.encoding",
        path,
        "The file is not plain UTF-8 (without byte order mark); save it as UTF-8.",
        "文件不是（无 BOM 的）UTF-8 编码；请另存为 UTF-8。",
    )
