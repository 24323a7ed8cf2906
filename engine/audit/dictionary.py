"""What most entries of the trail say alike, known to the compressor beforehand.

An entry is short, and most of it is names of fields: with them in a preset dictionary (zlib, RFC
1950: FDICT) a stored entry takes half the bytes. A stored entry names its dictionary by checksum,
so this one is never changed; a better one is added beside it. The hash of an entry covers the plain
canonical bytes: whoever reads an export needs no dictionary.
"""

import zlib

DICTIONARY_1 = (
    '{"account":"failed":"signature.refused"session.opened"security"account.created"'
    '{"event":"timer.cleared","task_ref":{"activity":"due_at":"event":"timer.set","task_ref":'
    '{"activity":"correlation":"","event":"subscription.opened","kind":"message","name":"task_ref":'
    '{"event":"subscription.closed"{"correlation":"","event":"message.thrown","name":"outbox":'
    '"payload":{"event":"message.received"{"event":"work_item.cancelled"{"activity":"assignee":'
    '"event":"work_item.claimed","revision":2,"task_ref":"incident.raised""process_instance.cancelled"'
    '"by":"person","definition":"event":"process_instance.started","process":"version":'
    '{"event":"process_instance.finished","status":"completed"}'
    '{"actor":{"id":null,"name":{"en":"Countersign (messages)","zh":"会签系统（messages）"},'
    '"role":null,"username":"engine:messages"},"command":{"name":"StartProcessInstance"}"DeliverMessage"'
    '"FireTimers"'
    '审核批准放行拒收复核执行签收编制确认"REVW""APPR""REL""REJ""AUTH""VERF""RECV""CLOS"'
    '"meaning":"VERF","meaning_names":{"en":"Verified by second person","zh":"复核"}'
    '"meaning":"REL","meaning_names":{"en":"Released","zh":"放行"}'
    '"role":"WH","username":"role":"QCL","role":"QA","role":"IQC","username":"'
    '},"at":"2026-11-22T10:41:07.123456Z","command":{"id":"01a2055b-5190-7662-9c7f-",'
    '"name":"CompleteWorkItem"},"definition":"@1","device":null,"events":[{"activity":"","data":{"'
    '":true,"":false,"":null,"lot":"","quantity":"","remark":""},"definition":"","event":'
    '"work_item.completed","form":"","task_ref":2,"visit":1},{"event":"signature.made",'
    '"factors":["username","password"],"language":"zh","meaning":"PERF","meaning_names":'
    '{"en":"Performed","zh":"执行"},"record_hash":"","statement":"本步骤由我本人按批准的作业文件执行，'
    '并如实记录。"},{"activity":"","due_at":"2026-11-23T","event":"work_item.opened","priority":50,'
    '"role":"IQC","task_ref":3,"visit":1},{"event":"variables.submitted","fields":["","",""]},'
    '{"changes":[{"field":"","new":"","old":null},{"field":"","new":"","old":null}],"event":'
    '"variables.changed"},{"event":"process_instance.advanced","left":["",""],"state":""},'
    '{"event":"process_instance.titled","title":""}],"prev":"","seq":2,"stream":"01a2055b-518a-7042-",'
    '"tenant":"main","v":1,"why":null,"zone":"Asia/Shanghai"}{"actor":{"id":"01a2055b-21c7-708f-",'
    '"name":{"en":"","zh":""},"role":"IQC","username":""},"at":"2026-'
).encode()

_BY_CHECKSUM = {zlib.adler32(DICTIONARY_1): DICTIONARY_1}
_HEADER = 2


def compress(content: bytes) -> bytes:
    """Compress with the newest dictionary."""
    packer = zlib.compressobj(6, zdict=DICTIONARY_1)
    return packer.compress(content) + packer.flush()


def decompress(stored: bytes) -> bytes:
    """Give the content again; ValueError when it is damaged or of an unknown dictionary."""
    checksum = int.from_bytes(stored[_HEADER : _HEADER + 4], "big")
    try:
        unpacker = zlib.decompressobj(zdict=_BY_CHECKSUM[checksum])
        return unpacker.decompress(stored) + unpacker.flush()
    except (KeyError, zlib.error) as error:
        message = f"the stored entry cannot be read: {error}"
        raise ValueError(message) from error
