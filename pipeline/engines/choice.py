"""An engine by its name, as the command line and programs choose it."""

from typing import Literal

from pipeline.engines import Engine, Limits
from pipeline.engines.attempts import DEFAULT_LIMITS
from pipeline.engines.local import LocalEngine
from schemas.errors import UsageError

EngineName = Literal["local", "ray"]


def make_engine(
    name: EngineName = "local",
    workers: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    address: str | None = None,
) -> Engine:
    """The engine `name` with `workers` processes; None: as many as there are processors. `address` is that of a Ray
    cluster ("auto", or host:port); without one, Ray runs on this machine alone.

    Raises UsageError for values that make no sense, and where Ray is not installed.
    """
    if name == "ray":
        try:
            from pipeline.engines.ray import RayEngine  # noqa: PLC0415 (an extra, half a second to load)
        except ImportError as error:
            raise UsageError(
                f"--engine ray needs Ray ({error}); install it: pip install 'jixiao[ray]'"
            ) from error
        return RayEngine(workers, limits, address)
    if address is not None:
        raise UsageError("--address is that of a Ray cluster; add --engine ray")
    return LocalEngine(limits=limits) if workers is None else LocalEngine(workers, limits=limits)
