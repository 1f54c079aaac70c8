-- Modal split: people who travel to work by a mode / all people asked; each mode is a series.
WITH travel AS (
    SELECT
        *,
        share_pct - 0.5 * coalesce(rate_rounding_pct, 0) AS low,
        share_pct + 0.5 * coalesce(rate_rounding_pct, 0) AS high
    FROM standard.commuting
)

SELECT
    territory_id,
    period,
    commuting_mode AS series,
    sex,
    urbanisation,
    0.01 * share_pct * commuters AS numerator,
    commuters AS denominator,
    0.01 * CASE WHEN low < 0 THEN 0 ELSE low END * commuters AS numerator_low,
    0.01 * CASE WHEN high > 100 THEN 100 ELSE high END * commuters AS numerator_high,
    [row_id] AS input_rows
FROM travel
