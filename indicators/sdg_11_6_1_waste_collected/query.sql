-- After UN metadata 11.6.1, households for tonnes: waste to a municipal bin or a truck / all households.
WITH share AS (
    SELECT
        *,
        share_pct - 0.5 * coalesce(rate_rounding_pct, 0) AS low,
        share_pct + 0.5 * coalesce(rate_rounding_pct, 0) AS high
    FROM standard.household_service
),

bin AS (
    SELECT * FROM share
    WHERE service = 'waste_municipal_bin'
),

truck AS (
    SELECT * FROM share
    WHERE service = 'waste_truck'
),

collected AS (
    SELECT
        territory_id,
        period,
        urbanisation,
        coalesce(bin.households, truck.households) AS households,
        bin.share_pct + truck.share_pct AS share_pct,
        CASE WHEN bin.low < 0 THEN 0 ELSE bin.low END
        + CASE WHEN truck.low < 0 THEN 0 ELSE truck.low END AS low,
        bin.high + truck.high AS high,
        list_sort(list_distinct([bin.row_id, truck.row_id])) AS input_rows
    FROM bin
    FULL JOIN truck USING (territory_id, period, urbanisation)
)

-- A sum over 100 within its rounding is 100; beyond it, it stands, and the range of the indicator finds it.
SELECT
    territory_id,
    period,
    urbanisation,
    0.01 * CASE WHEN share_pct > 100 AND low <= 100 THEN 100 ELSE share_pct END * households AS numerator,
    households AS denominator,
    0.01 * low * households AS numerator_low,
    0.01 * CASE WHEN high > 100 AND low <= 100 THEN 100 ELSE high END * households AS numerator_high,
    input_rows
FROM collected
