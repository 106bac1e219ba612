"""An engine by its name, as the command line and programs choose it."""

from typing import Literal

from pipeline.engines import Engine
from pipeline.engines.local import Limits, LocalEngine

EngineName = Literal["local", "ray"]


def make_engine(
    name: EngineName = "local",
    workers: int | None = None,
    limits: Limits = Limits(),  # noqa: B008
    address: str | None = None,
) -> Engine:
    """The engine `name`."""
    return LocalEngine(limits=limits) if workers is None else LocalEngine(workers, limits=limits)
