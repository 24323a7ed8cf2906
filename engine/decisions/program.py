"""The requirements graph as closures: a model compiled, remembered as long as the model lives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from engine.decisions.boxed import Setting, accept, compile_logic, fitted, make_function
from engine.decisions.errors import NoResult, WrongType
from engine.decisions.model import (
    Decision,
    DecisionModel,
    DecisionService,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Requirement,
)
from engine.decisions.run import Logic, Node, Run, Scope
from engine.decisions.typing_rules import WRONG, fit_for, result_type
from engine.decisions.wording import wrong_type
from forms.feel.values import FeelFunction, Value, from_json


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled model: what can be asked for, decisions and services, by id and by name."""

    answers: Mapping[str, Node]


_programs: WeakKeyDictionary[DecisionModel, Program] = WeakKeyDictionary()


def program_of(model: DecisionModel) -> Program:
    """Compile a model, or give what was compiled before. The result keeps no hold on the model."""
    found = _programs.get(model)
    if found is None:
        found = _programs[model] = _compile(model)
    return found


def _compile(model: DecisionModel) -> Program:
    nodes: dict[str, Node] = {}
    names = {
        key: element.name
        for elements in (model.inputs, model.decisions, model.knowledge, model.services)
        for key, element in elements.items()
    }
    for key, given in model.inputs.items():
        nodes[key] = _input(key, given, model.types)
    for key, decision in model.decisions.items():
        nodes[key] = _decision(key, decision, model.types, nodes, names)
    for key, knowledge in model.knowledge.items():
        nodes[key] = _knowledge(key, knowledge, model.types, nodes, names)
    for key, service in model.services.items():
        nodes[key] = _service(key, service, model, nodes, names)
    answers = {key: nodes[key] for key in model.decisions}
    for key, service in model.services.items():
        answers[key] = _service_answer(key, service, model, nodes)
    # An id goes before a name; what was imported has no name of its own here.
    named = {names[key]: answer for key, answer in answers.items() if "#" not in key}
    return Program({**named, **answers})


def _input(key: str, given: InputData, types: Mapping[str, ItemDefinition]) -> Node:
    fit = fit_for(given.type, types, from_case=True)
    name = given.name

    def value_of(run: Run) -> Value:
        if key in run.values:
            return run.values[key]
        value: Value = run.given.get(name)  # type: ignore[assignment]  # a text is a value as it is
        if type(value) is not str:
            value = from_json(value)
        found = fit(value)
        if found is WRONG:
            run.fail(WrongType(name, wrong_type(name, given.type, value)))
            found = None
        run.values[key] = found  # type: ignore[assignment]
        return found  # type: ignore[return-value]

    return value_of


def _decision(
    key: str,
    decision: Decision,
    types: Mapping[str, ItemDefinition],
    nodes: Mapping[str, Node],
    names: Mapping[str, str],
) -> Node:
    needs = (*decision.needs, *decision.calls)
    logic = _no_logic(decision.name)
    if decision.logic is not None:
        setting = Setting(types, decision.name)
        logic = fitted(setting, decision.type, compile_logic(setting, decision.logic))

    def value_of(run: Run) -> Value:
        if key in run.values:
            return run.values[key]
        found = logic(run, _scope(run, needs, nodes, names))
        run.values[key] = found
        return found

    return value_of


def _no_logic(name: str) -> Logic:
    def missing(run: Run, _scope: Scope) -> Value:
        run.fail(NoResult(name, _missing(name)))
        return None

    return missing


def _knowledge(
    key: str,
    knowledge: KnowledgeModel,
    types: Mapping[str, ItemDefinition],
    nodes: Mapping[str, Node],
    names: Mapping[str, str],
) -> Node:
    setting = Setting(types, knowledge.name)
    body = compile_logic(setting, knowledge.function.body)
    body = fitted(setting, knowledge.function.type, body)
    body = fitted(setting, result_type(knowledge.type, types), body)

    def value_of(run: Run) -> Value:
        if key not in run.values:
            scope = _scope(run, knowledge.calls, nodes, names)
            function = make_function(setting, knowledge.function, body, run, scope)
            scope[knowledge.name] = function
            run.values[key] = function
        return run.values[key]

    return value_of


def _service(
    key: str,
    service: DecisionService,
    model: DecisionModel,
    nodes: Mapping[str, Node],
    names: Mapping[str, str],
) -> Node:
    """Compile a decision service: a function of its inputs, then of its input decisions."""
    arguments = (*service.inputs, *service.input_decisions)
    elements: dict[str, InputData | Decision] = {**model.inputs, **model.decisions}
    checks = [fit_for(elements[part].type, model.types, from_case=False) for part in arguments]

    def value_of(run: Run) -> Value:
        def call(*values: Value) -> Value:
            # Its decisions see the arguments and nothing of the run that calls.
            inner = Run({}, run.strict, run.now, run.depth, run.items)
            for part, fit, value in zip(arguments, checks, values, strict=True):
                if fit(value) is WRONG and not run.strict:
                    return None
                inner.values[part] = accept(run, fit, value, names[part], elements[part].type)
            inner.enter(service.name)
            found = {names[output]: nodes[output](inner) for output in service.outputs}
            run.items = inner.items
            return next(iter(found.values())) if len(found) == 1 else dict(found)

        if key not in run.values:
            run.values[key] = FeelFunction(tuple(names[part] for part in arguments), call)
        return run.values[key]

    return value_of


def _service_answer(
    key: str, service: DecisionService, model: DecisionModel, nodes: Mapping[str, Node]
) -> Node:
    """Compile the direct question to a service: its arguments are looked up by name."""
    given = [nodes[part] for part in service.inputs]
    for part in service.input_decisions:
        decision = model.decisions[part]
        given.append(_input(part, InputData(name=decision.name, type=decision.type), model.types))

    def answer(run: Run) -> Value:
        function = nodes[key](run)
        arguments = [argument(run) for argument in given]
        return function.body(*arguments) if isinstance(function, FeelFunction) else None

    return answer


def _scope(
    run: Run, needs: Sequence[Requirement], nodes: Mapping[str, Node], names: Mapping[str, str]
) -> Scope:
    """Find the values that an element needs; those of an import stand under its name."""
    scope: Scope = {}
    for need in needs:
        value = nodes[need.key](run)
        if need.module is None:
            scope[names[need.key]] = value
        else:
            module = scope.setdefault(need.module, {})
            if isinstance(module, dict):
                module[names[need.key]] = value
    return scope


def _missing(name: str) -> dict[str, str]:
    return {
        "en": f"The decision “{name}” has no logic.",
        "zh": f"决策“{name}”没有定义逻辑。",
    }
