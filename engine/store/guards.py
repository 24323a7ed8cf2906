"""The one trigger of the schema: the database refuses to change or delete what is append-only."""

from sqlalchemy import Connection, TextClause, inspect, text

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def guard_statements(dialect: str, tables: list[str]) -> list[TextClause]:
    """Give the statements that make `tables` append-only on the database of `dialect`."""
    if dialect == "sqlite":
        return [
            text(
                f"CREATE TRIGGER refuse_{verb.lower()}_{table} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
            for table in tables
            for verb in ("UPDATE", "DELETE")
        ]
    triggers = [
        text(
            f"CREATE TRIGGER refuse_change_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        for table in tables
    ]
    return [text(FUNCTION), *triggers]


def guard_against_replacing(db: Connection) -> None:
    """Have SQLite refuse INSERT OR REPLACE into what is append-only.

    It deletes the row in the way without firing the trigger of DELETE (recursive_triggers is off,
    and that is each connection's own choice). So a row whose key is there is refused beforehand.
    Every table that has the guards above gets this one, unless it has it already: a database that
    was made before there was this one too.
    """
    if db.dialect.name != "sqlite":
        return
    triggers = set(
        db.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
    )
    for trigger in sorted(triggers):
        table = trigger.removeprefix("refuse_update_")
        if table != trigger and f"refuse_replace_{table}" not in triggers:
            db.execute(text(_refuse_replacing(db, table)))


def _refuse_replacing(db: Connection, table: str) -> str:
    """Write the trigger, which looks at each key of a table; a key with a NULL is never taken."""
    found = inspect(db)
    keys = [found.get_pk_constraint(table)["constrained_columns"]]
    keys += [unique["column_names"] for unique in found.get_unique_constraints(table)]
    keys += [
        [name for name in index["column_names"] if name is not None]
        for index in found.get_indexes(table)
        if index["unique"] and "sqlite_where" not in index.get("dialect_options", {})
    ]
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{c} = NEW.{c}' for c in key)})"  # noqa: S608
        for key in keys
    )
    return (
        f"CREATE TRIGGER refuse_replace_{table} BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
