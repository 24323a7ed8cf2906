"""What the trail tells of configuration, accounts and definitions; whether the tables say it too.

These tables are no projections: the dispatcher writes them beside the entries that tell of them.
Who changes a role, a threshold or a compiled diagram behind its back is found here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, select

from engine.configuration.documents import exact
from engine.definitions.catalogue import compiled_hash
from engine.store.tables import account, configuration, definition_file, process_definition

Differ = Callable[[str, object, str, str], None]
"""Says what differs: a code, what it concerns, the sentence in English and in Chinese."""
_SAID = {"configuration": "配置文档", "account": "账户", "definition": "流程定义"}
_EN, _ZH = " ({})", "（{}）"


@dataclass(slots=True)
class RegistersAsTold:
    """Configuration by key and version, accounts by id, definitions by hash, as entries tell."""

    configuration: dict[tuple[str, int], Any] = field(default_factory=dict)
    accounts: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def follow(self, document: Mapping[str, Any]) -> None:
        """Take up what an entry tells. Raises LookupError where a part is missing."""
        for event in document["events"]:
            match event["event"]:
                case "configuration.changed":
                    self.configuration[event["key"], event["version"]] = event["new"]
                case "account.created":
                    self.accounts[UUID(event["account"])] = {
                        "username": event["username"],
                        "names": event["names"],
                        "roles": event["roles"],
                        "active": True,
                    }
                case "account.changed":
                    told = self.accounts[UUID(event["account"])]
                    told.update({each["field"]: each["new"] for each in event["changes"]})
                case "definition.deployed":
                    self._deployed(event)
                case _:
                    pass

    def _deployed(self, event: Mapping[str, Any]) -> None:
        for other in self.definitions.values():
            if other["process"] == event["process"]:
                other["status"] = "retired"
        self.definitions[event["definition"]] = {
            "process": event["process"],
            "version": event["version"],
            "status": "active",
            "compiled": event["compiled"],
            "files": event["files"],
        }

    def compare(self, db: Connection, tenant_id: str, differ: Differ) -> int:
        """Compare with the tables; give how many rows were looked at."""
        return (
            _compare("configuration", self.configuration, _configuration(db, tenant_id), differ)
            + _compare("account", self.accounts, _accounts(db, tenant_id), differ)
            + _compare("definition", self.definitions, _definitions(db, tenant_id), differ)
        )


def _configuration(db: Connection, tenant_id: str) -> dict[tuple[str, int], Any]:
    columns = configuration.c
    rows = db.execute(
        select(columns.key, columns.version, columns.document).where(columns.tenant_id == tenant_id)
    )
    return {(key, version): _read(document) for key, version, document in rows}


def _read(document: bytes) -> Any:
    try:
        return exact(orjson.loads(document))
    except orjson.JSONDecodeError:
        return None


def _accounts(db: Connection, tenant_id: str) -> dict[UUID, Any]:
    rows = db.execute(select(account).where(account.c.tenant_id == tenant_id))
    return {
        row.account_id: {
            "username": row.username,
            "names": {"en": row.name_en, "zh": row.name_zh},
            "roles": sorted(row.roles.split()),
            "active": row.active,
        }
        for row in rows
    }


def _definitions(db: Connection, tenant_id: str) -> dict[str, Any]:
    files: dict[bytes, dict[str, str]] = {}
    for row in db.execute(select(definition_file).where(definition_file.c.tenant_id == tenant_id)):
        files.setdefault(row.definition_hash, {})[row.path] = row.content_hash.hex()
    rows = db.execute(select(process_definition).where(process_definition.c.tenant_id == tenant_id))
    return {
        row.definition_hash.hex(): {
            "process": row.process_id,
            "version": row.version,
            "status": row.status,
            "compiled": compiled_hash(row.compiled),
            "files": files.get(row.definition_hash, {}),
        }
        for row in rows
    }


def _compare(what: str, told: Mapping[Any, Any], found: Mapping[Any, Any], differ: Differ) -> int:
    """Say what differs, in the order of the keys: two runs over one record tell the same."""
    for key in sorted(told.keys() | found.keys()):
        name = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
        said = f"{_SAID[what]} {name}"
        if key not in found:
            differ(f"{what}.missing", name, f"{what} {name} is missing.", f"{said} 缺失。")
        elif key not in told:
            differ(
                f"{what}.untold",
                name,
                f"The trail does not tell of {what} {name}.",
                f"审计追踪中没有 {said} 的记录。",
            )
        elif told[key] != found[key]:
            differ(
                f"{what}.changed",
                name,
                f"{what} {name} is not as the trail tells{_where(told[key], found[key], _EN)}.",
                f"{said} 与审计追踪不一致{_where(told[key], found[key], _ZH)}。",
            )
    return len(found)


def _where(told: Any, found: Any, shown: str) -> str:
    """Name the parts that differ, where there are any."""
    if not isinstance(told, dict) or not isinstance(found, dict):
        return ""
    parts = sorted(k for k in told.keys() | found.keys() if told.get(k) != found.get(k))
    return shown.format(", ".join(parts))
