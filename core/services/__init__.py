"""Select from a Month for one screen, and save; one module per screen, frozen dataclasses out."""
