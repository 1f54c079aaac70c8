-- UN metadata 7.1.2, households for people, cooking only: main fuel gas or electricity / all households.
WITH share AS (
    SELECT
        *,
        share_pct - 0.5 * coalesce(rate_rounding_pct, 0) AS low,
        share_pct + 0.5 * coalesce(rate_rounding_pct, 0) AS high
    FROM standard.household_service
),

gas AS (
    SELECT * FROM share
    WHERE service = 'cooking_main_gas'
),

electricity AS (
    SELECT * FROM share
    WHERE service = 'cooking_main_electricity'
),

clean AS (
    SELECT
        territory_id,
        period,
        urbanisation,
        coalesce(gas.households, electricity.households) AS households,
        gas.share_pct + electricity.share_pct AS share_pct,
        CASE WHEN gas.low < 0 THEN 0 ELSE gas.low END
        + CASE WHEN electricity.low < 0 THEN 0 ELSE electricity.low END AS low,
        gas.high + electricity.high AS high,
        list_sort(list_distinct([gas.row_id, electricity.row_id])) AS input_rows
    FROM gas
    FULL JOIN electricity USING (territory_id, period, urbanisation)
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
FROM clean
