-- UN metadata 7.1.1, with households for people: households with electricity / all households.
WITH connected AS (
    SELECT
        *,
        share_pct - 0.5 * coalesce(rate_rounding_pct, 0) AS low,
        share_pct + 0.5 * coalesce(rate_rounding_pct, 0) AS high
    FROM standard.household_service
    WHERE service = 'electricity'
)

SELECT
    territory_id,
    period,
    urbanisation,
    0.01 * share_pct * households AS numerator,
    households AS denominator,
    0.01 * CASE WHEN low < 0 THEN 0 ELSE low END * households AS numerator_low,
    0.01 * CASE WHEN high > 100 THEN 100 ELSE high END * households AS numerator_high,
    [row_id] AS input_rows
FROM connected
