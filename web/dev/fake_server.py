"""Serve a build of the client with made-up answers, under the product's Content-Security-Policy, to look at it.

For the eyes of developers only: nothing of the product and none of its tests uses this.
    python web/dev/fake_server.py [port] [folder of the build]
"""

import hashlib
import json
import mimetypes
import sys
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from make_bpmn import bpmn  # noqa: E402

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8123
DIST = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent.parent / "dist"
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
NOW = datetime.now(UTC)
iso = lambda d: d.strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: E731
T = lambda en, zh: {"en": en, "zh": zh}  # noqa: E731
BEN, CLEO, DORA = ({"id": str(uuid.UUID(int=n)), "name": T(en, zh)} for n, en, zh in ((1, "Ben Liu", "刘斌"), (2, "Cleo Wang", "王可"), (3, "Dora Chen", "陈朵")))
DEF = hashlib.sha256(b"def").hexdigest()
INST = "0193f7a2-1111-7000-8000-00000000000"
FORM = {
    "form": "document_check", "hash": "", "title": T("Document check", "文件核对"), "expressions": {}, "order": [], "needs": {}, "judged_by": {}, "check_needs": {},
    "schema": {"type": "object", "required": ["certificate"], "properties": {
        "certificate": {"type": "string", "x-field": "text", "x-label": T("Certificate number", "合格证编号")},
        "lot_matches": {"type": "boolean", "x-field": "yes_no", "x-label": T("Lot on the label matches", "标签批号一致")},
        "quantity": {"type": "string", "x-field": "quantity", "x-unit": "pcs", "x-decimals": 0, "x-label": T("Quantity on the delivery note", "送货单数量")},
        "condition": {"type": "string", "x-field": "choice", "enum": ["good", "damaged"], "x-labels": {"good": T("Good", "完好"), "damaged": T("Damaged", "破损")}, "x-label": T("Condition of the packages", "包装状况")},
        "readings": {"type": "array", "x-field": "table", "maxItems": 20, "x-label": T("Readings", "测量值"), "items": {"type": "object", "properties": {
            "sample": {"type": "integer", "x-field": "count", "x-label": T("Sample", "样品")}, "diameter": {"type": "string", "x-field": "quantity", "x-unit": "mm", "x-label": T("Outer diameter", "外径")}}}},
        "remark": {"type": "string", "x-field": "text", "x-multiline": True, "maxLength": 500, "x-label": T("Remark", "备注")}}},
    "ui": {"type": "VerticalLayout", "elements": [{"type": "Control", "scope": f"#/properties/{n}"} for n in ("certificate", "lot_matches", "quantity", "condition", "readings", "remark")]},
}
sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from forms import load_form  # noqa: E402

FORM.update(version="1", description=T("Checked against the delivery note.", "与送货单核对。"))
for extra in ("hash", "expressions", "order", "needs", "judged_by", "check_needs"):
    FORM.pop(extra)
FORM = load_form(json.dumps(FORM).encode()).to_client()
FH = FORM["hash"]
RECORD = {"certificate": "COC-2026-8841", "lot_matches": True, "quantity": "1200", "condition": "good", "readings": [{"sample": n, "diameter": f"6.0{n}0"} for n in range(1, 5)], "remark": "Label slightly scratched, legible."}


def item(n, en, zh, title, due, who=None, sig=None, draft=False, role="IQC", visit=1):
    return {"work_item_id": f"{INST}{n % 3}.{n}", "revision": 2, "process_instance_id": f"{INST}{n % 3}", "process_id": "incoming_inspection", "process_names": T("Incoming inspection", "来料检验"),
            "title": title, "activity_id": "Documents", "activity_names": T(en, zh), "visit": visit, "item_index": None, "role": role, "assignee": who, "opened_at": iso(NOW - timedelta(hours=30)),
            "due_at": due and iso(NOW + timedelta(hours=due)), "priority": 50, "form_hash": FH, "signature": sig, "offline": "B", "has_draft": draft, "definition_hash": DEF, "status": "open"}


ITEMS = [
    item(1, "Check the documents", "核对文件", "IQC-SZ01-2026-0142 · LOT-A1 · Balloon catheter 6F, shaft assembly with hydrophilic coating", -26, BEN, "PERF", True),
    item(2, "Take the readings", "记录测量值", "IQC-SZ01-2026-0143 · LOT-B7", 3, BEN, "PERF"),
    item(3, "Take the readings", "记录测量值", "IQC-SZ01-2026-0144 · 240817-03", 7, None, "PERF"),
    item(4, "Review the results", "复核结果", "IQC-SZ01-2026-0139 · LOT-99X", 20, None, "VERF", visit=2),
    item(5, "Check the documents", "核对文件", "IQC-SZ01-2026-0150 · 7731", 46, CLEO, "PERF"),
    item(6, "Ask the supplier", "询问供应商", "IQC-SZ01-2026-0137 · LOT-C2", None),
]
MEANING = {"code": "PERF", "names": T("Performed", "执行"), "statement": T("I performed this step as recorded here, and the entries are complete and true.", "本人已按此记录执行该步骤，所填内容完整、真实。")}
USER = {"id": BEN["id"], "username": "ben", "name": BEN["name"], "roles": ["AUD", "IQC"], "zone": "Asia/Shanghai"}
DEMO = [{"username": u, "name": T(en, zh), "roles": r, "password": "countersign"} for u, en, zh, r in (("ann", "Ann Zhao", "赵安", ["WH"]), ("ben", "Ben Liu", "刘斌", ["IQC"]), ("cleo", "Cleo Wang", "王可", ["QCL"]), ("dora", "Dora Chen", "陈朵", ["QA"]), ("eve", "Eve Sun", "孙怡", ["AUD"]))]
STATE = {"in": "--in" in sys.argv, "gone": set()}


def history():
    def entry(n, actor, role, hours, events, why=None, command="complete-work-item"):
        return {"seq": n, "at": iso(NOW - timedelta(hours=hours)), "zone": "Asia/Shanghai", "actor": {**actor, "username": "x", "role": role}, "device": "IQC tablet 2" if n > 1 else None,
                "command": {"id": str(uuid.uuid4()), "name": command}, "why": why, "definition": DEF, "events": events, "hash": hashlib.sha256(bytes([n])).hexdigest(), "prev": None}
    sig = {"event": "signature.made", "meaning": "PERF", "meaning_names": MEANING["names"], "statement": MEANING["statement"]["zh"], "language": "zh", "signer": {"id": BEN["id"], "username": "ben", "name": BEN["name"], "role": "IQC"}, "record_hash": hashlib.sha256(b"r").hexdigest()}
    return {"verified": True, "entries": [
        entry(1, {"id": None, "name": T("Countersign", "会签")}, None, 31, [{"event": "process_instance.started"}, {"event": "work_item.opened", "activity": "Documents", "role": "IQC", "task_ref": 1}], command="deliver-message"),
        entry(2, BEN, "IQC", 30, [{"event": "work_item.claimed", "activity": "Documents", "task_ref": 1}], command="claim-work-item"),
        entry(3, BEN, "IQC", 29, [{"event": "work_item.completed", "activity": "Documents", "task_ref": 1, "form": FH, "data": RECORD}, sig, {"event": "variables.changed", "changes": [{"field": "status", "old": "QUARANTINE", "new": "RELEASED"}, {"field": "quantity", "old": "1000", "new": "1200"}]}, {"event": "process_instance.advanced", "left": ["Documents"]}], why="Delivery note corrected by the supplier"),
        entry(4, {"id": None, "name": T("Countersign", "会签")}, None, 5, [{"event": "timer.fired", "activity": "Measure", "task_ref": 3}], command="fire-timer"),
    ]}


def answer(method, path, query, body):
    if path == "/api/session":
        if method == "GET" and not STATE["in"]:
            return 401, {"reason": "unauthorized", "title": "Sign in first", "csrf": "t", "demo_accounts": DEMO}
        if method == "POST" and body.get("password") != "countersign":
            return 401, {"reason": "sign_in_refused", "title": "Sign in first", "detail": "User name or password is not right."}
        STATE["in"] = method != "DELETE"
        return (204, None) if method == "DELETE" else (200, {"user": USER, "tenant": "demo", "csrf": "t"})
    if path == "/api/worklist":
        return 200, {"items": [i for i in ITEMS if i["work_item_id"] not in STATE["gone"]], "next": None}
    if path.startswith("/api/work-items/"):
        found = next((i for i in ITEMS if i["work_item_id"] == path.rsplit("/", 1)[1]), None)
        if not found:
            return 404, {"reason": "not_found", "title": "Not found", "detail": "There is nothing here. Go back to your worklist."}
        free = found["assignee"] is None or found["assignee"]["id"] == BEN["id"]
        return 200, {**found, "variables": {"certificate": "COC-2026-8840", "lot": "LOT-A1"}, "draft": {"data": RECORD, "saved_at": iso(NOW)} if found["has_draft"] else None,
                     "meaning": MEANING if found["signature"] else None, "may": {"claim": found["assignee"] is None, "complete": free, "why_not": None if free else T("Claimed by Cleo Wang.", "已由王可领取。")}, "context": {"now": iso(NOW)}}
    if path.startswith("/api/forms/"):
        return 200, FORM
    if path == "/api/processes":
        return 200, {"items": [{"process_id": "receiving", "names": T("Receiving", "收货"), "description": T("Record a delivery: scan, lot, quantity, documents. Starts the incoming inspection.", "登记到货：扫码、批号、数量、文件，并启动来料检验。"), "version": 3, "definition_hash": DEF, "may_start": True, "anyone_starts": False, "start_form": None},
                               {"process_id": "incoming_inspection", "names": T("Incoming inspection", "来料检验"), "description": T("Inspects a received lot and releases or rejects it.", "检验到货批次并放行或拒收。"), "version": 7, "definition_hash": DEF, "may_start": False, "anyone_starts": False, "start_form": None}]}
    if path == "/api/instances":
        return 200, {"items": [{"process_instance_id": f"{INST}{n}", "process_id": "incoming_inspection", "process_names": T("Incoming inspection", "来料检验"), "title": i["title"], "status": s, "started_at": iso(NOW - timedelta(days=n)), "finished_at": None if s == "running" else iso(NOW)} for n, (i, s) in enumerate(zip(ITEMS, ["running", "running", "completed", "cancelled", "running", "completed"])) if query.get("status", s) == s], "next": None}
    if path.endswith("/history"):
        return 200, history()
    if path.startswith("/api/instances/"):
        return 200, {"process_instance_id": INST + "1", "process_id": "incoming_inspection", "process_names": T("Incoming inspection", "来料检验"), "title": "IQC-SZ01-2026-0142 · LOT-A1", "version": 7, "definition_hash": DEF, "status": "running", "started_at": iso(NOW - timedelta(hours=31)), "finished_at": None, "started_by": {"id": None, "username": "engine", "name": T("Countersign", "会签"), "role": None},
                     "cancel": {"code": "CLOS", "names": T("Closed", "关闭"), "statement": T("I close this process for the reason given.", "本人基于所述理由关闭该流程。")},
                     "activities": {"Start": {"completed": 1}, "Receive": {"completed": 1}, "Documents": {"completed": 2}, "Complete": {"completed": 2}, "Ask": {"completed": 1, "open": 0}, "Plan": {"completed": 1}, "Measure": {"open": 1}, "Evaluate": {"waiting": 1}, "Release": {"failed": 1}}, "work_items": [ITEMS[1]],
                     "incidents": [{"id": str(uuid.UUID(int=9)), "at": iso(NOW), "activity_id": "Release", "message": "TypeError: the label printer did not answer"}], "variables": {}}
    if path.endswith("/diagram"):
        return 200, bpmn()
    if path == "/api/ledger/lots":
        return 200, {"items": [{"lot_id": str(n), "number": l, "item": {"item_id": "1", "number": "RM-0231", "names": T("Balloon catheter shaft 6F", "球囊导管管身 6F"), "unit": "pcs"}, "status": s, "expiry": "2028-05-31", "quantity": "1200", "unit": "pcs"} for n, (l, s) in enumerate((("LOT-A1", "QUARANTINE"), ("LOT-B7", "RELEASED"), ("240817-03", "REJECTED")))], "next": None}
    if path.startswith("/api/ledger/lots/"):
        loc = lambda c, en, zh: {"location_id": c, "code": c, "names": T(en, zh)}  # noqa: E731
        return 200, {"lot_id": "0", "number": "LOT-A1", "item": {"item_id": "1", "number": "RM-0231", "names": T("Balloon catheter shaft 6F", "球囊导管管身 6F"), "unit": "pcs"}, "status": "QUARANTINE", "expiry": "2028-05-31", "received_at": iso(NOW), "supplier": {"supplier_id": "s", "name": T("Suzhou Polymer Tubing Co.", "苏州高分子管材有限公司")}, "process_instance_id": INST + "1",
                     "balances": [{"location": loc("QRT-01", "Quarantine cage", "待检区"), "status": "QUARANTINE", "quantity": "1187", "unit": "pcs"}, {"location": loc("LAB", "Laboratory", "实验室"), "status": "SAMPLE", "quantity": "13", "unit": "pcs"}],
                     "movements": [{"movement_id": "1", "at": iso(NOW), "kind": "RCV", "from": None, "to": loc("QRT-01", "Quarantine cage", "待检区"), "from_status": None, "to_status": "QUARANTINE", "quantity": "1200", "unit": "pcs", "actor": BEN, "activity_names": T("Record the receipt", "登记收货"), "process_instance_id": INST + "1", "why": None},
                                   {"movement_id": "2", "at": iso(NOW), "kind": "SAMPLE", "from": loc("QRT-01", "Quarantine cage", "待检区"), "to": loc("LAB", "Laboratory", "实验室"), "from_status": "QUARANTINE", "to_status": "SAMPLE", "quantity": "13", "unit": "pcs", "actor": BEN, "activity_names": T("Take the readings", "记录测量值"), "process_instance_id": INST + "1", "why": "AQL 1.0, level II"}],
                     "statuses": [{"status": "QUARANTINE", "at": iso(NOW), "actor": BEN, "why": "Received", "process_instance_id": None}]}
    if path == "/api/ledger/items":
        return 200, {"items": [{"item_id": "1", "number": "RM-0231", "names": T("Balloon catheter shaft 6F", "球囊导管管身 6F"), "unit": "pcs", "gtin": "06901234567892", "manufacturer": "Suzhou Polymer Tubing Co.", "packages": [{"gtin": "16901234567899", "level": "box", "quantity": "10"}, {"gtin": "26901234567896", "level": "carton", "quantity": "120"}]}], "next": None}
    if path == "/api/verification":
        return 200, {"checked": {"streams": 214, "entries": 3120, "signatures": 611, "instances": 198, "projected rows": 4410, "files": 37}, "problems": [] if not query else [{"stream": INST + "1", "seq": 4, "code": "hash_differs", "message": T("The entry's hash is not the hash of its content.", "条目的哈希与其内容不符。")}]}
    if path.startswith("/api/commands/"):
        name = path.rsplit("/", 1)[1]
        if name == "complete-work-item" and body.get("signature", {}).get("password", "countersign") != "countersign":
            return 403, {"reason": "signature_refused", "title": "Not allowed", "detail": "Name or password is not right. The step is still open; nothing was signed."}
        if name == "complete-work-item":
            STATE["gone"].add(body["work_item_id"])
        return 200, {"outcome": "accepted", "command_id": body["command_id"], "result": {"process_instance_id": INST + "1", "next_work_items": [ITEMS[2]], "work_items": [ITEMS[1]["work_item_id"]]}}
    return 404, {"reason": "not_found", "title": "Not found"}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, status, content, kind, extra=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", CSP)
        for k, v in extra:
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(content)

    def handle_any(self):
        path, _, q = self.path.partition("?")
        if path.startswith("/api/"):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "{}") if length else {}
            status, found = answer(self.command, path, dict(p.split("=", 1) for p in q.split("&") if "=" in p), body)
            if isinstance(found, str):
                return self.reply(status, found.encode(), "application/xml")
            kind = "application/json" if status < 400 else "application/problem+json"
            if found is None:
                self.send_response(204)
                return self.end_headers()
            if status >= 400:
                found.setdefault("status", status)
            return self.reply(status, json.dumps(found).encode(), kind, [("Cache-Control", "no-store")])
        file = DIST / path.lstrip("/")
        if not file.is_file():
            file = DIST / "index.html"
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self.reply(200, file.read_bytes(), "text/javascript" if file.suffix == ".js" else kind, [("Cache-Control", "no-cache")])

    do_GET = do_POST = do_DELETE = do_PUT = handle_any


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
