"""A parser that does what hostile files make parsers do.

Files that begin with SEGV, HOG or SLOW end their process by a fault of memory, take all the memory there is, or take
their time; those of tests/pipeline/fakes.py (HANG, EAT, DIE, CRASH, BROKEN, OTHER and made-up reports) do as there; all others
are read by the real parsers.
"""

import hashlib
import os
import signal
import time
from pathlib import Path

import numpy as np

from parsers import parse_file
from schemas.records import ParsedFile
from tests.pipeline.fakes import parse as parse_made_up

MADE_UP = (b'{"year"', b"BROKEN", b"OTHER", b"CRASH", b"HANG", b"EAT", b"DIE", b"WARN")
CALLS = "JIXIAO_FAULT_CALLS"
SLOW_SECONDS = 0.05
PIECE = 64 * 2**20


def parse(data: bytes) -> ParsedFile:
    """What the file says, or the fault that it makes."""
    if name := os.environ.get(CALLS):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{hashlib.sha256(data).hexdigest()}\n")
    if data.startswith(b"SEGV"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if data.startswith(b"HOG"):
        held = []
        while True:  # address space only: pages that nobody touches cost the machine nothing
            held.append(np.empty(PIECE, np.uint8))
    if data.startswith(b"SLOW"):
        time.sleep(SLOW_SECONDS)
        data = data.split(b"\n", 1)[1]
    return parse_made_up(data) if data.startswith(MADE_UP) else parse_file(data)
