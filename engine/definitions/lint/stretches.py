"""Tell the process owner where a device cannot go on without the server, and what would change it.

Information, never a refusal: a process that cannot be run ahead is as good as any other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

from engine.definitions.diagram import FlowNode
from engine.definitions.extension import CAPABLE
from engine.definitions.lint.drawing import Drawing
from engine.definitions.stretches import Stop, Why
from engine.problems import Problem

_BEFORE = ("Without a connection the work stops before {place}", "离线时工作停在 {place} 之前")


def _before(en: str, zh: str) -> tuple[str, str]:
    return _BEFORE[0] + en, _BEFORE[1] + zh


_SENTENCES: Mapping[Why, tuple[str, str]] = MappingProxyType(
    {
        "offline.service": _before(
            en=", which only the server can do. If it only checks or files what was done, and has a"
            ' cs:result, mark it cs:offline="later": the device goes on, and the server does it'
            " when it hears of it.",
            zh="，该步骤只能由服务器执行。若它只是核对或登记已完成的工作且写有 cs:result，"
            '可标为 cs:offline="later"：设备继续，服务器收到后再执行。',
        ),
        "offline.decision": _before(
            en=": decision tables are evaluated on the server. A condition in FEEL on a gateway is"
            " evaluated on the device as well.",
            zh="：决策表在服务器上判定。网关上用 FEEL 写的条件在设备上也能判定。",
        ),
        "offline.branches": _before(
            en=": what happens in several branches at once is kept together by the server.",
            zh="：并行分支由服务器协调。",
        ),
        "offline.wait": _before(
            en=", which waits for an event that only the server hears of.",
            zh="，它等待的事件只有服务器能收到。",
        ),
        "offline.call": _before(
            en=": called processes run on the server. Steps in an embedded sub-process can be done"
            " on the device.",
            zh="：被调用的流程在服务器上运行。嵌入式子流程中的步骤可在设备上完成。",
        ),
        "offline.throws": _before(
            en=": what it throws may be caught in this process, which only the server sees.",
            zh="：它抛出的事件可能在本流程内被捕获，只有服务器能判断。",
        ),
        "offline.clock": _before(
            en=", whose expression uses now() or today(): the server's time counts, not the"
            " device's. Where the date may be the person's, ask for it in a form.",
            zh="，其表达式使用 now() 或 today()：以服务器时间为准。"
            "若日期可由人员给出，请改在表单中填写。",
        ),
        "offline.repeated": _before(
            en=": tasks without people are not repeated on a device. Put it into an embedded"
            " sub-process that is repeated.",
            zh="：设备不会重复执行无人任务。请把它放入重复执行的嵌入式子流程。",
        ),
        "offline.later_caught": _before(
            en=' although it is marked "later": the diagram draws another way for its error, so'
            " what comes next depends on it.",
            zh="，尽管已标为“later”：流程图为其错误画了另一条路径，后续取决于它。",
        ),
        "offline.conditional": (
            "Nothing can be run ahead without a connection: {place} looks at every change.",
            "本流程无法离线先行：{place} 在每一步之后都要检查变量。",
        ),
        "offline.not_held": _before(
            en=" if it came past a task that is done later: it uses {names}, which the server gives"
            " only then.",
            zh="（若之前越过了稍后执行的任务）：它使用的 {names} 由服务器稍后给出。",
        ),
        "offline.form_not_held": _before(
            en=" if it came past a task that is done later: its form uses {names}, which the server"
            " gives only then.",
            zh="（若之前越过了稍后执行的任务）：其表单使用的 {names} 由服务器稍后给出。",
        ),
    }
)


def notes_on_stretches(drawing: Drawing, stops: Iterable[Stop]) -> Iterator[Problem]:
    """Say of each place where a stretch ends why it does; about the drawn diagram."""
    for stop in stops:
        place = _drawn(drawing, stop.element_id)
        if place is None:
            continue
        english, chinese = _SENTENCES[stop.why]
        yield drawing.drawn.problem(
            stop.why,
            place,
            en=english.format(place=place.label, names=", ".join(stop.names)),
            zh=chinese.format(place=place.label, names="、".join(stop.names)),
            severity="information",
        )


def notes_on_meanings(
    drawing: Drawing, signed_offline: Collection[str] | None
) -> Iterator[Problem]:
    """Say where a step is marked to be completed offline, but its signature is one that the
    customer's `offline_policy` keeps online; None where the customer has none yet."""
    for node in drawing.drawn.nodes.values():
        meaning = node.extension("signature")
        if signed_offline is None or meaning is None or meaning in signed_offline:
            continue
        if node.extension("offline") in CAPABLE:
            yield drawing.drawn.problem(
                "offline.meaning",
                node,
                en=f'{node.label} is marked cs:offline="{node.extension("offline")}", but it is'
                f" signed as {meaning}, which the document offline_policy does not let anybody sign"
                " without a connection: it can be prepared, and is signed online.",
                zh=f'{node.label} 标为 cs:offline="{node.extension("offline")}"，但其签名含义'
                f" {meaning} 不在 offline_policy 允许离线签名之列：可先准备，联机后签名。",
                severity="information",
            )


def _drawn(drawing: Drawing, node_id: str) -> FlowNode | None:
    """Give the drawn node, or the one that a node which normalisation added serves."""
    return drawing.place(node_id) or drawing.place(node_id.rpartition("__")[0])
