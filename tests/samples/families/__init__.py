"""The families of reports; each module writes one, with its truth."""

from __future__ import annotations

from collections.abc import Callable

from tests.samples.facts import Facts
from tests.samples.families import (
    department,
    ministry_form,
    provincial_form,
    seven_chapters,
    target_form,
    third_party,
    transfer,
)
from tests.samples.model import Draft

FAMILIES: dict[str, Callable[[Draft, list[Facts]], None]] = {
    "seven_chapters": seven_chapters.write,
    "transfer": transfer.write,
    "third_party": third_party.write,
    "department": department.write,
    "ministry_form": ministry_form.write,
    "provincial_form": provincial_form.write,
    "target_form": target_form.write,
}
