"""The labels of a lot over HTTP: a PDF in the language of who asks; of a lot that is there."""

from io import BytesIO
from pathlib import Path
from uuid import UUID

from pypdf import PdfReader

from api.app import create_app
from api.context import EngineAccess
from processes import demo
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import lots
from tests.api.conftest import Browser
from tests.people import ANN
from tests.scenario import TENANT, Scenario


def test_the_labels_of_a_lot_are_printed(scenario: Scenario, tmp_path: Path) -> None:
    company = scenario
    demo.seed_master_data(company.dispatcher, TENANT)
    deliver(company)
    with company.database.reading() as db:
        (lot,) = lots.search(db, TENANT, "L-")
    access = EngineAccess(dispatcher=company.dispatcher, tenant=TENANT)
    app = create_app(access, secret_key="test", web=tmp_path)  # noqa: S106
    address = f"/api/ledger/lots/{lot.lot_id}/labels.pdf"
    assert Browser(app.test_client()).get(address).status_code == 401
    for spoken, title in (("zh", "批次标签"), ("en", "Lot labels")):
        ann = Browser(app.test_client(), spoken).sign_in(ANN)
        answer = ann.get(address)
        assert answer.status_code == 200
        assert answer.content_type == "application/pdf"
        assert answer.headers["Cache-Control"] == "no-store"
        (page,) = PdfReader(BytesIO(answer.data)).pages
        text = page.extract_text().replace("\u200b", "")
        assert title in text
        assert text.count(lot.number) >= 2
        assert "HX-77" in text
    assert ann.get(f"/api/ledger/lots/{UUID(int=1)}/labels.pdf").status_code == 404
    shown = ann.get(f"/api/ledger/lots/{lot.lot_id}").get_json()
    assert shown["label_prints"] == []
    assert [each["counts"] for each in shown["balances"]] == ["QUARANTINE"]
    units = ann.get("/api/ledger/units").get_json()["units"]
    assert units[shown["unit"]] == {"en": "each", "zh": "件"}
