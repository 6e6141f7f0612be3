"""The demo company: a whole business generated from a seed, with its planted truth."""

from core.demo.company import Company, generate
from core.demo.files import write

__all__ = ["Company", "generate", "write"]
