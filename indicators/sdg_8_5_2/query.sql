-- UN metadata 8.5.2: unemployed / labour force. A rounded rate is turned back into people, with its interval.
WITH labour AS (
    SELECT
        *,
        unemployment_rate_pct - 0.5 * coalesce(rate_rounding_pct, 0) AS low,
        unemployment_rate_pct + 0.5 * coalesce(rate_rounding_pct, 0) AS high
    FROM standard.labour_force
)

SELECT
    territory_id,
    period,
    sex,
    age_group,
    urbanisation,
    coalesce(unemployed, 0.01 * unemployment_rate_pct * labour_force) AS numerator,
    labour_force AS denominator,
    coalesce(unemployed, 0.01 * CASE WHEN low < 0 THEN 0 ELSE low END * labour_force) AS numerator_low,
    coalesce(unemployed, 0.01 * CASE WHEN high > 100 THEN 100 ELSE high END * labour_force) AS numerator_high,
    CASE
        WHEN unemployed IS NOT NULL THEN 'counts'
        WHEN unemployment_rate_pct IS NOT NULL THEN 'rounded_rate'
    END AS method,
    [row_id] AS input_rows
FROM labour
