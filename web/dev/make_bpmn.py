"""A drawn incoming inspection for fake_server.py: lanes, names in both languages, diagram interchange."""

LANES = [("WH", "Warehouse", "仓库", 60, 160), ("IQC", "Incoming inspection", "来料检验", 220, 260), ("QA", "Quality assurance", "质量保证", 480, 160)]
NODES = [  # id, kind, en, zh, x, y, w, h
    ("Start", "startEvent", "Lot received", "批次到货", 250, 122, 36, 36),
    ("Receive", "userTask", "Record the receipt", "登记收货", 340, 100, 110, 80),
    ("Documents", "userTask", "Check the documents", "核对文件", 340, 250, 110, 80),
    ("Complete", "exclusiveGateway", "Documents complete?", "文件齐全？", 510, 265, 50, 50),
    ("Plan", "businessRuleTask", "Sampling plan", "抽样方案", 620, 250, 110, 80),
    ("Measure", "userTask", "Take the readings", "记录测量值", 790, 250, 110, 80),
    ("Evaluate", "scriptTask", "Evaluate", "评定", 960, 250, 110, 80),
    ("Ask", "userTask", "Ask the supplier", "询问供应商", 480, 370, 110, 80),
    ("Review", "userTask", "Review the results", "复核结果", 960, 370, 110, 80),
    ("Decide", "userTask", "Usage decision", "使用决定", 960, 520, 110, 80),
    ("Accepted", "exclusiveGateway", "Accepted?", "是否接收？", 1130, 535, 50, 50),
    ("Release", "serviceTask", "Release the lot", "放行批次", 1250, 490, 110, 50),
    ("Reject", "serviceTask", "Reject the lot", "拒收批次", 1250, 570, 110, 50),
    ("End", "endEvent", "Done", "结束", 1430, 542, 36, 36),
]
FLOWS = ["Start Receive", "Receive Documents", "Documents Complete", "Complete Plan", "Complete Ask", "Ask Documents", "Plan Measure",
         "Measure Evaluate", "Evaluate Review", "Review Decide", "Decide Accepted", "Accepted Release", "Accepted Reject", "Release End", "Reject End"]


def bpmn() -> str:
    by = {n[0]: n for n in NODES}
    body = "".join(f'<bpmn:{k} id="{i}" name="{en}" cs:nameZh="{zh}"/>' for i, k, en, zh, *_ in NODES)
    flows = "".join(f'<bpmn:sequenceFlow id="F{n}" sourceRef="{f.split()[0]}" targetRef="{f.split()[1]}"/>' for n, f in enumerate(FLOWS))
    lanes = "".join(f'<bpmn:lane id="L_{c}" name="{en}" cs:nameZh="{zh}">' + "".join(f"<bpmn:flowNodeRef>{n[0]}</bpmn:flowNodeRef>" for n in NODES if y <= n[5] < y + h) + "</bpmn:lane>" for c, en, zh, y, h in LANES)
    shapes = '<bpmndi:BPMNShape id="S_P" bpmnElement="Pool" isHorizontal="true"><dc:Bounds x="160" y="60" width="1360" height="580"/></bpmndi:BPMNShape>'
    shapes += "".join(f'<bpmndi:BPMNShape id="S_{c}" bpmnElement="L_{c}" isHorizontal="true"><dc:Bounds x="190" y="{y}" width="1330" height="{h}"/></bpmndi:BPMNShape>' for c, _, _, y, h in LANES)
    for i, k, _, _, x, y, w, h in NODES:
        label = f'<bpmndi:BPMNLabel><dc:Bounds x="{x - 20}" y="{y + h + 4}" width="{w + 40}" height="27"/></bpmndi:BPMNLabel>' if "Event" in k else (f'<bpmndi:BPMNLabel><dc:Bounds x="{x - 20}" y="{y - 32}" width="{w + 40}" height="27"/></bpmndi:BPMNLabel>' if "Gateway" in k else "")
        shapes += f'<bpmndi:BPMNShape id="S_{i}" bpmnElement="{i}"><dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/>{label}</bpmndi:BPMNShape>'
    for n, f in enumerate(FLOWS):
        a, b = (by[x] for x in f.split())
        ax, ay, bx, by_ = a[4] + a[6] / 2, a[5] + a[7] / 2, b[4] + b[6] / 2, b[5] + b[7] / 2
        if abs(ay - by_) < 2:
            pts = [(a[4] + (a[6] if bx > ax else 0), ay), (b[4] + (0 if bx > ax else b[6]), by_)]
        elif abs(ax - bx) < 2:
            pts = [(ax, a[5] + (a[7] if by_ > ay else 0)), (bx, b[5] + (0 if by_ > ay else b[7]))]
        elif "Gateway" in a[1]:
            pts = [(ax, a[5] + (a[7] if by_ > ay else 0)), (ax, by_), (b[4] + (0 if bx > ax else b[6]), by_)]
        else:
            pts = [(a[4] + (a[6] if bx > ax else 0), ay), (bx, ay), (bx, b[5] + (b[7] if by_ < ay else 0))]
        shapes += f'<bpmndi:BPMNEdge id="E{n}" bpmnElement="F{n}">' + "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in pts) + "</bpmndi:BPMNEdge>"
    return ('<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:cs="urn:countersign:bpmn:1" id="D" targetNamespace="urn:x">'
            '<bpmn:collaboration id="C"><bpmn:participant id="Pool" name="Incoming inspection" cs:nameZh="来料检验" processRef="P"/></bpmn:collaboration>'
            f'<bpmn:process id="P" isExecutable="true"><bpmn:laneSet id="LS">{lanes}</bpmn:laneSet>{body}{flows}</bpmn:process>'
            f'<bpmndi:BPMNDiagram id="DG"><bpmndi:BPMNPlane id="PL" bpmnElement="C">{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>')
