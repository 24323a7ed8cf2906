"""Deploy a process: check its package, compile it, put it in force; retire one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.fitness import STATIONS
from engine.commands.putting_in_force import PutInForce, tell
from engine.configuration import manifest
from engine.definitions import CompiledDefinition, DefinitionRefused, Package, compile_package
from engine.definitions.catalogue import Stored, compiled_hash, store_definition
from engine.definitions.offline_class import OFFLINE_POLICY
from engine.outcomes import FieldProblem, Reason, Rejection
from engine.problems import Problem
from engine.store import contents

MEDIA_TYPES = {".bpmn": "application/xml", ".dmn": "application/xml", ".json": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployDefinition(Command):
    """Deploy the files of a process folder (relative path -> bytes).

    `process_id` is the folder's name: the process of the diagram must have it as its id. None where
    there is no folder (an upload of files): then the diagram's executable process names it.
    """

    files: Mapping[str, bytes] = field(repr=False)
    process_id: str | None = None


def prepare(preparation: Any, command: DeployDefinition) -> Any:
    """Compile before the transaction opens: it takes longer than anything else here."""
    documents = preparation.documents
    try:
        package = Package.from_files(command.files, process_id=command.process_id)
        return compile_package(
            package,
            handlers=preparation.resources.services.names(),
            roles=documents["roles"],
            meanings=documents["signature_meanings"],
            known_processes=_in_force(preparation),
            device_classes=documents.get(STATIONS, {}).get("classes", {}),
            signed_offline=documents.get(OFFLINE_POLICY, {}).get("signed_offline"),
        )
    except DefinitionRefused as refused:
        raise Rejection(
            Reason.DEFINITION_REFUSED,
            {
                "en": "The process cannot be deployed; each finding says where and what to do.",
                "zh": "该流程无法部署；每条结果都说明了位置和处理方法。",
            },
            errors=tuple(_finding(problem) for problem in refused.problems),
        ) from refused


def _in_force(preparation: Any) -> frozenset[str]:
    """Name the processes that a call activity may call."""
    with preparation.database.reading() as db:
        deployed = preparation.resources.catalogue.active(db, preparation.actor.tenant_id)
    return frozenset(each.definition.process_id for each in deployed)


def _finding(problem: Problem) -> FieldProblem:
    place = ":".join(str(p) for p in (problem.file, problem.line, problem.element_id) if p)
    return FieldProblem(path=place, code=problem.code, message=problem.message)


def deploy(context: CommandContext, command: DeployDefinition) -> Mapping[str, Any]:
    definition: CompiledDefinition = context.prepared
    under_change = command.change is not None
    before = manifest.in_force(context.db, context.tenant_id) if under_change else ""
    called = {}
    for process_id in definition.called:
        target = context.catalogue.active_of(context.db, context.tenant_id, process_id)
        if target is None:
            raise Rejection(
                Reason.DEFINITION_REFUSED,
                {
                    "en": f"The called process {process_id} is not deployed. Deploy it first.",
                    "zh": f"被调用的流程 {process_id} 尚未部署，请先部署该流程。",
                },
                expected=process_id,
            )
        called[process_id] = target.definition.hash
    files = {
        path: contents.store(
            context.db,
            tenant_id=context.tenant_id,
            data=data,
            media_type=MEDIA_TYPES.get(path[path.rfind(".") :], "application/octet-stream"),
            at=context.at,
            by=context.actor.account_id,
        )
        for path, data in command.files.items()
    }
    version, compiled = store_definition(
        context.db,
        tenant_id=context.tenant_id,
        stored=Stored(definition=definition, called=called),
        files=files,
        at=context.at,
        by=context.actor.account_id,
    )
    context.record(
        "definitions",
        {
            "event": "definition.deployed",
            "process": definition.process_id,
            "version": version,
            "definition": definition.hash,
            "compiled": compiled_hash(compiled),
            "called": called,
            "files": {path: digest.hex() for path, digest in files.items()},
            "warnings": [warned.code for warned in definition.warnings],
        },
    )
    if command.change is not None:
        what = PutInForce(
            kind="definition", key=definition.process_id, version=version, change=command.change
        )
        _tell_everybody(context, what, before)
    return {
        "process_id": definition.process_id,
        "version": version,
        "definition_hash": definition.hash,
        "warnings": [dict(warned.message) for warned in definition.warnings],
        "notes": [dict(noted.message) for noted in definition.notes],
    }


def _tell_everybody(context: CommandContext, what: PutInForce, before: str) -> None:
    said = tell(
        context.db,
        tenant_id=context.tenant_id,
        outbox_id=context.new_id(),
        at=context.at,
        what=what,
        before=before,
    )
    context.record("definitions", {"event": "signal.published", **said})
