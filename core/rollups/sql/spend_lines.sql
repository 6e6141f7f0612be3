-- Spend per month and line. Planned and committed money may lie ahead of the as-of date; actual cost may not.
SELECT
    s.month AS month,
    s.line AS line,
    s.kind AS kind,
    s.channel AS channel,
    s.play AS play,
    s.journey_stage AS journey_stage,
    s.currency AS currency,
    s.planned_cents AS planned_cents,
    s.committed_cents AS committed_cents,
    CASE WHEN s.month <= :as_of
        THEN s.media_cents + s.people_cents + s.platform_cents + s.rewards_cents ELSE 0 END AS native_cost_cents
FROM spend AS s
