"""D4.2: the territories that should be there are there."""

from pipelines.checks.criterion import CheckedTable, Criterion, Finding, Subject, not_applicable, not_assessable
from pipelines.warehouse import quote


def assess(subject: Subject) -> Finding:
    """The smallest share of covered territories over the observation tables.

    A table should cover every known territory of the countries and levels that it has any of. A territory is covered
    where a row of it carries a measure, or where that holds for all of its members.
    """
    tables = [
        table
        for table in subject.tables.values()
        if table.schema.kind == "observation" and "territory_id" in table.schema.field_names
    ]
    if not tables:
        return not_applicable("the source observes no territories")
    if subject.warehouse.value("SELECT count(*) FROM known_territory") == 0:
        return not_assessable("no source declares the territories of this country")
    covered, expected, name, absent = min((_coverage(subject, table) for table in tables), key=_share)
    if expected == 0:
        return not_assessable(f"none of the territories in {name} is known")
    words = f"{name}: {covered:,} of {expected:,} territories have a value"
    if absent:
        words += f"; among those without: {absent}"
    return Finding(covered / expected, words, n=expected, numerator=covered, denominator=expected)


def _share(item: tuple[int, int, str, str | None]) -> tuple[float, str]:
    covered, expected, name, _ = item
    return (covered / expected if expected else 0.0, name)


def _coverage(subject: Subject, table: CheckedTable) -> tuple[int, int, str, str | None]:
    measures = [name for name in table.schema.measures if name in table.table.targets()]
    present = " AND ".join(f"{quote(name)} IS NOT NULL" for name in measures) or "true"
    covered, expected, absent = subject.warehouse.rows(
        f"""
        WITH mentioned AS (SELECT DISTINCT territory_id FROM {quote(table.name)}),
        observed AS (SELECT DISTINCT territory_id FROM {quote(table.name)} WHERE {present}),
        target AS (
            SELECT territory_id FROM known_territory
            SEMI JOIN (
                SELECT country_code, territory_level FROM known_territory SEMI JOIN mentioned USING (territory_id)
            ) USING (country_code, territory_level)
        ),
        by_members AS (
            SELECT known_member.territory_id FROM known_member
            LEFT JOIN observed ON observed.territory_id = known_member.member_id
            GROUP BY known_member.territory_id HAVING count(*) = count(observed.territory_id)
        ),
        judged AS (
            SELECT territory_id, territory_id IN (FROM observed) OR territory_id IN (FROM by_members) AS is_covered
            FROM target
        )
        SELECT
            count(*) FILTER (WHERE is_covered),
            count(*),
            array_to_string(list_sort(list(territory_id) FILTER (WHERE NOT is_covered))[:5], ', ')
        FROM judged
        """
    )[0]
    return covered, expected, table.name, absent or None


CRITERION = Criterion(
    "D4.2",
    "territorial_coverage",
    "Territorial coverage",
    "coverage and completeness",
    "share",
    "at_least",
    "Territories with a valid record of those that should have one; the worst table counts.",
    assess,
)
