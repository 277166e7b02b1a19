"""The workshop: a room agrees on what matters.

`sessions` is what happens, kept in the state store; `access` who may do it; `decision` what comes of it, with a record
from which anybody can compute it again.
"""
