"""How mature each capability is: claimed, measured, reported, and what to close first."""
