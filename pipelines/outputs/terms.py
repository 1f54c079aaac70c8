"""On which terms a release may be used: the licences of the sources in service, and what was made from each."""

import re
from dataclasses import dataclass

from pipelines.outputs.release import Release

_FREE_OF_RIGHTS = re.compile(r"CC0-|PDDL-|LicenseRef-.*-PD$")
_SHARE_ALIKE = re.compile(r"ODbL-|CC-BY(-NC)?-SA-")


@dataclass(frozen=True)
class SourceInService:
    """A source whose vintage went into the release; `homepage` is null where the owner has none.

    `indicators` are those with a value, or a missing value, that was made from it.
    """

    source_id: str
    title: str
    publisher: str
    licence: str
    attribution: str
    homepage: str | None
    vintage_id: str
    indicators: list[str]

    @property
    def is_free_of_rights(self) -> bool:
        """Whether nobody holds rights in it: public domain, or a dedication to it."""
        return _FREE_OF_RIGHTS.match(self.licence) is not None


@dataclass(frozen=True)
class Licence:
    """A licence, and the sources under it."""

    name: str
    sources: list[SourceInService]

    @property
    def indicators(self) -> list[str]:
        """The indicators made from one of its sources."""
        return sorted({indicator_id for source in self.sources for indicator_id in source.indicators})

    @property
    def address(self) -> str | None:
        """The licence's text; null where the name is no SPDX identifier with a page of its own."""
        is_listed = re.fullmatch(r"[A-Za-z0-9.+-]+", self.name) and not self.name.startswith("LicenseRef-")
        return f"https://spdx.org/licenses/{self.name}.html" if is_listed else None

    @property
    def is_share_alike(self) -> bool:
        """Whether what is made from it has to stay under the same licence."""
        return _SHARE_ALIKE.match(self.name) is not None


def sources_in_service(release: Release) -> list[SourceInService]:
    """The sources in service, in order of their id."""
    rows = release.warehouse.rows(
        """
        WITH used AS (
            SELECT DISTINCT indicator_id, unnest(certificate_ids) AS certificate_id FROM indicator_value
        ), made AS (
            SELECT certificate.source_id, list(DISTINCT used.indicator_id ORDER BY used.indicator_id) AS indicators
            FROM used JOIN certificate USING (certificate_id)
            GROUP BY certificate.source_id
        )
        SELECT
            source_id, title, publisher, licence, attribution, homepage, vintage_id, coalesce(made.indicators, [])
        FROM source LEFT JOIN made USING (source_id)
        WHERE is_in_service
        ORDER BY source_id
        """
    )
    return [SourceInService(*row) for row in rows]


def licences(sources: list[SourceInService]) -> list[Licence]:
    """The licences of the sources, in order of their name."""
    names = sorted({source.licence for source in sources})
    return [Licence(name, [source for source in sources if source.licence == name]) for name in names]


def compilation_terms(found: list[Licence]) -> str:
    """The terms of the release as a whole, in words."""
    terms = (
        "Each value may be used on the terms of every source that went into it; the columns certificate_ids and "
        "input_rows tell which. The compilation adds no terms of its own."
    )
    for licence in found:
        if licence.is_share_alike and licence.indicators:
            terms += (
                f" Values made from a source under {licence.name} ({', '.join(licence.indicators)}) are a derived "
                f"database: whoever passes them on does so under {licence.name}."
            )
    return terms
