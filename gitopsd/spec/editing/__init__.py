"""Changing what a spec says while every other byte of its file stays as its author wrote it.

What belongs here: edits of one document as data, what they make of plain values, where a value
stands in a text, and how to write a new one in the style of what stands around it. What does not:
which edit is wanted (`drift.acceptance`), and files.
"""

from gitopsd.spec.editing.edits import Edit, Insert, Put, Remove, applied
from gitopsd.spec.editing.files import edited, find, without

__all__ = ["Edit", "Insert", "Put", "Remove", "applied", "edited", "find", "without"]
