"""`python -m core …`: the services without a browser."""

from core.cli import app

app()
