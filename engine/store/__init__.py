"""Where the engine keeps things: tables, databases, migrations."""
