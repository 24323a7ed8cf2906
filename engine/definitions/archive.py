"""Unpack an uploaded ZIP archive into package files, however hostile the archive is."""

import io
import zipfile
import zlib

from engine.definitions.package import (
    DIAGRAM,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_PACKAGE_BYTES,
    Package,
)
from engine.definitions.refusal import PackageRefused
from engine.problems import Problem

MAX_MEMBERS = 4 * MAX_FILES
_SYMLINK = 0o120000


def package_from_archive(content: bytes) -> Package:
    """Make a package of a ZIP archive of a process folder; PackageRefused when it is none.

    The folder may itself be in the archive (as when a folder is compressed). Files that a package
    does not hold (README.md, handlers.py, scenarios) are left out. Sizes are counted while
    unpacking: what the archive's directory says about them is not believed.
    """
    if len(content) > MAX_PACKAGE_BYTES:
        raise _refused(
            "package.too_large",
            f"The archive is larger than {MAX_PACKAGE_BYTES} bytes; send the process folder only.",
            f"压缩包超过 {MAX_PACKAGE_BYTES} 字节；请只压缩流程文件夹。",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _unpacked(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        ValueError,
        OSError,
    ) as e:
        raise _refused(
            "package.archive",
            f"The archive cannot be unpacked ({type(e).__name__}); compress the folder again as"
            " plain ZIP without a password.",
            f"无法解压（{type(e).__name__}）；请重新压缩为不带密码的普通 ZIP。",
        ) from None
    except RuntimeError:
        raise _refused(
            "package.archive",
            "The archive is protected by a password; compress the folder without one.",
            "压缩包有密码保护；请不带密码重新压缩。",
        ) from None
    return Package.from_files(files)


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise _refused(
            "package.too_many_files",
            f"The archive holds {len(members)} files; send the process folder only.",
            f"压缩包内有 {len(members)} 个文件；请只压缩流程文件夹。",
        )
    prefix = _folder_of(members)
    files: dict[str, bytes] = {}
    total = 0
    for member in members:
        if _leaves_the_folder(member.filename):
            raise _refused(
                "package.unexpected_file",
                f"The archive holds the path {member.filename!r}, which leads out of its folder;"
                " compress the folder again.",
                f"压缩包中的路径 {member.filename!r} 指向文件夹之外；请重新压缩文件夹。",
            )
        path = member.filename.removeprefix(prefix)
        if not _belongs(path):
            continue
        if (member.external_attr >> 16) & 0o170000 == _SYMLINK or path in files:
            raise _refused(
                "package.not_a_file",
                f"{path} is a link or occurs twice in the archive; compress the folder again.",
                f"{path} 是链接，或在压缩包中出现两次；请重新压缩文件夹。",
            )
        with archive.open(member) as stream:
            files[path] = stream.read(MAX_FILE_BYTES + 1)
        total += len(files[path])
        if total > MAX_PACKAGE_BYTES:
            raise _refused(
                "package.too_large",
                f"Unpacked, the archive is larger than {MAX_PACKAGE_BYTES} bytes; send the process"
                " folder only.",
                f"解压后超过 {MAX_PACKAGE_BYTES} 字节；请只压缩流程文件夹。",
            )
    return files


def _folder_of(members: list[zipfile.ZipInfo]) -> str:
    """Give the one folder ("incoming_inspection/") that the diagram lies in; "" for none."""
    diagrams = [m.filename for m in members if m.filename.rsplit("/", 1)[-1] == DIAGRAM]
    folders = sorted({name.removesuffix(DIAGRAM) for name in diagrams}, key=len)
    return folders[0] if folders else ""


def _leaves_the_folder(path: str) -> bool:
    return path.startswith("/") or "\\" in path or ":" in path or ".." in path.split("/")


def _belongs(path: str) -> bool:
    """Tell whether a path is of the kind that a package holds (its name is checked later)."""
    folder, _, name = path.rpartition("/")
    if name.startswith("."):  # what operating systems leave behind
        return False
    return (not folder and (path == DIAGRAM or name.endswith(".dmn"))) or (
        folder == "forms" and name.endswith(".json")
    )


def _refused(code: str, en: str, zh: str) -> PackageRefused:
    return PackageRefused([Problem(code=code, message={"en": en, "zh": zh}, file=DIAGRAM)])
