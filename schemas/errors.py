"""Errors that jixiao raises, told apart by what the caller can do about them.

JixiaoError
├── UnreadableFile      the bytes cannot be read; mend or convert the file
├── NotAReport          the file is readable but is no performance report; leave it out
├── StoreError          the store cannot be read or written; look at the folder
│   └── EngineError     the processes that read files cannot be run; look at the machine
└── UsageError          the call itself is wrong; read the help
"""

from typing import Literal

Category = Literal[
    "unopened",  # no permission, no ordinary file, gone in the meantime
    "empty",  # no bytes, or no text in them
    "truncated",  # the file ends too early or is damaged
    "encrypted",  # protected by a password
    "unsupported",  # a format that jixiao does not read
    "missing_tool",  # an extra or a program that reads it is not installed
    "encoding",  # a text in no encoding that jixiao knows
    "too_large",  # beyond a limit set against hostile files
    "unsafe",  # a member of an archive that would climb out of it
    "timeout",  # took longer than any report does
    "not_a_report",  # readable, but no performance report
    "internal",  # a fault of jixiao itself
]
"""Why a file was not read, as `outcomes.category` stores it."""


class JixiaoError(Exception):
    """Root of all errors that jixiao raises on purpose."""


class UnreadableFile(JixiaoError):
    """A file whose bytes cannot be turned into a Document.

    `category` tells why; the message says in plain words what to do. `pictures` counts the pages
    that OCR could read, where that is what it lacks.
    """

    def __init__(self, category: Category, message: str, pictures: int = 0) -> None:
        super().__init__(message)
        self.category: Category = category
        self.pictures = pictures


class NotAReport(JixiaoError):
    """A readable file that is no budget-performance report; `pictures` as in UnreadableFile."""

    category: Category = "not_a_report"

    def __init__(self, message: str, pictures: int = 0) -> None:
        super().__init__(message)
        self.pictures = pictures


class StoreError(JixiaoError):
    """The store cannot be opened, read or published."""


class EngineError(StoreError):
    """The processes that read files cannot be started or kept; what they read until then is staged."""


class UsageError(JixiaoError):
    """A call with arguments that make no sense."""
