import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { InjectedSinks } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { workflowBundle } from '../../workers/bundle.ts';
import type { BundleName } from '../../workers/bundle.ts';
import type { ResultSinks } from './results.ts';

/** Which bundle holds a workflow type. */
const bundleOf: Record<string, BundleName> = {
  trade: 'economy',
  rewardGrant: 'economy',
  clawback: 'economy',
  importWallets: 'economy',
  match: 'match',
  redrive: 'events',
  eventReplay: 'events',
  webhookDelivery: 'events',
  audit: 'economy',
};

type Payloads = { payloads?: { data?: string }[] };
type Event = {
  workflowExecutionStartedEventAttributes?: { workflowType: { name: string } };
  workflowExecutionCompletedEventAttributes?: { result?: Payloads };
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  timerStartedEventAttributes?: { startToFireTimeout: string };
  markerRecordedEventAttributes?: { details?: { data?: Payloads } };
};
type Recorded = { name: string; type: string; history: { events: Event[] }; result: unknown };

const folder = new URL('./histories/', import.meta.url);
const names = (await readdir(folder)).filter((file) => file.endsWith('.json'));
const recorded = await Promise.all(names.map(read));
const interceptor = fileURLToPath(new URL('results.ts', import.meta.url));

async function read(file: string): Promise<Recorded> {
  const history = JSON.parse(await readFile(new URL(file, folder), 'utf8')) as { events: Event[] };
  const type = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name ?? '';
  const last = history.events.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0]?.data;
  return {
    name: file.replace('.json', ''),
    type,
    history,
    result: last === undefined ? undefined : decode(last),
  };
}

function decode(data: string): unknown {
  return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
}

/** What each story did on today's code: its fault, if any, and what it returned. */
async function replay(stories: readonly Recorded[], bundle: BundleName) {
  const results = new Map<string, unknown>();
  const sinks: InjectedSinks<ResultSinks & { exporter: { export(...spans: unknown[]): void } }> = {
    replayed: {
      result: { fn: (_info, name: string, result) => void results.set(name, result), callDuringReplay: true },
    },
    exporter: { export: { fn: () => {} } },
  };
  const codePath = await workflowBundle(bundle, [interceptor]);
  const histories = stories.map(({ name, history }) => ({
    workflowId: name,
    history: structuredClone(history),
  }));
  const faults = new Map<string, Error | undefined>();
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: codePath, sinks },
    histories,
  )) {
    faults.set(workflowId, error);
  }
  return stories.map(({ name }) => ({ name, fault: faults.get(name), result: results.get(name) }));
}

beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] }));

test('every workflow type has recorded branches', () => {
  expect(new Set(recorded.map(({ type }) => type))).toEqual(new Set(Object.keys(bundleOf)));
});

test.each([...new Set(Object.values(bundleOf))])(
  'stories that began before this change go on after it: %s',
  async (bundle) => {
    const stories = recorded.filter(({ type }) => bundleOf[type] === bundle);
    const replayed = await replay(stories, bundle);
    expect(replayed).toEqual(stories.map(({ name, result }) => ({ name, fault: undefined, result })));
  },
);

test('a story that would now act otherwise is found', async () => {
  const story = recorded.find(({ name }) => name === 'trade-stalled')!;
  const other = structuredClone(story);
  for (const { activityTaskScheduledEventAttributes: scheduled } of other.history.events) {
    if (scheduled) scheduled.activityType.name = 'settleTrade';
  }
  const [replayed] = await replay([other], 'economy');
  expect(replayed?.fault).toBeInstanceOf(DeterminismViolationError);
});
