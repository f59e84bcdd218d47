// What must arrive: spans and metrics, those of the end as well.
import assert from 'node:assert/strict';

export async function drive({ collected, terminate }) {
  const outcome = await terminate();
  const of = (wanted) => collected.filter(({ path }) => path === wanted).map(({ body }) => JSON.parse(body));
  const spans = of('/v1/traces').flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans: all }) => all.map(({ name }) => name))),
  );
  assert.equal(spans.length, 101);
  assert.ok(spans.includes('while it ended'));
  const [metric] = of('/v1/metrics').at(-1).resourceMetrics[0].scopeMetrics[0].metrics;
  assert.equal(Number(metric.sum.dataPoints[0].asInt ?? metric.sum.dataPoints[0].asDouble), 101);
  return outcome;
}
