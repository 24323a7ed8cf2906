"""The acts of an inspection, as people do them on the screen, in either language.

One delivery of real devices by their real barcode: Ann receives, Ben inspects, Cleo reviews, Dora
decides and releases. What stands in `ZH` is what a Chinese reader must find on the screen.
"""

from playwright.sync_api import expect

from tests.browser.seat import Seat

LABEL = "]d201008411321129391728013110HX-77"
ZH = {
    "Start Receiving": "发起收货",
    "Supplier": "供应商",
    "Huaxin Precision Medical Components": "华新精密医疗部件有限公司",
    "Delivery note number": "送货单号",
    "Label (optional)": "标签（选填）",
    "Item": "物料",
    "Supplier's lot": "供应商批号",
    "Expiry date (optional)": "有效期至（选填）",
    "Quantity": "数量",
    "Transport boxes": "外箱数",
    "Yes": "是",
    "Put on": "存放货位",
    "Check the documents": "文件检查",
    "Conforms": "符合",
    "conforms": "合格",
    "Draw the samples": "抽取样品",
    "Units drawn": "已抽取数量",
    "Inspect": "检验",
    "Instrument": "量具",
    "Review the record": "复核记录",
    "Usage decision": "使用决策",
    "Accept": "接收",
    "Accepted quantity": "接收数量",
    "Are all packages whole and dry?": "包装是否完好、干燥？",
    "Release the lot": "放行批次",
}


def called(seat: Seat, english: str) -> str:
    """Give the words of a form or a step as this person reads them."""
    return english if seat.language == "en" else ZH[english]


def fill_in_delivery(ann: Seat) -> None:
    """Start a receiving and fill in its form; it is left unsigned."""
    ann.go("/start")
    ann.page.get_by_role("button", name=called(ann, "Start Receiving"), exact=True).click()
    fill_in_form_of_delivery(ann)


def fill_in_form_of_delivery(ann: Seat) -> None:
    """Fill in the form of a delivery that is open, lot and expiry by one scan."""
    page = ann.page
    page.locator("main form").wait_for()
    choose(ann, "Supplier", called(ann, "Huaxin Precision Medical Components"))
    page.get_by_label(called(ann, "Delivery note number")).fill("DN-1")
    page.get_by_label(called(ann, "Label (optional)")).click()
    page.keyboard.type(LABEL)
    page.keyboard.press("Enter")
    # One scan fills item, lot and expiry at once.
    expect(page.get_by_label(called(ann, "Item"), exact=True)).to_have_value("00841132112939")
    expect(page.get_by_label(called(ann, "Supplier's lot"))).to_have_value("HX-77")
    expect(page.get_by_label(called(ann, "Expiry date (optional)"))).to_have_value("2028-01-31")
    page.get_by_label(called(ann, "Quantity")).fill("10")
    page.get_by_label(called(ann, "Transport boxes")).fill("1")
    whole = page.get_by_role("radiogroup", name=called(ann, "Are all packages whole and dry?"))
    whole.get_by_label(called(ann, "Yes"), exact=True).check(force=True)
    page.get_by_label(called(ann, "Put on")).fill("Q-01")


def scan_two_units(ann: Seat) -> None:
    """Scan two serialised units of one lot, label by label, on the form of a delivery."""
    page = ann.page
    ann.go("/start")
    page.get_by_role("button", name=called(ann, "Start Receiving"), exact=True).click()
    page.locator("main form").wait_for()
    for row, unit in enumerate(("SN-1", "SN-2")):
        page.get_by_label(called(ann, "Label (optional)")).click()
        page.keyboard.type("]d201008135020112581729063010P7")
        page.keyboard.press("F8")  # how a wedge sends the separator of a variable element
        page.keyboard.type(f"21{unit}")
        page.keyboard.press("Enter")
        # One scan fills item, lot, expiry and serial at once.
        expect(page.get_by_label(called(ann, "Item"), exact=True)).to_have_value("00813502011258")
        expect(page.get_by_label(called(ann, "Supplier's lot"))).to_have_value("P7")
        expect(page.get_by_label(called(ann, "Expiry date (optional)"))).to_have_value("2029-06-30")
        expect(page.locator(f"main input[id$='-serials-{row}-serial']")).to_have_value(unit)


def receive(ann: Seat) -> None:
    fill_in_delivery(ann)
    ann.sign()


def tick_all(seat: Seat, label: str) -> None:
    choices = seat.page.get_by_label(called(seat, label), exact=True)
    choices.first.wait_for(state="attached")  # tables come a moment after the form
    for position in range(choices.count()):
        choices.nth(position).check(force=True)


def check_documents(ben: Seat) -> None:
    ben.open(called(ben, "Check the documents"))
    tick_all(ben, "Conforms")
    tick_all(ben, "Yes")
    ben.sign()


def draw_samples(ben: Seat) -> None:
    ben.open(called(ben, "Draw the samples"))
    ben.page.get_by_label(called(ben, "Units drawn")).fill("5")
    tick_all(ben, "Yes")
    ben.sign()


def inspect(ben: Seat) -> None:
    check_documents(ben)
    draw_samples(ben)
    for _ in range(3):
        ben.open(called(ben, "Inspect"))
        measure(ben)
        ben.sign()


def measure(ben: Seat) -> None:
    """Fill in the characteristic that is open: with an instrument, or by eye."""
    page = ben.page
    rows = page.locator("main input[id$='-value'], main input[name$='-conforming']")
    rows.first.wait_for(state="attached")
    if page.get_by_label(called(ben, "Instrument")).count() == 0:
        tick_all(ben, "conforms")
        return
    requirement = page.locator("main form").inner_text()
    good, gauge = ("2.680", "MIC-0003") if "2.6" in requirement else ("56.00", "CAL-0007")
    choose(ben, "Instrument", gauge)
    values = page.locator("main input[id$='-value']")
    for position in range(values.count()):
        values.nth(position).fill(good)


def choose(seat: Seat, field: str, words: str) -> None:
    """Choose an answer by a part of its words: from a list on a phone, all in sight elsewhere."""
    chooser = seat.page.get_by_label(called(seat, field), exact=True)
    if chooser.get_attribute("role") == "radiogroup":
        chooser.locator("label", has_text=words).click()
    else:
        value = chooser.locator("option", has_text=words).first.get_attribute("value")
        chooser.select_option(value=value)


def review(cleo: Seat) -> None:
    cleo.open(called(cleo, "Review the record"))
    tick_all(cleo, "Yes")
    cleo.sign()


def decide(dora: Seat) -> None:
    dora.open(called(dora, "Usage decision"))
    dora.page.get_by_label(called(dora, "Accept"), exact=True).check(force=True)
    dora.page.get_by_label(called(dora, "Accepted quantity")).fill("10")
    dora.complete()


def release(dora: Seat) -> str:
    """Release the lot; give the id of the process instance."""
    dora.open(called(dora, "Release the lot"))
    instance = str(dora.page.url).split("/work/")[1].split(".")[0]
    dora.sign()
    return instance
