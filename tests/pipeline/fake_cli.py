"""`jixiao` with the made-up parser of fakes.py: python -m tests.pipeline.fake_cli ARGUMENTS."""

import os

import pipeline.cli
import pipeline.commands.ingest
import pipeline.staging
from pipeline.reading import Parser
from tests.pipeline import fakes

if __name__ == "__main__":
    pipeline.commands.ingest.PARSER = Parser(fakes.parse, os.environ.get("JIXIAO_TEST_VERSION", "1"), None)
    pipeline.staging.BATCH_FILES = int(os.environ.get("JIXIAO_TEST_BATCH", "200"))
    pipeline.staging.BATCH_SECONDS = float(os.environ.get("JIXIAO_TEST_BATCH_SECONDS", "20"))
    pipeline.cli.main()
