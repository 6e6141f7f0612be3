"""Numbers of the rules as they hold for each contact: those of the segment of the contact's own account.

Where that account belongs to a family, the segment of the family plays no part: how a person is asked follows from the
company she or he works at. Figures are another matter: they count a family once, in the segment of its top account.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.advocacy.inputs import AdvocacyInput, Floats
from core.model.advocacy import AdvocacyRules


def per_contact(inputs: AdvocacyInput, rules: AdvocacyRules, number: Callable[[AdvocacyRules], float]) -> Floats:
    """A number of the rules for every contact.

    Args:
        inputs: The contacts.
        rules: The rules, with what they say of single segments.
        number: Reads the number from rules.

    Returns:
        One value per contact, in their order, not to be written to; that of all others for one without a segment.
    """
    if not rules.segments:
        return np.broadcast_to(np.float64(number(rules)), len(inputs.contacts))
    codes, names = inputs.segments
    own = [number(rules.of(str(name))) for name in names]
    return np.asarray([*own, number(rules)], dtype=np.float64)[codes]
