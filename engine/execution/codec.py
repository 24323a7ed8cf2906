"""The saved form of an instance: small, exact, checked when it is read.

MessagePack rows of what is present, some 150 to 300 bytes for a typical instance. The specification
is never stored; the first bytes of the definition's hash are, so a state is never read by another
version. Flow nodes are stored by name, so that a state can be carried over to another version on
purpose. Local variables are JSON with exact decimals, like the case document.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from engine.execution.errors import CalledProcessMissing, StateUnreadable
from engine.execution.program import Prepared, Program
from engine.execution.scopes import CASE, Progress, Scope, Variables
from engine.execution.tree_task import ROOT, STATES, TreeTask
from engine.execution.workflow import AnyWorkflow, InnerWorkflow, InstanceWorkflow

if TYPE_CHECKING:
    from engine.execution.host import Host

FORMAT = 1
HASH_BYTES = 8
_BELOW_ROOT = -1


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One task. `parent` is the row number of its parent in the same tree, -1 for the root."""

    ref: int
    parent: int
    node: str
    state: int
    visit: int = 0
    kept: dict[str, int | str] = {}
    item_index: int = -1
    scope: int = CASE


class InnerRow(msgspec.Struct, array_like=True, frozen=True):
    """The tree of an inner scope; `called` is the process id of a call activity, else empty."""

    task_ref: int
    name: str
    called: str
    hash: bytes
    scope: int
    rows: list[Row]


class Saved(msgspec.Struct, array_like=True, frozen=True):
    """A whole instance. `ended`: 0 running, 1 completed, 2 cancelled."""

    format: int
    hash: bytes
    ended: int
    last_ref: int
    visits: dict[str, list[int]]
    rows: list[Row]
    inner: list[InnerRow] = []
    locals: bytes = b""


class Locals(msgspec.Struct, array_like=True):
    """The local variables and the loops under way."""

    scopes: dict[int, Scope]
    progress: dict[int, Progress]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Saved)
_LOCALS_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LOCALS_DECODER = msgspec.json.Decoder(Locals, float_hook=Decimal)


def encode(top: InstanceWorkflow) -> bytes:
    """Write a pruned instance."""
    visits = dict(top.visits)
    own = visits.pop(top.program.process_id, None)
    if own is not None:
        visits[""] = own  # the instance's own process needs no name
    saved: list[Any] = [
        FORMAT,
        _short(top.program.prepared),
        (1 + top.cancelled) if top.completed else 0,
        top.last_ref,
        visits,
        [] if top.completed else _rows(top),
    ]
    inner = [_inner_row(below) for below in top.subprocesses.values()]
    locals_ = _encode_locals(top.variables)
    if inner or locals_:
        saved.append(inner)
    if locals_:
        saved.append(locals_)
    return _ENCODER.encode(saved)


def decode(
    state: bytes, program: Program, document: dict[str, Any], host: "Host"
) -> InstanceWorkflow:
    """Read an instance; StateUnreadable for damage, an unknown format or another definition."""
    try:
        saved = _DECODER.decode(state)
        locals_ = _LOCALS_DECODER.decode(saved.locals) if saved.locals else Locals({}, {})
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateUnreadable(f"The saved state is damaged: {error}") from error
    if saved.format != FORMAT:
        raise StateUnreadable(f"The saved state has format {saved.format}; known is {FORMAT}.")
    _require_same(program.prepared, saved.hash)
    variables = Variables(document)
    variables.scopes, variables.progress = locals_.scopes, locals_.progress
    _require_scopes(saved, variables)
    top = InstanceWorkflow(program, variables, host)
    top.last_ref = saved.last_ref
    top.completed, top.cancelled = saved.ended > 0, saved.ended > 1
    top.visits = dict(saved.visits)
    if "" in top.visits:
        top.visits[program.process_id] = top.visits.pop("")
    try:
        _load(top, CASE, saved.rows)
        for row in saved.inner:
            _load_inner(top, row)
    except (KeyError, IndexError, AttributeError) as error:
        raise StateUnreadable(f"The saved state does not fit its definition: {error!r}") from error
    return top


def saved_definitions(state: bytes) -> Mapping[str, str]:
    """Tell which called processes a state is inside of: the first digits of their hash, by id."""
    saved = _DECODER.decode(state)
    return {row.called: row.hash.hex() for row in saved.inner if row.called}


def _rows(workflow: AnyWorkflow) -> list[tuple[Any, ...]]:
    numbers: dict[int, int] = {ROOT: _BELOW_ROOT}
    rows: list[tuple[Any, ...]] = []
    for ref, task in workflow.tasks.items():
        if ref == ROOT:
            continue
        numbers[ref] = len(rows)
        rows.append(_row(task, numbers[task._parent]))  # noqa: SLF001
    return rows


def _row(task: TreeTask, parent: int) -> tuple[Any, ...]:
    """Write a task; what has its default value at the end of the row is left out."""
    row = (
        task.id,
        parent,
        task.task_spec.name,
        task._state,  # noqa: SLF001
        task.visit,
        task.internal_data,
        task.item_index,
        task.scope,
    )
    if task.scope != CASE or task.item_index >= 0:
        return row
    if task.internal_data:
        return row[:6]
    return row[:5] if task.visit else row[:4]


def _inner_row(inner: InnerWorkflow) -> tuple[Any, ...]:
    is_called = inner.prepared is not inner.parent_task.workflow.prepared
    return (
        inner.parent_task.id,
        inner.scope_name,
        inner.prepared.process_id if is_called else "",
        _short(inner.prepared) if is_called else b"",
        inner.task_tree.scope,
        _rows(inner),
    )


def _encode_locals(variables: Variables) -> bytes:
    if not variables.scopes and not variables.progress:
        return b""
    return _LOCALS_ENCODER.encode(Locals(variables.scopes, variables.progress))


def _load_inner(top: InstanceWorkflow, row: InnerRow) -> None:
    task = top.find(row.task_ref)
    if task is None:
        raise StateUnreadable(f"The inner scope {row.name!r} belongs to no task.")
    prepared = task.workflow.prepared
    if row.called:
        prepared = top.program.called_process(row.called)
        if not prepared.hash.startswith(row.hash.hex()):
            raise CalledProcessMissing(
                f"The instance is inside version {row.hash.hex()}… of {row.called!r}; "
                f"it was given {prepared.hash}."
            )
    inner = InnerWorkflow(prepared, row.name, task)
    top.subprocesses[task.id] = inner
    _load(inner, row.scope, row.rows)


def _load(workflow: AnyWorkflow, scope: int, rows: list[Row]) -> None:
    workflow.plant(scope)
    nodes = workflow.spec.task_specs
    tasks: list[TreeTask] = []
    for row in rows:
        if row.state not in STATES or row.parent >= len(tasks) or row.ref <= ROOT:
            raise StateUnreadable(f"Task {row.ref} of the saved state is damaged.")
        parent = workflow.task_tree if row.parent < 0 else tasks[row.parent]
        task = TreeTask(workflow, nodes[row.node], parent, row.state, row.ref)
        task.visit = row.visit
        task.internal_data = row.kept
        task.item_index = row.item_index
        task.scope = row.scope
        tasks.append(task)


def _require_same(prepared: Prepared, found: bytes) -> None:
    if found != _short(prepared):
        raise StateUnreadable(
            f"The state was saved by definition {found.hex()}…, not by {prepared.hash} "
            f"of {prepared.process_id!r}."
        )


def _require_scopes(saved: Saved, variables: Variables) -> None:
    """Refuse scopes that are not there or lie inside themselves."""
    scopes = variables.scopes
    rows = [row for rows in (saved.rows, *(i.rows for i in saved.inner)) for row in rows]
    for scope in {*(row.scope for row in rows), *(i.scope for i in saved.inner), *scopes}:
        place, steps = scope, 0
        while place != CASE:
            if place not in scopes or steps > len(scopes):
                raise StateUnreadable(
                    f"The local variables {scope} of the saved state are damaged."
                )
            place, steps = scopes[place].outer, steps + 1


def _short(prepared: Prepared) -> bytes:
    return bytes.fromhex(prepared.hash[: 2 * HASH_BYTES])
