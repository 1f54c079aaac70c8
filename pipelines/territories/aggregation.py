"""Aggregation: the figures of a territory that has members, from the numerators and denominators of its members.

Never an average of percentages. The functions return SQL over the tables of `steps.compute`.
"""

from pipelines.specs.indicator import Indicator
from pipelines.specs.workspace import TERRITORY_MEMBER
from pipelines.warehouse import quote

AGE_GROUP = "age_group"


def leaves_sql(spec: Indicator) -> str:
    """`leaf`: each territory that has members, with the undivided territories it consists of."""
    condition = "" if spec.aggregation == "sum_over_members" else "WHERE false"
    return f"""
        CREATE TEMP TABLE leaf AS
        WITH RECURSIVE member AS (
            SELECT territory_id, member_id, row_id FROM standard.{TERRITORY_MEMBER} {condition}
        ), reach AS (
            SELECT territory_id, member_id, [row_id] AS path FROM member
            UNION ALL
            SELECT reach.territory_id, member.member_id, list_append(reach.path, member.row_id)
            FROM reach JOIN member ON member.territory_id = reach.member_id
            WHERE NOT list_contains(reach.path, member.row_id)
        )
        SELECT territory_id, member_id, list_sort(list_distinct(flatten(list(path)))) AS path FROM reach
        WHERE member_id NOT IN (SELECT territory_id FROM member)
        GROUP BY territory_id, member_id
    """


def sums_sql(spec: Indicator) -> str:
    """`summed`: own parts of territories without members, sums over the members of those that have some.

    A sum with a member missing is null and says which.
    """
    own = ", ".join(f"wanted.{quote(name)}" for name in ["period", "series", *spec.breakdowns])
    same = " AND ".join(
        f"judged.{quote(name)} = wanted.{quote(name)}" for name in ["period", "series", *spec.breakdowns]
    )
    names = ", ".join(map(quote, ["period", "series", *spec.breakdowns]))
    is_total = is_total_sql(spec)
    filled = "judged.numerator IS NOT NULL AND judged.denominator IS NOT NULL"
    return f"""
        CREATE TEMP TABLE summed AS
        WITH wanted AS (
            SELECT DISTINCT leaf.territory_id, {names}
            FROM leaf JOIN judged ON judged.territory_id = leaf.member_id
            UNION
            SELECT DISTINCT territory_id, {names} FROM judged
            WHERE ({is_total}) AND territory_id IN (SELECT territory_id FROM leaf)
        ), per_member AS (
            SELECT
                wanted.territory_id, {own}, leaf.member_id, leaf.path, ({filled}) AS is_filled,
                judged.* EXCLUDE (territory_id, {names})
            FROM wanted
            JOIN leaf USING (territory_id)
            LEFT JOIN judged ON judged.territory_id = leaf.member_id AND {same}
        ), level_of_members AS (
            SELECT territory_id, {names}, cert_level, sum(denominator) AS denominator
            FROM per_member WHERE is_filled GROUP BY ALL
        ), exposed AS (
            SELECT
                territory_id, {names},
                list(
                    {{'level': cert_level, 'share': CAST(denominator / nullif(total, 0) AS DECIMAL(9, 6))}}
                    ORDER BY cert_level
                ) AS exposure
            FROM (SELECT *, sum(denominator) OVER (PARTITION BY territory_id, {names}) AS total FROM level_of_members)
            GROUP BY ALL
        ), over_members AS (
            SELECT
                territory_id, {names},
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(numerator) END AS numerator,
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(numerator_low) END AS numerator_low,
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(numerator_high) END AS numerator_high,
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(denominator) END AS denominator,
                array_to_string(list_sort(list(DISTINCT method) FILTER (WHERE method <> '')), '+') AS method,
                list_sort(list_distinct(flatten(list(list_concat(coalesce(input_rows, []), path))))) AS input_rows,
                count(DISTINCT member_id) AS members,
                list_sort(list(DISTINCT member_id) FILTER (WHERE NOT coalesce(is_filled, false))) AS absent
            FROM per_member GROUP BY ALL
        )
        SELECT
            over_members.*, exposed.exposure
        FROM over_members LEFT JOIN exposed USING (territory_id, {names})
        UNION ALL BY NAME
        SELECT
            *, 0 AS members, NULL::VARCHAR[] AS absent,
            CASE WHEN cert_level IS NOT NULL
                THEN [{{'level': cert_level, 'share': CAST(1 AS DECIMAL(9, 6))}}] END AS exposure
        FROM judged
        WHERE territory_id NOT IN (SELECT territory_id FROM leaf)
    """


def is_total_sql(spec: Indicator) -> str:
    """SQL that is true for a row about everyone; the age group stays, since it is part of many definitions (15+)."""
    return " AND ".join(f"{quote(name)} = '_T'" for name in spec.breakdowns if name != AGE_GROUP)
