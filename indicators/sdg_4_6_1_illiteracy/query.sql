-- UIS literacy rate, turned round: illiterate people / people of the same ages, a series for each age base.
WITH literacy AS (
    SELECT
        *,
        illiteracy_rate_pct - 0.5 * coalesce(rate_rounding_pct, 0) AS low,
        illiteracy_rate_pct + 0.5 * coalesce(rate_rounding_pct, 0) AS high
    FROM standard.literacy
    WHERE age_group IN ('Y_GE10', 'Y_GE15')
)

SELECT
    territory_id,
    period,
    CASE age_group WHEN 'Y_GE10' THEN 'illiteracy_10_plus' ELSE 'illiteracy_15_plus' END AS series,
    sex,
    urbanisation,
    coalesce(illiterate, 0.01 * illiteracy_rate_pct * population) AS numerator,
    population AS denominator,
    coalesce(illiterate, 0.01 * CASE WHEN low < 0 THEN 0 ELSE low END * population) AS numerator_low,
    coalesce(illiterate, 0.01 * CASE WHEN high > 100 THEN 100 ELSE high END * population) AS numerator_high,
    CASE
        WHEN illiterate IS NOT NULL THEN 'counts'
        WHEN illiteracy_rate_pct IS NOT NULL THEN 'rounded_rate'
    END AS method,
    [row_id] AS input_rows
FROM literacy
