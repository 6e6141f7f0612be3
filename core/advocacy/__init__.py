"""Whom to ask for what, and whom to leave in peace: scores, hard stops, rests, the ladder and the next ask.

Inputs are one frozen `AdvocacyInput` of a day; the results are frames with one row per contact, or per contact and
signal, guard or rest. Order of use: `score`, `guardrails`, `next_asks`; `check_ask` again at the moment of saving.
"""
