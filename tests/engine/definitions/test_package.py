"""Packages: what belongs to one, what is refused, and that the hash changes with every byte."""

import io
import zipfile
from pathlib import Path

import pytest

from engine.definitions import Package, PackageRefused, package_from_archive, read_package
from engine.definitions.package import MAX_FILE_BYTES, MAX_FILES, MAX_PACKAGE_BYTES
from engine.definitions.refusal import DefinitionRefused
from tests.engine.definitions.packages import GOOD, changed, good_package


def codes(refused: pytest.ExceptionInfo[PackageRefused]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return target.getvalue()


def test_a_folder_is_read() -> None:
    package = good_package()
    assert package.process_id == "inspection"
    assert list(package.files) == [
        "forms/check.json",
        "forms/decide.json",
        "forms/read.json",
        "process.bpmn",
        "sampling.dmn",
    ]
    assert package.handlers == ("lots.release",)
    assert len(package.hash) == 64


def test_the_same_package_has_the_same_hash_however_it_arrives() -> None:
    package = good_package()
    shuffled = dict(reversed(list(package.files.items())))
    assert Package.from_files(shuffled).hash == package.hash
    zipped = {f"inspection/{name}": content for name, content in package.files.items()}
    assert package_from_archive(archive(zipped)).hash == package.hash


def test_what_does_not_decide_how_a_process_runs_does_not_belong(tmp_path: Path) -> None:
    folder = tmp_path / "inspection"
    (folder / "forms").mkdir(parents=True)
    (folder / "scenarios").mkdir()
    for name, content in good_package().files.items():
        (folder / name).write_bytes(content)
    for name in ("README.md", "handlers.py", "scenarios/test_it.py", "forms/notes.txt"):
        (folder / name).write_text("anything")
    assert read_package(folder).hash == good_package().hash


def test_any_changed_byte_or_name_gives_another_hash() -> None:
    files = good_package().files
    seen = {good_package().hash}
    for name in files:
        for position in range(0, len(files[name]), max(1, len(files[name]) // 40)):
            content = bytearray(files[name])
            if content[position] not in b" \n":
                continue
            content[position] = ord("\t")
            other = Package.from_files({**files, name: bytes(content)}, process_id="inspection")
            assert other.hash not in seen
            seen.add(other.hash)
    renamed = {**files, "forms/checks.json": files["forms/check.json"]}
    del renamed["forms/check.json"]
    assert Package.from_files(renamed, process_id="inspection").hash not in seen
    assert len(seen) > 20


def test_a_handler_name_is_part_of_the_hash() -> None:
    other = changed({"lots.release": "lots.relea5e"})
    assert other.handlers == ("lots.relea5e",)
    assert other.hash != good_package().hash


@pytest.mark.parametrize(
    "path",
    [
        "../process.bpmn",
        "/etc/passwd.dmn",
        "forms/../../check.json",
        "forms\\check.json",
        "forms/sub/check.json",
        "forms/.hidden.json",
        "handlers.py",
        "process.bpmn\x00.json",
        "tables/sampling.dmn",
        "forms/" + "a" * 200 + ".json",
        "表.dmn",
    ],
)
def test_paths_that_do_not_belong_are_refused(path: str) -> None:
    with pytest.raises(PackageRefused) as refused:
        Package.from_files({**good_package().files, path: b"{}"})
    assert codes(refused) == {"package.unexpected_file"}


def test_a_package_without_a_diagram_is_refused() -> None:
    with pytest.raises(PackageRefused) as refused:
        Package.from_files({"forms/check.json": b"{}"})
    assert codes(refused) == {"package.file_missing"}


def test_a_missing_folder_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "inspection").write_text("no folder")
    for folder in (tmp_path / "nothing", tmp_path / "inspection"):
        with pytest.raises(PackageRefused) as refused:
            read_package(folder)
        assert codes(refused) == {"package.no_folder"}


def test_links_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inspection"
    folder.mkdir()
    (folder / "process.bpmn").symlink_to(GOOD / "process.bpmn")
    with pytest.raises(PackageRefused) as refused:
        read_package(folder)
    assert codes(refused) == {"package.not_a_file"}
    (folder / "process.bpmn").unlink()
    (folder / "process.bpmn").write_bytes(good_package().files["process.bpmn"])
    (folder / "forms").symlink_to(GOOD / "forms")
    with pytest.raises(PackageRefused) as refused:
        read_package(folder)
    assert codes(refused) == {"package.not_a_file"}


def test_a_folder_named_like_a_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inspection"
    (folder / "process.bpmn").mkdir(parents=True)
    with pytest.raises(PackageRefused) as refused:
        read_package(folder)
    assert codes(refused) == {"package.not_a_file"}


def test_sizes_and_numbers_are_bounded(tmp_path: Path) -> None:
    files = dict(good_package().files)
    too_large = b" " * (MAX_FILE_BYTES + 1)
    with pytest.raises(PackageRefused) as refused:
        Package.from_files({**files, "forms/large.json": too_large})
    assert codes(refused) == {"package.file_too_large"}

    many = {f"forms/f{number}.json": b"{}" for number in range(MAX_FILES)}
    with pytest.raises(PackageRefused) as refused:
        Package.from_files({**files, **many})
    assert codes(refused) == {"package.too_many_files"}

    heavy = {f"forms/f{n}.json": b" " * MAX_FILE_BYTES for n in range(5)}
    assert sum(map(len, heavy.values())) > MAX_PACKAGE_BYTES
    with pytest.raises(PackageRefused) as refused:
        Package.from_files({**files, **heavy})
    assert codes(refused) == {"package.too_large"}

    folder = tmp_path / "inspection"
    folder.mkdir()
    (folder / "process.bpmn").write_bytes(too_large)
    with pytest.raises(PackageRefused) as refused:
        read_package(folder)
    assert codes(refused) == {"package.file_too_large"}


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf{}", b"\xff\xfe{\x00", b'{"a": "\xe9"}'])
def test_forms_are_plain_utf8(content: bytes) -> None:
    with pytest.raises(PackageRefused) as refused:
        Package.from_files({**good_package().files, "forms/check.json": content})
    assert codes(refused) == {"package.encoding"}


def test_an_upload_is_named_by_its_one_executable_process() -> None:
    text = good_package().files["process.bpmn"].decode()
    two = text.replace("</bpmn:definitions>", '<bpmn:process id="partner"/></bpmn:definitions>')
    files = good_package().files
    assert Package.from_files({**files, "process.bpmn": two.encode()}).process_id == "inspection"
    neither = two.replace(' isExecutable="true"', "")
    with pytest.raises(PackageRefused) as refused:
        Package.from_files({**files, "process.bpmn": neither.encode()})
    assert codes(refused) == {"package.which_process"}


@pytest.mark.parametrize("process_id", ["Inspection", "in-spection", "", "1st", "a" * 65, "检验"])
def test_a_process_id_is_a_plain_word(process_id: str) -> None:
    with pytest.raises(PackageRefused) as refused:
        Package.from_files(good_package().files, process_id=process_id)
    assert codes(refused) == {"package.process_id"}


class TestArchives:
    def files(self) -> dict[str, bytes]:
        return dict(good_package().files)

    def test_what_a_package_does_not_hold_is_left_out(self) -> None:
        extra = {"README.md": b"x", "__MACOSX/._process.bpmn": b"x", "forms/.DS_Store": b"x"}
        assert package_from_archive(archive({**self.files(), **extra})).hash == good_package().hash

    @pytest.mark.parametrize("path", ["../x.dmn", "/x.dmn", "a/../../x.dmn", "C:/x.dmn"])
    def test_a_path_out_of_the_folder_is_refused(self, path: str) -> None:
        with pytest.raises(PackageRefused) as refused:
            package_from_archive(archive({**self.files(), path: b"x"}))
        assert codes(refused) == {"package.unexpected_file"}

    def test_a_bomb_is_not_unpacked(self) -> None:
        bomb = archive({**self.files(), "forms/bomb.json": b" " * (MAX_FILE_BYTES * 20)})
        assert len(bomb) < MAX_FILE_BYTES / 10
        with pytest.raises(PackageRefused) as refused:
            package_from_archive(bomb)
        assert codes(refused) == {"package.file_too_large"}

    def test_many_bombs_are_not_unpacked(self) -> None:
        bombs = {f"forms/b{n}.json": b" " * MAX_FILE_BYTES for n in range(10)}
        with pytest.raises(PackageRefused) as refused:
            package_from_archive(archive({**self.files(), **bombs}))
        assert codes(refused) == {"package.too_large"}

    def test_a_million_files_are_not_listed(self) -> None:
        many = {f"x{number}.txt": b"" for number in range(2_000)}
        with pytest.raises(PackageRefused) as refused:
            package_from_archive(archive({**self.files(), **many}))
        assert codes(refused) == {"package.too_many_files"}

    def test_a_link_is_refused(self) -> None:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as made:
            link = zipfile.ZipInfo("process.bpmn")
            link.external_attr = 0o120777 << 16
            made.writestr(link, "/etc/passwd")
        with pytest.raises(PackageRefused) as refused:
            package_from_archive(target.getvalue())
        assert codes(refused) == {"package.not_a_file"}

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"no archive at all"])
    def test_no_archive_at_all(self, content: bytes) -> None:
        with pytest.raises(PackageRefused) as refused:
            package_from_archive(content)
        assert codes(refused) == {"package.archive"}

    def test_a_damaged_archive_is_refused_or_unchanged(self) -> None:
        whole = archive(self.files())
        for position in range(0, len(whole), 37):
            damaged = bytearray(whole)
            damaged[position] ^= 0xFF
            try:
                package = package_from_archive(bytes(damaged))
            except DefinitionRefused:
                continue
            assert package.process_id == "inspection"
