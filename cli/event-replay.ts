import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { EventFilterBody } from '../api/event-filter.ts';
import { isLootError } from '../domain/errors.ts';
import type { EventFilter } from '../domain/event-filter.ts';
import { parseOffsets, parseTime } from '../domain/replays/parse-point.ts';
import { progressOf } from '../domain/replays/progress.ts';
import { describeTarget, isOver } from '../domain/replays/types.ts';
import type { ReplayTarget, WindowPoint } from '../domain/replays/types.ts';
import { checkReplay } from '../events/replay/check-replay.ts';
import { loadConfig } from '../platform/config.ts';
import { openTemporal } from '../platform/temporal.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { openReplay } from '../store/replays/open-replay.ts';
import { findReplay } from '../store/replays/reads.ts';
import type { Replay } from '../store/replays/reads.ts';
import { eventReplayStart, replayDecided, taskQueues } from '../workflows/messages.ts';

/**
 * `npm run event-replay -- --topic game.match --from -1h --to now --target topic`: what `POST /v1/replays` does, from a shell
 * beside the servers. The replay itself runs in the consumers' process; this only starts it and, with `--watch`, looks on.
 */
type Options = {
  topic: string;
  from: WindowPoint;
  to: WindowPoint;
  filter: EventFilter;
  target: ReplayTarget;
  rate?: number;
  watch?: boolean;
};

const requestedBy = 'cli:event-replay';
const lookMs = 500;

async function run({ topic, from, to, filter, target, rate, watch }: Options): Promise<void> {
  const config = loadConfig();
  const db = openDb({ url: config.DATABASE_URL, connectionCountMax: 2, applicationName: 'event-replay' });
  const temporal = openTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueuePrefix: config.TEMPORAL_TASK_QUEUE_PREFIX,
    uiUrl: config.TEMPORAL_UI_URL,
  });
  try {
    const wanted = { topic, window: { from, to }, filter, target, rate: rate ?? null };
    await checkReplay(db, wanted, Date.now());
    const { replayId } = await openReplay(db, { ...wanted, replayId: randomUUID(), requestedBy });
    const start = eventReplayStart({ replayId, topic, target: describeTarget(target, topic) });
    await temporal.client.workflow.signalWithStart('eventReplay', {
      ...start,
      taskQueue: temporal.taskQueue(taskQueues.events),
      signal: replayDecided,
      signalArgs: [],
    });
    console.log(`replay ${replayId}: ${topic} to ${describeTarget(target, topic)}`);
    console.log(temporal.workflowUrl(start.workflowId));
    if (watch === true) await look(db, replayId);
  } catch (error) {
    if (!isLootError(error)) throw error;
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  } finally {
    await temporal.close();
    await db.close();
  }
}

async function look(db: Db, replayId: string): Promise<void> {
  let said = '';
  for (;;) {
    const replay = await findReplay(db, replayId);
    if (replay === null) throw new Error(`the replay ${replayId} is gone`);
    const line = lineOf(replay);
    if (line !== said) console.log(line);
    said = line;
    if (isOver(replay.state)) return conclude(replay);
    await sleep(lookMs);
  }
}

function lineOf(replay: Replay): string {
  const { percent, eventsPerSecond, etaSeconds } = progressOf(replay);
  const { state, doneCount, totalCount } = replay;
  if (state === 'pinning') return 'waits for a worker';
  const pace = eventsPerSecond === null || isOver(state) ? '' : `, ${eventsPerSecond}/s`;
  const eta = etaSeconds === null || isOver(state) ? '' : `, ${etaSeconds} s to go`;
  return `${state}: ${percent} %, ${doneCount} of ${totalCount}${pace}${eta}`;
}

function conclude({ state, reason, warnings, failures, ...counts }: Replay): void {
  const { matchedCount, handledCount, duplicateCount, failedCount } = counts;
  for (const warning of warnings) console.log(`note: ${warning}`);
  for (const { partition, offset, errorClass, errorMessage } of failures)
    console.log(`! ${partition}/${offset}: ${errorClass}: ${errorMessage}`);
  console.log(
    `${matchedCount} matched, ${handledCount} handled, ${duplicateCount} handled before, ${failedCount} failed`,
  );
  if (reason !== null) console.error(reason);
  if (state !== 'completed') process.exitCode = 1;
}

function parsePoint(text: string): WindowPoint {
  const offsets = parseOffsets(text);
  if (offsets !== undefined) return { offsets };
  const timeMs = parseTime(text, Date.now());
  if (timeMs === undefined)
    throw new InvalidArgumentError(
      'is a time (2026-11-21T12:00:00Z, now, -1h) or offsets by partition (0=15,1=9)',
    );
  return { time: new Date(timeMs).toISOString() };
}

function parseFilter(text: string): EventFilter {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const parsed = EventFilterBody.safeParse(json);
  if (!parsed.success)
    throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join('; '));
  return JSON.parse(JSON.stringify(parsed.data)) as EventFilter;
}

const targetForms: readonly [RegExp, (parts: RegExpExecArray) => ReplayTarget][] = [
  [/^topic$/, () => ({ kind: 'topic' })],
  [/^topic:([a-zA-Z0-9._-]+)$/, ([, topic = '']) => ({ kind: 'topic', topic })],
  [
    /^handler:([a-z][a-z0-9-]*):(shadow|real)$/,
    ([, group = '', mode]) => ({ kind: 'handler', group, mode: mode === 'real' ? 'real' : 'shadow' }),
  ],
  [
    /^projection:([a-z][a-z0-9-]*):([a-z][a-z0-9-]{0,40})(:reset)?$/,
    ([, projection = '', into = '', reset]) => ({
      kind: 'projection',
      projection,
      into,
      ...(reset !== undefined && { reset: true }),
    }),
  ],
  [/^subscription:([0-9a-f-]{36})$/, ([, subscriptionId = '']) => ({ kind: 'subscription', subscriptionId })],
];

function parseTarget(text: string): ReplayTarget {
  for (const [form, make] of targetForms) {
    const parts = form.exec(text);
    if (parts !== null) return make(parts);
  }
  throw new InvalidArgumentError(
    'is topic, topic:<name>, handler:<group>:shadow, handler:<group>:real, projection:<projection>:<into>, the same with :reset, or subscription:<id>',
  );
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!Number.isInteger(rate) || rate < 1) throw new InvalidArgumentError('is events per second');
  return rate;
}

await new Command('event-replay')
  .description('Read a past window of a topic once more')
  .requiredOption('--topic <name>', 'the topic to read')
  .requiredOption('--from <point>', 'a time (2026-11-21T12:00:00Z, -1h) or offsets by partition', parsePoint)
  .requiredOption('--to <point>', 'up to, not including: a time, now, or offsets by partition', parsePoint)
  .option('--filter <json>', 'like {"types": ["game.match.*"], "key": "…"}', parseFilter, {})
  .requiredOption(
    '--target <target>',
    'topic, handler:<group>:shadow, projection:<projection>:<into>, …',
    parseTarget,
  )
  .option('--rate <count>', 'events per second at most', parseRate)
  .option('--watch', 'show how far it is until it is over')
  .action(run)
  .parseAsync();
