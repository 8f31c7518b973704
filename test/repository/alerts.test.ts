import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../platform/metrics.ts';

type Alert = { alert: string; expr: string; annotations: { summary: string; runbook: string } };

const read = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
const { groups } = parse(await read('deploy/alerts.yml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const runbook = await read('docs/runbook.md');
const exported = new Set(
  createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name),
);

/** Words of a PromQL expression that are metrics of ours: those with an underscore that are no function. */
const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)]
    .map(([word]) => word)
    .filter((word) => !/^(histogram_quantile|humanizeDuration)$/.test(word))
    .map((word) => word.replace(/_(bucket|count|sum)$/, ''));

describe('alerts', () => {
  test.each(alerts)('$alert asks for metrics that are exported', ({ expr }) => {
    const asked = metricsIn(expr);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !exported.has(name))).toEqual([]);
  });

  test.each(alerts)('$alert has an entry in the runbook', ({ alert, annotations }) => {
    expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    expect(runbook).toContain(`\n### ${alert}\n`);
  });
});
