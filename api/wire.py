"""The shapes on the wire, as marshmallow schemas: what requests must be, what answers are.

Answers on hot lists are written directly (marshmallow takes 25 times as long); their schemas are
here for the OpenAPI document, and a test holds every answer against its schema.
"""

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from engine.commands.work_item_id import WorkItemId


class Strict(Schema):
    """A request: a field that is not known is an error, not silence."""

    class Meta:
        unknown = RAISE


class Answer(Schema):
    """An answer: clients ignore what they do not know."""

    class Meta:
        unknown = EXCLUDE


class TextField(fields.Dict):
    """A text by language: {"en": …, "zh": …}."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), values=fields.String(), **kwargs)


class WorkItemIdField(fields.Field[WorkItemId]):
    """A work item's id: "<process instance>.<number>"."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> WorkItemId:
        try:
            return WorkItemId.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class SignIn(Strict):
    username = fields.String(required=True, validate=validate.Length(min=1, max=200))
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))


class Person(Answer):
    id = fields.UUID(required=True)
    username = fields.String(required=True)
    name = TextField(required=True)
    roles = fields.List(fields.String(), required=True)
    zone = fields.String(required=True)


class Session(Answer):
    user = fields.Nested(Person, required=True)
    tenant = fields.String(required=True)
    csrf = fields.String(required=True)


class Assignee(Answer):
    id = fields.UUID(required=True)
    name = TextField(required=True)


class WorkItem(Answer):
    work_item_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    process_instance_id = fields.UUID(required=True)
    process_id = fields.String(required=True)
    process_names = TextField(required=True)
    title = fields.String(required=True)
    activity_id = fields.String(required=True)
    activity_names = TextField(required=True)
    visit = fields.Integer(required=True)
    item_index = fields.Integer(required=True, allow_none=True)
    role = fields.String(required=True)
    assignee = fields.Nested(Assignee, required=True, allow_none=True)
    opened_at = fields.String(required=True)
    due_at = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    form_hash = fields.String(required=True, allow_none=True)
    signature = fields.String(required=True, allow_none=True)
    offline = fields.String(required=True, allow_none=True)
    has_draft = fields.Boolean(required=True)
    definition_hash = fields.String(required=True)
    status = fields.String(required=True)


class Worklist(Answer):
    items = fields.List(fields.Nested(WorkItem), required=True)
    next = fields.String(required=True, allow_none=True)


class May(Answer):
    claim = fields.Boolean(required=True)
    complete = fields.Boolean(required=True)
    why_not = TextField(required=True, allow_none=True)


class Draft(Answer):
    data = fields.Dict(required=True)
    saved_at = fields.String(required=True)


class Meaning(Answer):
    code = fields.String(required=True)
    names = TextField(required=True)
    statement = TextField(required=True)


class WorkItemDetail(WorkItem):
    variables = fields.Dict(required=True)
    result = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The variable that takes the whole answer; none: one a field."},
    )
    draft = fields.Nested(Draft, required=True, allow_none=True)
    meaning = fields.Nested(Meaning, required=True, allow_none=True)
    may = fields.Nested(May, required=True)
    acts_for = fields.Dict(
        required=True,
        allow_none=True,
        data_key="for",
        metadata={"description": "For whom the person would do it, by a delegation."},
    )
    context = fields.Dict(required=True)


class Process(Answer):
    process_id = fields.String(required=True)
    names = TextField(required=True)
    description = TextField(required=True)
    version = fields.Integer(required=True)
    definition_hash = fields.String(required=True)
    may_start = fields.Boolean(required=True)
    anyone_starts = fields.Boolean(required=True)
    start_form = fields.String(required=True, allow_none=True)


class Processes(Answer):
    items = fields.List(fields.Nested(Process), required=True)


class Instance(Answer):
    process_instance_id = fields.UUID(required=True)
    process_id = fields.String(required=True)
    process_names = TextField(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    definition_hash = fields.String(required=True)
    status = fields.String(required=True)
    started_at = fields.String(required=True)
    finished_at = fields.String(required=True, allow_none=True)


class Instances(Answer):
    items = fields.List(fields.Nested(Instance), required=True)
    next = fields.String(required=True, allow_none=True)


class InstanceDetail(Instance):
    started_by = fields.Dict(required=True)
    activities = fields.Dict(required=True)
    work_items = fields.List(fields.Nested(WorkItem), required=True)
    incidents = fields.List(fields.Dict(), required=True)
    variables = fields.Dict(required=True)


class Incident(Answer):
    """Something that failed. `delivery` is null for what a person asked, else timer, message or
    signal: then it is held, and tried again at `retry_at` (null: it waits for a person)."""

    incident_id = fields.UUID(required=True)
    raised_at = fields.String(required=True)
    process_instance_id = fields.UUID(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    command = fields.String(required=True)
    error = fields.String(required=True)
    delivery = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True, allow_none=True)
    retry_at = fields.String(required=True, allow_none=True)
    what_to_do = TextField(required=True)
    choices = fields.List(fields.String(), required=True)


class Incidents(Answer):
    items = fields.List(fields.Nested(Incident), required=True)
    next = fields.String(required=True, allow_none=True)


class History(Answer):
    entries = fields.List(fields.Dict(), required=True)
    verified = fields.Boolean(required=True)


class Accepted(Answer):
    outcome = fields.String(required=True)
    command_id = fields.UUID(required=True)
    result = fields.Dict(required=True)


class Problem(Answer):
    """A problem document (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    reason = fields.String(required=True)
    errors = fields.List(fields.Dict())


class CommandBody(Strict):
    command_id = fields.UUID(required=True)
    device = fields.String(load_default=None, validate=validate.Length(max=200))
    why = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))


class Signature(Strict):
    username = fields.String(required=True, validate=validate.Length(max=200))
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))
    meaning = fields.String(required=True, validate=validate.Length(max=20))
    shown_hash = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    language = fields.String(load_default="en", validate=validate.OneOf(["en", "zh"]))


class StartProcessInstance(CommandBody):
    process_id = fields.String(required=True, validate=validate.Length(max=200))
    data = fields.Dict(load_default=dict)


class OfWorkItem(CommandBody):
    work_item_id = WorkItemIdField(required=True)


class CompleteWorkItem(OfWorkItem):
    revision = fields.Integer(required=True, strict=True)
    data = fields.Dict(load_default=dict)
    signature = fields.Nested(Signature, load_default=None, allow_none=True)


class SaveDraft(OfWorkItem):
    data = fields.Dict(required=True)


class CancelProcessInstance(CommandBody):
    process_instance_id = fields.UUID(required=True)
    signature = fields.Nested(Signature, load_default=None, allow_none=True)


class SetPassword(CommandBody):
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))
    new_password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))


class UnlockSigning(CommandBody):
    account_id = fields.UUID(required=True)


class DelegateRole(CommandBody):
    role = fields.String(required=True, validate=validate.Length(min=1, max=20))
    to_username = fields.String(required=True, validate=validate.Length(min=1, max=200))
    starts_at = fields.AwareDateTime(required=True, format="iso")
    ends_at = fields.AwareDateTime(required=True, format="iso")


class EndDelegation(CommandBody):
    delegation_id = fields.UUID(required=True)


class OfIncident(CommandBody):
    incident_id = fields.UUID(required=True)


class StartClock(CommandBody):
    rule = fields.String(required=True, validate=validate.Length(min=1, max=40))
    subject_kind = fields.String(required=True, validate=validate.Length(min=1, max=100))
    subject_number = fields.String(required=True, validate=validate.Length(min=1, max=100))
    started_at = fields.AwareDateTime(required=True, format="iso")
    evidence = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    owner_role = fields.String(load_default=None, validate=validate.Length(max=20))
    calendar = fields.String(load_default=None, validate=validate.Length(max=20))


class OfClock(CommandBody):
    clock_id = fields.UUID(required=True)


class ClockTime(OfClock):
    at = fields.AwareDateTime(required=True, format="iso")
    evidence = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class RecordAuthorityAnswer(CommandBody):
    change = fields.String(required=True, validate=validate.Length(min=1, max=40))
    market = fields.String(required=True, validate=validate.Length(min=1, max=20))
    reference = fields.String(required=True, validate=validate.Length(min=1, max=80))
    answer = fields.String(
        load_default="approved", validate=validate.OneOf(["approved", "refused"])
    )


def _text_or_rows(value: object) -> bool:
    """Let texts and lists through; what is in them the command reads itself."""
    if isinstance(value, str):
        return len(value) <= 400
    return isinstance(value, list) and len(value) <= 200


class HandInMessage(CommandBody):
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    payload = fields.Dict(
        keys=fields.String(validate=validate.Length(max=80)),
        values=fields.Raw(validate=_text_or_rows),
        required=True,
        validate=validate.Length(max=40),
    )


class RunDataQualityChecks(CommandBody):
    pass


class MergeItemNumbers(CommandBody):
    item_number = fields.String(required=True, validate=validate.Length(min=1, max=40))
    into = fields.String(required=True, validate=validate.Length(min=1, max=40))


class RecordNewInformation(CommandBody):
    complaint = fields.String(required=True, validate=validate.Length(min=1, max=40))
    region = fields.String(required=True, validate=validate.Length(min=2, max=10))
    information = fields.String(required=True, validate=validate.Length(min=3, max=4000))
    received_at = fields.AwareDateTime(required=True, format="iso")


class RecordSupplement(CommandBody):
    complaint = fields.String(required=True, validate=validate.Length(min=1, max=40))
    region = fields.String(required=True, validate=validate.Length(min=2, max=10))
    reference = fields.String(required=True, validate=validate.Length(min=1, max=300))
    submitted_at = fields.AwareDateTime(required=True, format="iso")


class AssignFinding(CommandBody):
    finding_id = fields.UUID(required=True)
    revision = fields.Integer(required=True, strict=True)
    assignee = fields.String(required=True, validate=validate.Length(min=1, max=200))
    due_on = fields.Date(load_default=None, allow_none=True)


class ResolveFinding(CommandBody):
    finding_id = fields.UUID(required=True)
    revision = fields.Integer(required=True, strict=True)
    resolution = fields.String(required=True, validate=validate.OneOf(["corrected", "accepted"]))


class ChangeConfiguration(CommandBody):
    key = fields.String(required=True, validate=validate.Length(max=100))
    document = fields.Raw(required=True)


class Paging(Schema):
    class Meta:
        unknown = EXCLUDE

    cursor = fields.String(load_default=None)
    status = fields.String(load_default=None)


class CompiledBy(Schema):
    """The compiler's version that a form in the device's memory was made by."""

    class Meta:
        unknown = EXCLUDE

    compiler = fields.String(load_default=None, validate=validate.Length(max=20))


class PrintedLabels(Schema):
    after = fields.String(load_default="", validate=validate.Length(max=80))


class Query(Schema):
    class Meta:
        unknown = EXCLUDE

    query = fields.String(load_default="", validate=validate.Length(max=200))
    cursor = fields.String(load_default=None)


class Scan(Schema):
    class Meta:
        unknown = EXCLUDE

    text = fields.String(required=True, validate=validate.Length(max=500))


class Anything(Answer):
    """A document whose shape its own part of the product describes."""
