-- After UN metadata 11.1.1, by dwelling type only: households in a basic dwelling or slum / all households.
WITH basic AS (
    SELECT
        *,
        share_pct - 0.5 * coalesce(rate_rounding_pct, 0) AS low,
        share_pct + 0.5 * coalesce(rate_rounding_pct, 0) AS high
    FROM standard.dwelling
    WHERE dwelling_type = 'basic_or_slum'
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
FROM basic
