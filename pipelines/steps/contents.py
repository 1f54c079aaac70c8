"""What goes into a release."""

from dataclasses import dataclass

from pipelines.specs.workspace import Workspace
from pipelines.steps.certify import Certificate, InService
from pipelines.steps.compute import Computed
from pipelines.steps.standardise import Standard


@dataclass(frozen=True)
class Contents:
    """What goes into a release."""

    workspace: Workspace
    certificates: list[Certificate]
    uses: list[InService]
    standards: dict[str, Standard]
    computed: list[Computed]
