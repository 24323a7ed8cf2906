"""From a package to a definition, and what the definition says about the work."""

import msgspec
import pytest

from engine.definitions import (
    CompiledDefinition,
    DefinitionRefused,
    Package,
    compile_package,
    import_diagram,
)
from engine.execution import load_program
from tests.engine.definitions.packages import (
    HANDLERS,
    MEANINGS,
    ROLES,
    changed,
    compiled,
    good_package,
)


@pytest.fixture(scope="module")
def definition() -> CompiledDefinition:
    return compiled(good_package())


def test_the_good_package_gives_no_warning(definition: CompiledDefinition) -> None:
    assert definition.warnings == ()
    assert [(change.code, change.element_id) for change in definition.changes] == [
        ("normalised.implicit_merge", "Plan"),
        ("normalised.implicit_merge", "Check"),
    ]


def test_compiling_twice_gives_the_same_bytes(definition: CompiledDefinition) -> None:
    assert msgspec.json.encode(compiled(good_package())) == msgspec.json.encode(definition)


def test_a_definition_survives_json(definition: CompiledDefinition) -> None:
    text = msgspec.json.encode(definition)
    assert msgspec.json.decode(text, type=CompiledDefinition) == definition


def test_the_execution_core_takes_it(definition: CompiledDefinition) -> None:
    program = load_program(definition)
    assert program.process_id == "inspection"


def test_a_definition_is_known_by_the_hash_of_its_package(definition: CompiledDefinition) -> None:
    assert definition.hash == good_package().hash


def test_what_the_process_says(definition: CompiledDefinition) -> None:
    assert definition.names == {"en": "Incoming inspection", "zh": "来料检验"}
    assert definition.documentation == {
        "en": "Inspects and releases a received lot.",
        "zh": "检验并放行到货批次。",
    }
    assert definition.title == "lot"
    assert definition.starters == ("IQC",)
    assert definition.start_messages == {"lot.received": "Received"}
    assert definition.start_payloads == {"lot.received": ("lot", "quantity")}
    assert definition.signals == ("supplier.blocked",)
    assert definition.called == ()
    assert set(definition.decisions) == {"sampling.dmn"}
    assert set(definition.forms) == {"check", "decide", "read"}
    assert list(definition.lanes) == ["Quality", "IQC", "QA"]


def test_what_a_user_task_says(definition: CompiledDefinition) -> None:
    check = definition.activities["Check"]
    assert check.kind == "userTask"
    assert check.names == {"en": "Document check", "zh": "文件检查"}
    assert check.role == "IQC"
    assert check.form_hash == definition.forms["check"]
    assert (check.signature, check.offline, check.due, check.priority) == ("PERF", "B", "P1D", 60)
    assert definition.activities["Decide"].separate_from == ("Check", "Read")
    assert definition.activities["Decide"].priority == 50


def test_content_of_a_subprocess_is_done_by_its_lane(definition: CompiledDefinition) -> None:
    assert definition.activities["Read"].role == "IQC"


def test_what_services_and_messages_say(definition: CompiledDefinition) -> None:
    release = definition.activities["Release"]
    assert (release.handler, release.result) == ("lots.release", "released")
    assert release.inputs == {"lot": "lot", "accept": "accept and in_limits"}
    ask = definition.activities["Ask"]
    assert (ask.message, ask.correlation) == ("documents.arrived", "lot")
    assert definition.activities["Decided"].message == "lot.decided"
    assert definition.activities["Plan"].decision == "sampling_plan"


def test_every_feel_text_has_its_tree(definition: CompiledDefinition) -> None:
    assert {
        "lot",
        "P1D",
        "plan.characteristics",
        "reading",
        "reading > 100",
        "passed and quantity > 0",
        "accept and in_limits",
        "if passed then 0 else 1",
        "{worst: max(readings), in_limits: worst <= 100}",
    } <= definition.expressions.keys()


def test_activities_are_those_that_are_drawn(definition: CompiledDefinition) -> None:
    assert not any("__" in id_ for id_ in definition.activities)
    assert "Plan__merge" in definition.executable


def test_all_that_is_wrong_is_said_at_once() -> None:
    package = changed(
        {
            'cs:signature="PERF"': 'cs:signature="PREF"',
            'cs:handler="lots.release"': 'cs:handler="lots.sell"',
            'name="QA" cs:nameZh': 'name="Lawyers" cs:nameZh',
            "reading &gt; 100": "reading &gt;",
            'cs:decision="sampling_plan"': 'cs:decision="sampling"',
        }
    )
    with pytest.raises(DefinitionRefused) as refused:
        compiled(package)
    assert {(p.code, p.element_id) for p in refused.value.problems if p.severity == "error"} == {
        ("people.unknown_meaning", "Check"),
        ("service.unknown_handler", "Release"),
        ("people.unknown_role", "Decide"),
        ("people.unknown_role", "Remind"),
        ("feel.syntax", "Measure"),
        ("decision.missing", "Plan"),
    }
    assert "process.bpmn:" in str(refused.value)


def test_errors_come_before_warnings() -> None:
    package = changed({'cs:nameZh="文件检查" ': "", 'cs:signature="REL"': 'cs:signature="XX"'})
    with pytest.raises(DefinitionRefused) as refused:
        compiled(package)
    assert [p.severity for p in refused.value.problems] == ["error", "warning"]


def test_a_warning_is_kept_with_the_definition() -> None:
    definition = compiled(changed({'cs:nameZh="文件检查" ': ""}))
    [warning] = definition.warnings
    assert (warning.code, warning.element_id) == ("name.missing", "Check")
    assert definition.activities["Check"].names == {"en": "Document check", "zh": "Document check"}


def test_problems_of_forms_and_decisions_name_their_file() -> None:
    files = dict(good_package().files)
    files["forms/check.json"] = files["forms/check.json"].replace(b'"count"', b'"cuont"')
    files["sampling.dmn"] = files["sampling.dmn"].replace(b"&lt;= 50", b"&lt;= = 50")
    with pytest.raises(DefinitionRefused) as refused:
        compiled(Package.from_files(files))
    by_file = {problem.file for problem in refused.value.problems if problem.severity == "error"}
    assert {"forms/check.json", "sampling.dmn", "process.bpmn"} == by_file
    codes = {problem.code for problem in refused.value.problems if problem.file == "process.bpmn"}
    assert codes == {"people.form_refused"}, "a refused decision file is not also missing"
    assert all(p.line for p in refused.value.problems if p.file == "sampling.dmn")


def test_a_gap_in_a_decision_table_is_found_at_deployment() -> None:
    files = dict(good_package().files)
    files["sampling.dmn"] = files["sampling.dmn"].replace(b"&gt; 50", b"&gt; 60")
    try:
        definition = compiled(Package.from_files(files))
        found = [warning.file for warning in definition.warnings]
    except DefinitionRefused as refused:
        found = [problem.file for problem in refused.problems]
    assert "sampling.dmn" in found


def test_a_hostile_decision_file_is_refused_like_a_diagram() -> None:
    files = dict(good_package().files)
    files["sampling.dmn"] = b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"
    with pytest.raises(DefinitionRefused) as refused:
        compiled(Package.from_files(files))
    assert ("xml.doctype", "sampling.dmn") in {(p.code, p.file) for p in refused.value.problems}


def test_an_unused_form_is_a_warning() -> None:
    files = dict(good_package().files)
    files["forms/other.json"] = files["forms/read.json"].replace(b'"read"', b'"other"')
    definition = compiled(Package.from_files(files))
    assert [(w.code, w.file) for w in definition.warnings] == [
        ("package.form_unused", "forms/other.json")
    ]


def test_a_form_is_called_like_its_file() -> None:
    files = dict(good_package().files)
    files["forms/read.json"] = files["forms/read.json"].replace(b'"form": "read"', b'"form": "rea"')
    with pytest.raises(DefinitionRefused) as refused:
        compiled(Package.from_files(files))
    assert [p.code for p in refused.value.problems] == ["package.form_name"]


def test_called_processes_are_checked_where_they_are_known() -> None:
    package = changed(
        {
            '<bpmn:serviceTask id="Release"': '<bpmn:callActivity id="Release"'
            ' calledElement="ns:releasing"',
            "</bpmn:serviceTask>": "</bpmn:callActivity>",
            ' cs:handler="lots.release"': "",
        }
    )
    definition = compile_package(package, handlers=HANDLERS, roles=ROLES, meanings=MEANINGS)
    assert definition.called == ("releasing",)
    assert 'calledElement="releasing"' in definition.executable
    with pytest.raises(DefinitionRefused) as refused:
        compiled(package)
    assert [p.code for p in refused.value.problems] == ["call.unknown"]


def test_a_process_that_waits_for_an_undeclared_message_is_not_warned_about_names() -> None:
    """Who knows what an undeclared payload holds: then silence is better than a false warning."""
    open_package = changed({' cs:payload="lot quantity"': "", "quantity &gt; 0": "quanity &gt; 0"})
    assert compiled(open_package).warnings == ()
    closed_package = changed({"quantity &gt; 0": "quanity &gt; 0"})
    [warning] = compiled(closed_package).warnings
    assert warning.code == "feel.unknown_name"
    assert "“quantity”" in warning.message["en"]


def test_importing_only_looks() -> None:
    content = good_package().files["process.bpmn"]
    imported = import_diagram(content, "inspection")
    assert imported.problems == ()
    assert "Plan__merge" in imported.executable
    with pytest.raises(DefinitionRefused):
        import_diagram(content, "another")


def test_a_misspelt_variable_in_a_form_is_a_warning() -> None:
    files = dict(good_package().files)
    computed = b'"computed": {"/reading": "quantiy + characteristic.count"},\n  "schema"'
    files["forms/read.json"] = files["forms/read.json"].replace(b'"schema"', computed, 1)
    [warning] = compiled(Package.from_files(files)).warnings
    assert (warning.code, warning.file) == ("feel.unknown_name", "forms/read.json")
    assert "did you mean “quantity”?" in warning.message["en"]
