"""Process definitions: found in folders, checked, hashed, never changed."""

from engine.definitions.archive import package_from_archive
from engine.definitions.model import Activity, Change, CompiledDefinition, Names, Warned
from engine.definitions.package import Package, read_package
from engine.definitions.refusal import DefinitionRefused, PackageRefused

__all__ = [
    "Activity",
    "Change",
    "CompiledDefinition",
    "DefinitionRefused",
    "Names",
    "Package",
    "PackageRefused",
    "Warned",
    "package_from_archive",
    "read_package",
]
