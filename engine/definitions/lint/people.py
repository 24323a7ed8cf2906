"""Who does the work: lanes are roles, forms exist, signatures have a meaning, duties part."""

from collections.abc import Collection, Iterator

from engine.definitions.lint.drawing import Drawing, Surroundings
from engine.definitions.lint.words import nearest
from engine.definitions.model import ANYONE
from engine.problems import Problem
from engine.trainings import NAME


def check_roles(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require a role of the catalogue as the lane of every task for people."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        if not node.is_human:
            continue
        role = diagram.role_of(node)
        if role is None:
            yield diagram.problem(
                "people.no_role",
                node,
                en=f"{node.label} lies in no lane, so nobody may do it; draw a lane that is named"
                " after the role.",
                zh=f"{node.label} 不在任何泳道中，没有人可以执行；请画出以角色命名的泳道。",
            )
        elif role not in around.roles:
            yield diagram.problem(
                "people.unknown_role",
                node,
                en=f"The lane “{role}” of {node.label} is no role{_or(role, around.roles, 'en')};"
                f" name the lane after one of {_listed(around.roles)}.",
                zh=f"{node.label} 所在泳道“{role}”不是角色{_or(role, around.roles, 'zh')}；"
                f"泳道名须为以下之一：{_listed(around.roles)}。",
            )


def check_starters(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require a role as the lane of the start by hand; warn when there is none."""
    diagram = drawing.drawn
    starts = [n for n in diagram.nodes_in(diagram.process_id) if n.kind == "startEvent"]
    for node in starts:
        role = diagram.role_of(node)
        if node.event_kinds:
            continue
        if role is None:
            yield diagram.problem(
                "people.nobody_starts",
                node,
                en=f"The start event {node.label} lies in no lane, so only a call activity can"
                " start the process; put it into the lane of the role that starts it.",
                zh=f"开始事件 {node.label} 不在任何泳道中，只有调用活动可以启动该流程；"
                "请把它放入启动角色的泳道。",
                severity="warning",
            )
        elif role not in around.roles:
            yield diagram.problem(
                "people.unknown_role",
                node,
                en=f"The lane “{role}” of {node.label} is no role{_or(role, around.roles, 'en')};"
                f" name the lane after one of {_listed(around.roles)}.",
                zh=f"{node.label} 所在泳道“{role}”不是角色{_or(role, around.roles, 'zh')}；"
                f"泳道名须为以下之一：{_listed(around.roles)}。",
            )


def check_started_by(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require that cs:startedBy names roles, or anyone, and stands where people start."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        roles = (node.extension("startedBy") or "").split()
        if not roles:
            continue
        by_hand = node.kind == "startEvent" and not node.event_kinds
        if not by_hand or node not in diagram.nodes_in(diagram.process_id):
            yield diagram.problem(
                "people.started_by_nobody",
                node,
                en=f"Nobody starts {node.label} by hand, so cs:startedBy does nothing; put it on"
                " the start event of the process that has no message or timer.",
                zh=f"{node.label} 不由人启动，cs:startedBy 不起作用；"
                "请写在流程的无触发器开始事件上。",
            )
        elif diagram.role_of(node) is None:
            yield diagram.problem(
                "people.started_without_lane",
                node,
                en=f"{node.label} names who starts it but lies in no lane; put it into the lane of"
                " those who do the first step after the first time.",
                zh=f"{node.label} 写了启动者但不在任何泳道中，请放入第一步所属角色的泳道。",
            )
        elif ANYONE in roles and len(roles) > 1:
            yield diagram.problem(
                "people.started_by_anyone_and",
                node,
                en=f"cs:startedBy of {node.label} names “{ANYONE}”, which is everybody, and roles"
                " besides; keep one of the two.",
                zh=f"{node.label} 的 cs:startedBy 同时写了“{ANYONE}”（任何人）和角色，请保留其一。",
            )
        for role in roles:
            if role != ANYONE and role not in around.roles:
                yield diagram.problem(
                    "people.starter_role",
                    node,
                    en=f"cs:startedBy of {node.label} names “{role}”, which is no role"
                    f"{_or(role, around.roles, 'en')}; use some of {_listed(around.roles)}, or"
                    f" “{ANYONE}” for whoever is signed in.",
                    zh=f"{node.label} 的 cs:startedBy 写了“{role}”，不是角色"
                    f"{_or(role, around.roles, 'zh')}；请使用：{_listed(around.roles)}，"
                    f"或用“{ANYONE}”表示任何已登录人员。",
                )


def check_lanes(drawing: Drawing) -> Iterator[Problem]:
    """Require that a node lies in one innermost lane; warn of lanes that list nothing."""
    diagram = drawing.drawn
    listed: dict[str, str] = {}
    for lane in diagram.lanes:
        for node_id in sorted(lane.nodes):
            if node_id not in diagram.nodes:
                yield diagram.problem(
                    "people.lane_lists_nothing",
                    lane,
                    en=f"The lane “{lane.name}” lists “{node_id}”, which is not in the diagram;"
                    " move the node into the lane again in the editor.",
                    zh=f"泳道“{lane.name}”列出了图中不存在的“{node_id}”；"
                    "请在编辑器中重新把节点放入泳道。",
                    severity="warning",
                )
            elif lane.is_leaf and listed.setdefault(node_id, lane.id) != lane.id:
                yield diagram.problem(
                    "people.two_lanes",
                    diagram.nodes[node_id],
                    en=f"{diagram.nodes[node_id].label} lies in two lanes, so its role is not"
                    " clear; put it into one.",
                    zh=f"{diagram.nodes[node_id].label} 同时在两个泳道中，角色不明确；"
                    "请只放入一个泳道。",
                )


def check_forms(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require that the form of a task exists; warn of a user task without one."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        form = node.extension("form")
        if form is None:
            if node.kind == "userTask":
                yield diagram.problem(
                    "people.no_form",
                    node,
                    en=f"{node.label} has no cs:form: people can only say that it is done. Name its"
                    " form, or make it a manual task.",
                    zh=f"{node.label} 没有 cs:form，人员只能确认完成；请指定表单，或改为手工任务。",
                    severity="warning",
                )
        elif form not in around.forms:
            guess = nearest(form, around.forms)
            yield diagram.problem(
                "people.form_missing",
                node,
                en=f"{node.label} names the form “{form}”, but the package has no"
                f" forms/{form}.json{f'; did you mean “{guess}”?' if guess else '; add it.'}",
                zh=f"{node.label} 指定的表单“{form}”不存在（包中没有 forms/{form}.json）"
                f"{f'；是否应为“{guess}”？' if guess else '；请添加。'}",
            )
        elif around.forms[form] is None:
            yield diagram.problem(
                "people.form_refused",
                node,
                en=f"{node.label} cannot be done: its form “{form}” is refused, as said there;"
                " correct the form.",
                zh=f"{node.label} 无法执行：表单“{form}”未通过检查（见表单的问题）；请更正表单。",
            )


def check_signatures(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require a signature meaning of the list."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        meaning = node.extension("signature")
        if meaning is not None and node.is_human and meaning not in around.meanings:
            yield diagram.problem(
                "people.unknown_meaning",
                node,
                en=f"{node.label} is to be signed with “{meaning}”, which is no meaning of a"
                f" signature{_or(meaning, around.meanings, 'en')}; use one of"
                f" {_listed(around.meanings)}.",
                zh=f"{node.label} 的签名含义“{meaning}”不存在"
                f"{_or(meaning, around.meanings, 'zh')}；"
                f"请使用以下之一：{_listed(around.meanings)}。",
            )


def check_separation(drawing: Drawing) -> Iterator[Problem]:
    """Require that separation of duties names other tasks that people do here."""
    diagram = drawing.drawn
    humans = [node.id for node in diagram.nodes.values() if node.is_human]
    for node in diagram.nodes.values():
        for other in (node.extension("separateFrom") or "").split():
            if other == node.id:
                why = ("itself", "自己")
            elif other not in diagram.nodes:
                guess = nearest(other, humans)
                hint = (f" (did you mean “{guess}”?)", f"（是否应为“{guess}”？）")
                en, zh = hint if guess else ("", "")
                why = (f"“{other}”, which is not in the diagram{en}", f"图中不存在的“{other}”{zh}")
            elif other not in humans:
                why = (f"“{other}”, which is not done by people", f"不由人执行的“{other}”")
            else:
                continue
            yield diagram.problem(
                "people.separation",
                node,
                en=f"cs:separateFrom of {node.label} names {why[0]}; name other tasks that people"
                " do in this process, by id, with blanks between.",
                zh=f"{node.label} 的 cs:separateFrom 写了{why[1]}；请写本流程中由人执行的其他任务的"
                " id，以空格分隔。",
            )


def check_trainings(drawing: Drawing) -> Iterator[Problem]:
    """Require that the trainings of a task are named as trainings are, each once."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        named = (node.extension("training") or "").split()
        for training in dict.fromkeys(named):
            if NAME.fullmatch(training) and named.count(training) == 1:
                continue
            yield diagram.problem(
                "people.training",
                node,
                en=f"cs:training of {node.label} names “{training}”; name each training once, by"
                " the number of its document (WI-207), or with @ by a name of the configuration"
                " (@measure), with blanks between.",
                zh=f"{node.label} 的 cs:training 写了“{training}”；每项培训只写一次：文件编号（如"
                " WI-207），或 @ 加配置中的名称（如 @measure），以空格分隔。",
            )


def check_device_classes(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require that a task is bound to kinds of devices that there are."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        for name in (node.extension("deviceClass") or "").split():
            if name not in around.device_classes:
                yield diagram.problem(
                    "people.device_class",
                    node,
                    en=f"cs:deviceClass of {node.label} names “{name}”, which is no kind of device"
                    f"{_or(name, around.device_classes, 'en')}; use some of"
                    f" {_listed(around.device_classes)}.",
                    zh=f"{node.label} 的 cs:deviceClass 写了“{name}”，不是设备类别"
                    f"{_or(name, around.device_classes, 'zh')}；"
                    f"请使用：{_listed(around.device_classes)}。",
                )


def check_escalation(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Require that overdue work is told to roles that exist, and that it can become overdue."""
    diagram = drawing.drawn
    for node in diagram.nodes.values():
        roles = (node.extension("escalateTo") or "").split()
        if roles and node.is_human and node.extension("due") is None:
            yield diagram.problem(
                "people.escalation_without_due",
                node,
                en=f"{node.label} is never overdue, so cs:escalateTo does nothing; say with cs:due"
                " when it should be done.",
                zh=f"{node.label} 没有期限，cs:escalateTo 不起作用；请用 cs:due 写明应完成时间。",
            )
        for role in roles:
            if role not in around.roles:
                yield diagram.problem(
                    "people.escalation_role",
                    node,
                    en=f"cs:escalateTo of {node.label} names “{role}”, which is no role"
                    f"{_or(role, around.roles, 'en')}; use some of {_listed(around.roles)}.",
                    zh=f"{node.label} 的 cs:escalateTo 写了“{role}”，不是角色"
                    f"{_or(role, around.roles, 'zh')}；请使用：{_listed(around.roles)}。",
                )


def _or(word: str, words: Collection[str], language: str) -> str:
    guess = nearest(word, words)
    if guess is None:
        return ""
    return f" (did you mean “{guess}”?)" if language == "en" else f"（是否应为“{guess}”？）"


def _listed(words: Collection[str]) -> str:
    return ", ".join(sorted(words))
