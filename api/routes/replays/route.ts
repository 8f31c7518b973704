import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { progressOf } from '../../../domain/replays/progress.ts';
import { describeTarget, isOver, replayTopicOf } from '../../../domain/replays/types.ts';
import type { NewReplay as Wanted, WindowPoint } from '../../../domain/replays/types.ts';
import { checkReplay } from '../../../events/replay/check-replay.ts';
import { decideReplay } from '../../../store/replays/decide-replay.ts';
import type { ReplayDecision } from '../../../store/replays/decide-replay.ts';
import { openReplay } from '../../../store/replays/open-replay.ts';
import { findReplay, listReplays } from '../../../store/replays/reads.ts';
import type { Replay as StoredReplay } from '../../../store/replays/reads.ts';
import { eventReplayStart, replayDecided, taskQueues, workflowIds } from '../../../workflows/messages.ts';
import { operator, principalName } from '../../auth/policy.ts';
import type { Client } from '../../auth/policy.ts';
import { assertMayPublish, assertMayRead, mayRead, readableBy } from '../../auth/topics.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Reply } from '../../http.ts';
import { replayPath } from '../../links.ts';
import { acceptedReply } from '../../outcome.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { visibleTo } from '../subscriptions/views.ts';
import { NewReplay, Replay, ReplayParams, ReplayQuery, Replays } from './schema.ts';

const common = { tag: 'events', auth: operator('replays:write') } as const;
const answers = {
  200: { description: 'Over', schema: Replay },
  202: { description: 'Not over yet', schema: Replay },
} as const;

const start = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/replays',
    operationId: 'startReplay',
    summary: 'Read a past window of a topic again, for a topic, handler, projection or subscription',
    mutation: 'keyed',
    limit: 'write',
    body: NewReplay,
    answers,
  },
  async ({ deps, principal, body, derivedId, eventContext, requestId }) => {
    const replayId = derivedId();
    const known = await findReplay(deps.db, replayId);
    const wanted = wantedOf(body);
    if (known === null) {
      assertAllowed(principal, wanted);
      await checkReplay(deps.db, wanted, deps.nowMs(), visibleTo(principal));
    }
    const opened = { ...wanted, replayId, requestedBy: principalName(principal) };
    const replay = await openReplay(deps.db, opened, { ...eventContext, requestId });
    await nudge(deps, replay);
    return replyOf(deps, replay);
  },
  async ({ deps, principal, derivedId }) => replyOf(deps, await requireReplay(deps, principal, derivedId())),
);

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/replays',
    operationId: 'listReplays',
    summary: 'Event replays, newest first',
    mutation: false,
    limit: 'read',
    query: ReplayQuery,
    answers: { 200: { description: 'A page', schema: Replays } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query }) => {
    const { after, limit } = await readPage(deps, 'replays', query);
    const readTopics = readableBy(principal);
    const page = { limit, readTopics, ...(after?.[0] !== undefined && { after: after[0] }) };
    const rows = await listReplays(deps.db, page);
    const view = (row: StoredReplay) => viewOf(deps, row);
    const body = await pageOfRows(deps, 'replays', rows, limit, view, (row) => [row.replayId]);
    return { status: 200, body };
  },
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/replays/{replayId}',
    operationId: 'readReplay',
    summary: 'How far it is, when it will be done, and what failed',
    mutation: false,
    limit: 'read',
    params: ReplayParams,
    answers: { 200: { description: 'The replay', schema: Replay } },
  },
  async ({ deps, principal, params }) => ({
    status: 200,
    body: viewOf(deps, await requireReplay(deps, principal, params.replayId)),
  }),
);

const decisionRoute = (decision: ReplayDecision, summary: string) =>
  defineRoute(
    {
      ...common,
      method: 'post',
      path: `/v1/replays/{replayId}/${decision}`,
      operationId: `${decision}Replay`,
      summary,
      mutation: 'keyed',
      limit: 'write',
      params: ReplayParams,
      answers,
      errors: ['not_found', 'replay_closed'],
    },
    async ({ deps, principal, params: { replayId }, eventContext, requestId }) => {
      const actor = principalName(principal);
      await requireReplay(deps, principal, replayId);
      const replay = await decideReplay(
        deps.db,
        { replayId, decision, actor },
        { ...eventContext, requestId },
      );
      await nudge(deps, replay);
      return replyOf(deps, replay);
    },
    async ({ deps, principal, params }) =>
      replyOf(deps, await requireReplay(deps, principal, params.replayId)),
  );

/** Who may not read a topic may not have it read for them. */
function assertAllowed(principal: Client, { topic, target }: Wanted): void {
  assertMayRead(principal, topic);
  const copiesTo = target.kind === 'topic' ? target.topic : undefined;
  if (copiesTo !== undefined && copiesTo !== replayTopicOf(topic)) assertMayPublish(principal, copiesTo);
}

const pointOf = (point: string | { offsets: Record<string, string> }): WindowPoint =>
  typeof point === 'string' ? { time: point } : point;

const wantedOf = ({ topic, from, to, filter, target, rate }: z.output<typeof NewReplay>): Wanted => ({
  topic,
  window: { from: pointOf(from), to: pointOf(to) },
  filter: withoutUndefined(filter ?? {}),
  target: withoutUndefined(target),
  rate: rate ?? null,
});

/** zod leaves the key of what was not said; our types do not. */
const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** Starts its story, or wakes it: one that was lost is started again by whoever decides next. */
async function nudge(deps: Services, { replayId, topic, target }: StoredReplay): Promise<void> {
  const options = eventReplayStart({ replayId, topic, target: describeTarget(target, topic) });
  const taskQueue = deps.temporal.taskQueue(taskQueues.events);
  try {
    await callTemporal(deps, ({ workflow }) =>
      workflow.signalWithStart('eventReplay', {
        ...options,
        taskQueue,
        signal: replayDecided,
        signalArgs: [],
      }),
    );
  } catch (error) {
    // it has ended, and knows
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Who may not read its topic does not see it. */
async function requireReplay({ db }: Services, principal: Client, replayId: string): Promise<StoredReplay> {
  const replay = await findReplay(db, replayId);
  if (replay === null || !mayRead(principal, replay.topic))
    throw new LootError('not_found', 'There is no such replay.');
  return replay;
}

function replyOf(deps: Services, replay: StoredReplay): Reply {
  const body = viewOf(deps, replay);
  return isOver(replay.state) ? { status: 200, body } : acceptedReply(body, replayPath(replay.replayId));
}

const viewPoint = (point: WindowPoint) => ('time' in point ? point.time : point);

const viewOf = ({ temporal }: Services, replay: StoredReplay) => {
  const { window, totalCount, doneCount, activeMs: _, ...shown } = replay;
  const workflowId = workflowIds.eventReplay(replay.replayId);
  return {
    ...shown,
    from: viewPoint(window.from),
    to: viewPoint(window.to),
    progress: { totalCount, doneCount, ...progressOf(replay) },
    createdAt: replay.createdAt.toISOString(),
    endedAt: replay.endedAt?.toISOString() ?? null,
    workflowId,
    workflowUrl: temporal.workflowUrl(workflowId),
  };
};

export const replayRoutes = [
  start,
  list,
  read,
  decisionRoute('pause', 'Hold it where it is'),
  decisionRoute('resume', 'Let it go on from where it was held'),
  decisionRoute('cancel', 'End it where it is; what was replayed stays'),
];
