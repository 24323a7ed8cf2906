"""The one trigger of the schema: the database refuses to change or delete what is append-only."""

from sqlalchemy import TextClause, text

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
