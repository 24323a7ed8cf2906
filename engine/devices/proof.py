"""Prove what devices handed in: every envelope from its bytes, every chain without a hole, every
step that says it was done on a device against the envelope that it names. Part of verification."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from engine.canonical import is_instant
from engine.configuration.documents import versions
from engine.devices import envelopes, registry
from engine.devices.envelopes import Envelope, Malformed, PersonSignature, UpgradeRequired
from engine.devices.keys import is_signed
from engine.devices.signatures import examine
from engine.store.base import AnyRow
from engine.store.device_tables import device_chain, device_envelope, device_key

Differ = Callable[[str, object, str, str], None]
"""Says what differs: a code, what it concerns, the sentence in English and in Chinese."""


@dataclass(slots=True)
class DevicesAsTold:
    """Follows the entries of a tenant, and compares with the envelopes that are kept."""

    db: Connection
    tenant_id: str
    differ: Differ
    _meanings: list[Any] | None = None
    _done: list[tuple[str, Mapping[str, Any], Mapping[str, Any] | None]] = field(
        default_factory=list
    )

    def follow(self, document: Mapping[str, Any]) -> None:
        """Take up what an entry tells of work that was done on a device."""
        made = next((e for e in document["events"] if e["event"] == "signature.made"), None)
        for event in document["events"]:
            if "performed" in event:
                told = {**event, "by": document["actor"]["username"]}
                self._done.append((document["stream"], told, made))

    def compare(self) -> int:
        """Compare; give how many envelopes were looked at."""
        known = self._envelopes()
        for stream, event, made in self._done:
            self._compare_step(stream, event, made, known.get(event["performed"]["envelope"]))
        return len(known)

    def _envelopes(self) -> dict[str, Envelope]:
        keys = {(row.device_id, row.epoch): row for row in self._rows(device_key)}
        ends = {key: (0, row.genesis) for key, row in keys.items()}
        found: dict[str, Envelope] = {}
        columns = device_envelope.c
        order = (columns.device_id, columns.epoch, columns.seq, columns.received_at)
        for row in self._rows(device_envelope, *order):
            envelope = self._read(row, keys.get((row.device_id, row.epoch)))
            if envelope is None:
                continue
            found[envelope.hash.hex()] = envelope
            key = (row.device_id, row.epoch)
            if row.intake != "fork":
                self._compare_place(envelope, *ends[key])
                ends[key] = (envelope.seq, envelope.hash)
        for row in self._rows(device_chain):
            self._compare_end(row, ends.get((row.device_id, row.epoch)))
        return found

    def _rows(self, table: Any, *order: Any) -> Iterator[AnyRow]:
        asked = select(table).where(table.c.tenant_id == self.tenant_id)
        yield from self.db.execute(asked.order_by(*order))

    def _read(self, row: AnyRow, key: AnyRow | None) -> Envelope | None:
        """Read an envelope from its bytes, and prove its device's signature."""
        try:
            envelope = envelopes.read(zlib.decompress(row.envelope))
        except (Malformed, UpgradeRequired, zlib.error):
            envelope = None
        named = (row.envelope_hash, row.device_id, row.epoch, row.seq, row.command_id)
        if envelope is None or named != (
            envelope.hash,
            envelope.device_id,
            envelope.epoch,
            envelope.seq,
            envelope.record.id,
        ):
            self.differ(
                "envelope.changed",
                row.envelope_hash.hex(),
                "What a device handed in is not what was kept: it was changed.",
                "设备上交的记录与保存的内容不一致：内容被改动过。",
            )
            return None
        if key is None or not is_signed(
            key.algorithm, key.public_key, row.signature, envelope.signed_message
        ):
            self.differ(
                "envelope.signature",
                row.envelope_hash.hex(),
                "What a device handed in is not signed by that device.",
                "设备上交的记录没有该设备的有效签名。",
            )
        return envelope

    def _compare_place(self, envelope: Envelope, seq: int, head: bytes) -> None:
        if envelope.seq == seq + 1 and envelope.previous == head:
            return
        self.differ(
            "envelope.chain",
            str(envelope.device_id),
            f"Envelope {envelope.seq} of the device does not follow the one before it.",
            f"该设备的第 {envelope.seq} 条记录与上一条不相连。",
        )

    def _compare_end(self, row: AnyRow, end: tuple[int, bytes] | None) -> None:
        if end == (row.received_seq, row.received_head):
            return
        self.differ(
            "envelope.missing",
            str(row.device_id),
            "The history of the device does not end where it should: envelopes were removed.",
            "该设备的记录链未在应有的位置结束：有记录被删除。",
        )

    def _compare_step(
        self,
        stream: str,
        event: Mapping[str, Any],
        made: Mapping[str, Any] | None,
        envelope: Envelope | None,
    ) -> None:
        """Compare a step with its envelope: whose it is, what was done, and the signature."""
        if envelope is None or not _says_the_same(envelope, event):
            self.differ(
                "envelope.other",
                stream,
                "A step is not what the device that it was done on handed in.",
                "该步骤与设备上交的记录不一致。",
            )
            return
        if made is not None and not self._is_proven(envelope, made):
            self.differ(
                "signature.record",
                stream,
                "The signature does not belong to this record.",
                "该签名与此记录不对应。",
            )

    def _is_proven(self, envelope: Envelope, made: Mapping[str, Any]) -> bool:
        signature = next(
            (each for each in envelope.signatures if each.meaning == made["meaning"]), None
        )
        if signature is None or not self._says_the_same(envelope, signature, made):
            return False
        if signature.auth.method == "password":
            return True  # proven when it was made; what proved it is kept nowhere
        row = registry.credential_row(self.db, self.tenant_id, signature.auth.credential or "")
        if row is None:
            return False
        return examine(envelope, signature, registry.as_credential(row)).fault is None

    def _says_the_same(
        self, envelope: Envelope, signature: PersonSignature, made: Mapping[str, Any]
    ) -> bool:
        """Compare what was kept of a signature with the signature: record, sentence, person, time,
        company; and the sentence with those that the company ever had for the meaning."""
        kept = (made["record_hash"], made["statement"], made["language"], made["signed_at"])
        given = (envelope.record_hash, signature.statement, signature.language, signature.at[:40])
        if kept != given or signature.signer != envelope.record.actor:
            return False
        if envelope.record.tenant != self.tenant_id or not is_instant(signature.at):
            return False
        return signature.statement in self._sentences(signature.meaning, signature.language)

    def _sentences(self, meaning: str, language: str) -> set[str]:
        if self._meanings is None:
            self._meanings = versions(self.db, self.tenant_id, "signature_meanings")
        found = (each.get(meaning, {}).get("statement", {}) for each in self._meanings)
        return {each[language] for each in found if language in each}


def _says_the_same(envelope: Envelope, event: Mapping[str, Any]) -> bool:
    record = envelope.record
    return (
        record.actor == event["by"]
        and dict(record.data) == dict(event.get("data", {}))
        and record.target.activity in (None, event.get("activity"))
        and record.definition.form in (None, event.get("form"))
    )
