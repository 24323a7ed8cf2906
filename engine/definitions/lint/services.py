"""What tasks of the engine ask for exists: handlers, decisions, called processes, scripts."""

from collections.abc import Iterator, Mapping

from engine.decisions.model import DecisionModel
from engine.definitions.bpmn import child_text, local_reference
from engine.definitions.extension import inputs_of
from engine.definitions.lint.drawing import Drawing, Surroundings
from engine.definitions.lint.words import nearest
from engine.problems import Problem


def check_handlers(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require a registered handler of every service task."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind("serviceTask"):
        handler = node.extension("handler")
        if handler is None:
            yield diagram.problem(
                "service.no_handler",
                node,
                en=f"{node.label} does not say what does it; name a handler in cs:handler (for"
                " example lots.release).",
                zh=f"{node.label} 没有说明由什么执行；请在 cs:handler 中写明处理程序"
                "（例如 lots.release）。",
            )
        elif handler not in around.handlers:
            guess = nearest(handler, around.handlers)
            yield diagram.problem(
                "service.unknown_handler",
                node,
                en=f"{node.label} asks for the handler “{handler}”, which is not registered"
                f"{f'; did you mean “{guess}”?' if guess else '; register it in handlers.py.'}",
                zh=f"{node.label} 需要的处理程序“{handler}”未注册"
                f"{f'；是否应为“{guess}”？' if guess else '；请在 handlers.py 中注册。'}",
            )


def check_decisions(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require one decision of the package for every business rule task."""
    diagram = drawing.drawn
    known = {name for model in around.decisions.values() for name in decision_names(model)}
    for node in diagram.nodes_of_kind("businessRuleTask"):
        decision = node.extension("decision")
        if decision is None:
            yield diagram.problem(
                "decision.not_named",
                node,
                en=f"{node.label} does not say which decision it makes; name it in cs:decision.",
                zh=f"{node.label} 没有指定决策；请在 cs:decision 中写明。",
            )
            continue
        files = models_with(around.decisions, decision)
        if not files and not around.refused_decisions:
            guess = nearest(decision, known)
            yield diagram.problem(
                "decision.missing",
                node,
                en=f"{node.label} names the decision “{decision}”, which no .dmn file of the"
                f" package holds{f'; did you mean “{guess}”?' if guess else '; add it.'}",
                zh=f"{node.label} 指定的决策“{decision}”不在包内任何 .dmn 文件中"
                f"{f'；是否应为“{guess}”？' if guess else '；请添加。'}",
            )
        elif len(files) > 1:
            yield diagram.problem(
                "decision.twice",
                node,
                en=f"The decision “{decision}” of {node.label} is held by {', '.join(files)}; give"
                " one of them another name.",
                zh=f"{node.label} 的决策“{decision}”同时存在于 {'、'.join(files)}；"
                "请修改其中一个的名称。",
            )


def check_called_processes(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require that a call activity names a deployed process, and not its own."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind("callActivity"):
        called = local_reference(node.element.get("calledElement"))
        if not called:
            yield diagram.problem(
                "call.not_named",
                node,
                en=f"{node.label} does not say which process it calls; name it (calledElement).",
                zh=f"{node.label} 没有指定要调用的流程；请填写（calledElement）。",
            )
        elif called == diagram.process_id:
            yield diagram.problem(
                "call.itself",
                node,
                en=f"{node.label} calls the process it is part of, which would not end; draw a"
                " loop instead.",
                zh=f"{node.label} 调用了自身所在的流程，将无法结束；请改画循环。",
            )
        elif node.extension("result") is not None and not inputs_of(node.element):
            yield diagram.problem(
                "call.result_without_inputs",
                node,
                en=f"{node.label} has cs:result but no inputs; without inputs the called process"
                " shares the variables of this one and there is nothing to gather. Give it inputs,"
                " or remove cs:result.",
                zh=f"{node.label} 有 cs:result 但没有输入；没有输入时被调用流程与本流程共用变量，"
                "没有可收集的结果。请添加输入，或删除 cs:result。",
            )
        elif around.known_processes is not None and called not in around.known_processes:
            guess = nearest(called, around.known_processes)
            yield diagram.problem(
                "call.unknown",
                node,
                en=f"{node.label} calls the process “{called}”, which is not deployed"
                f"{f'; did you mean “{guess}”?' if guess else '; deploy it first.'}",
                zh=f"{node.label} 调用的流程“{called}”尚未部署"
                f"{f'；是否应为“{guess}”？' if guess else '；请先部署。'}",
            )


def check_scripts(drawing: Drawing) -> Iterator[Problem]:
    """Require scripts in FEEL: no other language is run."""
    diagram = drawing.drawn
    for node in diagram.nodes_of_kind("scriptTask"):
        language = node.element.get("scriptFormat", "").strip()
        if language.lower() != "feel":
            yield diagram.problem(
                "script.language",
                node,
                en=f"The script of {node.label} is in “{language or 'no language'}”; write"
                " assignments as a FEEL context ({total: price * quantity}) and set scriptFormat to"
                " feel. What FEEL cannot say is a service task.",
                zh=f"{node.label} 的脚本语言为“{language or '未指定'}”；请把赋值写成 FEEL 上下文"
                "（{total: price * quantity}），并将 scriptFormat 设为 feel。"
                "FEEL 无法表达的内容请用服务任务。",
            )
        if not child_text(node.element, "script"):
            yield diagram.problem(
                "script.empty",
                node,
                en=f"The script of {node.label} is empty; write its assignments as a FEEL context,"
                " or remove the task.",
                zh=f"{node.label} 的脚本为空；请用 FEEL 上下文书写赋值，或删除该任务。",
            )


def decision_names(model: DecisionModel) -> frozenset[str]:
    """Give what a business rule task may call the model's decisions: their ids and names."""
    return model.names()


def models_with(models: Mapping[str, DecisionModel], decision: str) -> list[str]:
    """Give the file names of the models that hold a decision."""
    return [file for file in sorted(models) if decision in decision_names(models[file])]
