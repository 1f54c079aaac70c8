-- UN metadata 11.7.1 (a), without streets: open space / area inside the boundary, both in square metres.
SELECT
    territory_id,
    period,
    numerator,
    denominator,
    concat_ws(' in ', method, crs) AS method,
    input_rows
FROM prepared.open_space_share
