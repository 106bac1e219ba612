"""Sample archive: invented reports with their ground truth, written without looking at the parser."""

from tests.samples.archive import bad_inputs, generate, write_pair

__all__ = ["bad_inputs", "generate", "write_pair"]
