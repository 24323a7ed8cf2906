"""Process definitions: found in folders, checked, hashed, never changed."""

from engine.definitions.archive import package_from_archive
from engine.definitions.compilation import Imported, compile_package, import_diagram
from engine.definitions.model import Activity, Change, CompiledDefinition, Names, Warned
from engine.definitions.package import Package, read_package
from engine.definitions.refusal import DefinitionRefused, PackageRefused

__all__ = [
    "Activity",
    "Change",
    "CompiledDefinition",
    "DefinitionRefused",
    "Imported",
    "Names",
    "Package",
    "PackageRefused",
    "Warned",
    "compile_package",
    "import_diagram",
    "package_from_archive",
    "read_package",
]
