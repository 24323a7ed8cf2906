"""Reads devices, their keys and chains, credentials and leases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from engine.devices.signatures import Credential
from engine.store.base import AnyRow
from engine.store.device_tables import credential, device, device_chain, device_key, lease

_KEYS = (
    select(
        device_key.c.epoch,
        device_key.c.algorithm,
        device_key.c.public_key,
        device_key.c.closed_at,
        device_key.c.closed_seq,
        device_key.c.closed_head,
        device.c.revoked_at,
    )
    .join(
        device,
        (device.c.tenant_id == device_key.c.tenant_id)
        & (device.c.device_id == device_key.c.device_id),
    )
    .where(device_key.c.tenant_id == bindparam("tenant_id"))
    .where(device_key.c.device_id == bindparam("device_id"))
)
_CHAIN = (
    select(device_chain)
    .where(device_chain.c.tenant_id == bindparam("tenant_id"))
    .where(device_chain.c.device_id == bindparam("device_id"))
    .where(device_chain.c.epoch == bindparam("epoch"))
    .with_for_update()
)
_DEVICE = (
    select(device)
    .where(device.c.tenant_id == bindparam("tenant_id"))
    .where(device.c.device_id == bindparam("device_id"))
)
_DEVICES = (
    select(
        device,
        device_chain.c.received_seq,
        device_chain.c.known_seq,
        device_chain.c.heard_at,
        device_chain.c.told,
    )
    .join(
        device_chain,
        (device_chain.c.tenant_id == device.c.tenant_id)
        & (device_chain.c.device_id == device.c.device_id)
        & (device_chain.c.epoch == device.c.epoch),
    )
    .where(device.c.tenant_id == bindparam("tenant_id"))
    .order_by(device.c.enrolled_at.desc(), device.c.device_id)
)
_ONE = _DEVICES.where(device.c.device_id == bindparam("device_id"))
_CREDENTIAL = (
    select(credential)
    .where(credential.c.tenant_id == bindparam("tenant_id"))
    .where(credential.c.credential_id == bindparam("credential_id"))
)
_CREDENTIALS = (
    select(credential)
    .where(credential.c.tenant_id == bindparam("tenant_id"))
    .where(credential.c.account_id == bindparam("account_id"))
    .order_by(credential.c.registered_at)
)
_LEASE = (
    select(lease)
    .where(lease.c.tenant_id == bindparam("tenant_id"))
    .where(lease.c.lease_id == bindparam("lease_id"))
)
_LEASES = (
    select(lease.c.account_id, func.max(lease.c.ends_at).label("ends_at"))
    .where(lease.c.tenant_id == bindparam("tenant_id"))
    .where(lease.c.device_id == bindparam("device_id"))
    .where(lease.c.ends_at > bindparam("at"))
    .group_by(lease.c.account_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKey:
    """A key of a device, and how it stands with the device by now. From `closed_at` on nothing
    more counts of its history than the one that ends with `closed_head` at `closed_seq`."""

    epoch: int
    algorithm: str
    public_key: bytes
    closed_at: datetime | None
    closed_seq: int | None
    closed_head: bytes | None
    revoked_at: datetime | None


def keys_of(db: Connection, tenant_id: str, device_id: UUID) -> dict[int, DeviceKey]:
    """Give the keys of a device by epoch; none for a device that nobody enrolled."""
    rows = db.execute(_KEYS, {"tenant_id": tenant_id, "device_id": device_id})
    return {row.epoch: DeviceKey(**row._mapping) for row in rows}  # noqa: SLF001  # SQLAlchemy's


def chain_of(db: Connection, tenant_id: str, device_id: UUID, epoch: int) -> AnyRow | None:
    """Give how far the history of a device is known, to be moved on in this transaction."""
    key = {"tenant_id": tenant_id, "device_id": device_id, "epoch": epoch}
    return db.execute(_CHAIN, key).one_or_none()


def find(db: Connection, tenant_id: str, device_id: UUID) -> AnyRow | None:
    """Give a device, or None."""
    key = {"tenant_id": tenant_id, "device_id": device_id}
    return db.execute(_DEVICE, key).one_or_none()


def all_devices(db: Connection, tenant_id: str) -> Sequence[AnyRow]:
    """Give all devices with how far their history is known, the newest first."""
    return db.execute(_DEVICES, {"tenant_id": tenant_id}).all()


def one_device(db: Connection, tenant_id: str, device_id: UUID) -> AnyRow | None:
    """Give a device with how far its history is known."""
    key = {"tenant_id": tenant_id, "device_id": device_id}
    return db.execute(_ONE, key).one_or_none()


def credential_row(db: Connection, tenant_id: str, credential_id: str) -> AnyRow | None:
    """Give a credential as it is kept, or None."""
    key = {"tenant_id": tenant_id, "credential_id": credential_id}
    return db.execute(_CREDENTIAL, key).one_or_none()


def credentials_of(db: Connection, tenant_id: str, account_id: UUID) -> Sequence[AnyRow]:
    """Give the credentials of a person, the oldest first."""
    key = {"tenant_id": tenant_id, "account_id": account_id}
    return db.execute(_CREDENTIALS, key).all()


def as_credential(row: AnyRow) -> Credential:
    """Give a row as what signatures are examined with."""
    return Credential(
        credential_id=row.credential_id,
        account_id=row.account_id,
        method=row.method,
        algorithm=row.algorithm,
        public_key=row.public_key,
        site=row.site,
        origins=() if row.origin is None else (row.origin,),
    )


def lease_row(db: Connection, tenant_id: str, lease_id: UUID) -> AnyRow | None:
    """Give a lease, or None."""
    return db.execute(_LEASE, {"tenant_id": tenant_id, "lease_id": lease_id}).one_or_none()


def leases_of(db: Connection, tenant_id: str, device_id: UUID, at: datetime) -> Sequence[Any]:
    """Tell who may work on a device without a network, and until when."""
    key = {"tenant_id": tenant_id, "device_id": device_id, "at": at}
    return db.execute(_LEASES, key).all()
