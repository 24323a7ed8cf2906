"""The names of people by user name: records keep the user name, people read names."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, select

from engine.store.tables import account

_NAMES = (
    select(account.c.username, account.c.name_en, account.c.name_zh)
    .where(account.c.tenant_id == bindparam("tenant_id"))
    .where(account.c.username.in_(bindparam("usernames", expanding=True)))
)


def names_of(
    db: Connection, tenant_id: str, usernames: Iterable[str | None]
) -> dict[str, Mapping[str, str]]:
    """Give the name in both languages of everybody who has an account; the engine has none."""
    wanted = sorted({each for each in usernames if each is not None})
    if not wanted:
        return {}
    rows = db.execute(_NAMES, {"tenant_id": tenant_id, "usernames": wanted})
    return {row.username: {"en": row.name_en, "zh": row.name_zh} for row in rows}
