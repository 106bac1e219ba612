"""What an ingest would do, without doing it: `jixiao ingest --dry-run`."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines import Engine
from pipeline.ingest import WHOLE, Request, find, planned, root_of, told_contents, unpacked_sources
from pipeline.intentions import Intention, intentions
from pipeline.reading import DEFAULT_PARSER, Parser
from pipeline.store import published_documents
from pipeline.watching.events import Watch, unwatched
from pipeline.watching.steps import Steps


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do with each file; `replaced` published documents would go, since their files have other
    content now."""

    files: tuple[Intention, ...]
    replaced: int

    @property
    def counts(self) -> Mapping[str, int]:
        """Files by what would be done with them."""
        return Counter(i.action for i in self.files)


def preview(
    paths: Sequence[Path],
    store: Path,
    engine: Engine,
    parser: Parser = DEFAULT_PARSER,
    watch: Watch = unwatched,
    request: Request = WHOLE,
) -> Preview:
    """The intentions of a run over `paths`, by source. Takes no lock and writes nothing into the store; archives are
    unpacked into a temporary folder, which is removed. Raises as `ingest` does."""
    steps = Steps(watch)
    steps.begin("looking")
    sources = find(paths, store, request)
    published, _ = published_documents(store)
    root = root_of(paths)
    with (
        tempfile.TemporaryDirectory(prefix="jixiao-") as folder,
        unpacked_sources(sources, Path(folder), engine, request, steps) as found,
    ):
        contents = told_contents(found, steps)
    plan = planned(contents, published, parser, store, root, request.mode)
    ocr = parser.recognise is not None
    return Preview(tuple(intentions(plan, published, parser.version, root, ocr=ocr)), len(plan.replaced))
