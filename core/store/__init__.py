"""Records (SQLModel tables, sessions, migrations), the manifest and the fact parts."""
