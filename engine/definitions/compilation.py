"""From a package to a definition: read, check the ids, normalise, lint, parse FEEL, put together.

Everything that can be found wrong is found in one run and said together. What only deserves a
warning is kept with the definition.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from engine.decisions import DecisionModel, DecisionsRefused, analyse, read_decisions
from engine.definitions.activities import (
    activities_of,
    called_processes,
    first_steps_of,
    lane_names,
    names_of,
    signals_of,
    start_messages,
    start_payloads,
    starters_of,
)
from engine.definitions.bpmn import Element, children_of
from engine.definitions.diagram import extension, read_diagram
from engine.definitions.lint import (
    Drawing,
    Parsed,
    Surroundings,
    check_drawing,
    check_identity,
    check_surroundings,
    find_process,
    notes_on_meanings,
    notes_on_stretches,
    parse_all,
)
from engine.definitions.model import Change, CompiledDefinition, Names, Warned
from engine.definitions.normalisation import Normalised, normalise
from engine.definitions.package import DIAGRAM, Package
from engine.definitions.refusal import DefinitionRefused, in_order
from engine.definitions.stretches import compile_stretches
from engine.definitions.xml import read_xml
from engine.problems import Problem
from forms import Form, FormProblem, FormRefused, load_form

_FORMS = "forms/"
_FORM_ENDING = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A diagram that was only looked at: what deploying it would say, and what would be executed.

    A diagram with errors may still be opened, drawn on and kept; it cannot be deployed.
    """

    process_id: str
    executable: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A package without errors, in all its parts."""

    drawing: Drawing
    normalised: Normalised
    around: Surroundings
    parsed: Parsed
    problems: list[Problem]


def compile_package(
    package: Package,
    *,
    handlers: Collection[str],
    roles: Collection[str],
    meanings: Collection[str],
    known_processes: Collection[str] | None = None,
    device_classes: Collection[str] = (),
    signed_offline: Collection[str] | None = None,
) -> CompiledDefinition:
    """Compile a package; DefinitionRefused holds every problem found, warnings included.

    `handlers` are the registered services, `roles` the role catalogue, `meanings` the signature
    meanings, `known_processes` the ids that call activities may name (None: not checked),
    `device_classes` the kinds of devices that steps may be bound to, `signed_offline` the meanings
    that the customer lets people sign without a connection (None: not said). Warnings, notes and
    the changes of normalisation come with the definition.
    """
    root = read_xml(package.files[DIAGRAM], DIAGRAM)
    drawing, normalised = _drawing_of(root, package.process_id, DIAGRAM)
    forms, form_problems = _read_forms(package.files)
    decisions, decision_problems = _read_decisions(package.files)
    around = Surroundings(
        handlers=frozenset(handlers),
        roles=frozenset(roles),
        meanings=frozenset(meanings),
        known_processes=None if known_processes is None else frozenset(known_processes),
        forms=forms,
        decisions=decisions,
        device_classes=frozenset(device_classes),
        signed_offline=None if signed_offline is None else frozenset(signed_offline),
        refused_decisions=[f for f in package.files if f.endswith(".dmn") and f not in decisions],
    )
    parsed = parse_all(drawing)
    problems = [
        *check_drawing(drawing, parsed),
        *check_surroundings(drawing, around, parsed),
        *form_problems,
        *decision_problems,
        *_unused(drawing, around),
    ]
    if any(problem.severity == "error" for problem in problems):
        raise DefinitionRefused(problems)
    checked = _Checked(
        drawing=drawing, normalised=normalised, around=around, parsed=parsed, problems=problems
    )
    return _put_together(package, checked)


def import_diagram(content: bytes, process_id: str, *, file: str = DIAGRAM) -> Imported:
    """Look at one process of a diagram from anywhere: normalise it and say what is wrong with it.

    DefinitionRefused only when there is nothing to look at: no XML, no BPMN, no usable ids.
    """
    root = read_xml(content, file)
    drawing, normalised = _drawing_of(root, process_id, file)
    return Imported(
        process_id=process_id,
        executable=normalised.xml,
        changes=normalised.changes,
        problems=in_order(check_drawing(drawing, parse_all(drawing))),
    )


def _drawing_of(root: Element, process_id: str, file: str) -> tuple[Drawing, Normalised]:
    problems = list(check_identity(root, process_id, file))
    process = find_process(root, process_id)
    if problems or process is None:
        raise DefinitionRefused(problems)
    normalised = normalise(root, process)
    drawing = Drawing(
        drawn=read_diagram(root, process, file),
        normal=read_diagram(normalised.root, normalised.process, file),
    )
    return drawing, normalised


def _read_forms(
    files: Mapping[str, bytes],
) -> tuple[dict[str, Form | None], list[Problem]]:
    forms: dict[str, Form | None] = {}
    problems: list[Problem] = []
    for path in sorted(files):
        if not path.startswith(_FORMS):
            continue
        name = path.removeprefix(_FORMS).removesuffix(_FORM_ENDING)
        try:
            form = load_form(files[path])
        except FormRefused as refused:
            forms[name] = None
            problems += [_in_form(path, found) for found in refused.problems]
            continue
        forms[name] = form
        problems += [_in_form(path, found) for found in form.problems]
        if form.name != name:
            problems.append(_misnamed(path, form.name))
    return forms, problems


def _in_form(path: str, found: FormProblem) -> Problem:
    return Problem(
        code=found.code,
        message=found.message,
        file=path,
        element_id=found.pointer or None,
        line=found.line,
        severity=found.severity,
    )


def _misnamed(path: str, name: str) -> Problem:
    return Problem(
        code="package.form_name",
        message={
            "en": f"The form calls itself “{name}”, but its file is {path}; give both one name.",
            "zh": f"表单自称“{name}”，但文件名为 {path}；请统一名称。",
        },
        file=path,
    )


def _read_decisions(
    files: Mapping[str, bytes],
) -> tuple[dict[str, DecisionModel], list[Problem]]:
    tables = {path: files[path] for path in sorted(files) if path.endswith(".dmn")}
    models: dict[str, DecisionModel] = {}
    problems: list[Problem] = []
    for path, content in tables.items():
        others = {name: data for name, data in tables.items() if name != path}
        try:
            read_xml(content, path)
            models[path] = read_decisions(content, file=path, others=others)
        except (DefinitionRefused, DecisionsRefused) as refused:
            problems += refused.problems
            continue
        problems += analyse(models[path])
    return models, problems


def _unused(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Warn of a form that no task names: most often it is named wrongly somewhere."""
    used = {node.extension("form") for node in drawing.drawn.nodes.values()}
    for name in around.forms:
        if name not in used:
            yield Problem(
                code="package.form_unused",
                message={
                    "en": f"No task of the diagram names the form “{name}”; name it in cs:form or"
                    " remove the file.",
                    "zh": f"图中没有任务使用表单“{name}”；请在 cs:form 中引用，或删除该文件。",
                },
                file=f"{_FORMS}{name}{_FORM_ENDING}",
                severity="warning",
            )


def _put_together(package: Package, checked: _Checked) -> CompiledDefinition:
    diagram, around, parsed = checked.drawing.drawn, checked.around, checked.parsed
    hashes = {name: form.hash for name, form in around.forms.items() if form is not None}
    activities = activities_of(diagram, hashes)
    reads = {name: form.context_names for name, form in around.forms.items() if form is not None}
    ahead = compile_stretches(checked.drawing.normal, activities, parsed.trees, reads)
    notes = [
        *notes_on_stretches(checked.drawing, ahead.stops),
        *notes_on_meanings(checked.drawing, around.signed_offline),
    ]
    return CompiledDefinition(
        process_id=package.process_id,
        hash=package.hash,
        names=names_of(diagram.process),
        executable=checked.normalised.xml,
        activities=activities,
        lanes=lane_names(diagram),
        expressions={text: parsed.trees[text] for text in sorted(parsed.trees)},
        decisions={file: model.to_json() for file, model in around.decisions.items()},
        forms=hashes,
        called=called_processes(diagram),
        start_messages=start_messages(diagram),
        start_payloads=start_payloads(diagram),
        signals=signals_of(diagram),
        title=extension(diagram.process, "title"),
        documentation=_documentation(diagram.process),
        starters=starters_of(diagram),
        first_steps=first_steps_of(diagram),
        warnings=tuple(_warned(problem) for problem in in_order(checked.problems)),
        notes=tuple(_warned(problem) for problem in in_order(notes)),
        stretches=ahead.machine,
        changes=checked.normalised.changes,
    )


def _documentation(process: Element) -> Names:
    texts = [(e.text or "").strip() for e in children_of(process, "documentation")]
    english = "\n\n".join(text for text in texts if text)
    chinese = extension(process, "documentationZh")
    if not english and not chinese:
        return {}
    return {"en": english or chinese or "", "zh": chinese or english}


def _warned(problem: Problem) -> Warned:
    return Warned(
        code=problem.code,
        message=dict(problem.message),
        file=problem.file,
        element_id=problem.element_id,
        line=problem.line,
    )
