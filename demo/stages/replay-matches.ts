import { eventually, expect } from '../stage.ts';
import type { World } from '../world.ts';

const projection = 'from-events';
/** Slow enough to be seen: a million would take half a minute. */
const seconds = 3;

/**
 * Every match event since the demo began is read from Kafka once more, into leaderboards of their own. They come out as
 * the live ones, which were counted while hosts were killed and events delivered twice.
 */
export async function replayMatches(world: World): Promise<void> {
  const { output, operator, startedAt } = world;
  const window = { topic: 'game.match', from: startedAt, to: new Date().toISOString() };
  const { body: asked } = await operator.startReplay({
    ...window,
    filter: { types: ['game.match.*'] },
    target: { kind: 'projection', projection: 'leaderboard', into: projection },
    rate: Math.max(1, Math.ceil((await publishedCount(world)) / seconds)),
  });
  world.link('the event replay', asked.workflowId);
  const replay = await eventually('the replay is over', async () => {
    const now = await operator.replay(asked.replayId);
    output.progress(now.progress.percent, etaText(now.progress));
    return now.endedAt === null ? undefined : now;
  });
  expect(
    replay.state === 'completed' && replay.failedCount === 0,
    `every event was taken: ${replay.state}, ${replay.failedCount} failed`,
  );
  output.proof(
    `${replay.matchedCount} events of game.match read once more, ${replay.handledCount} of them counted`,
  );

  const [live, rebuilt] = [await scores(world, ''), await scores(world, `replay_${projection}.`)];
  expect(live.length > 0 && live === rebuilt, `the scores agree: live ${live}, from events ${rebuilt}`);
  output.proof('the leaderboards made of them equal the live ones, score by score');
}

type Progress = { percent: number; doneCount: number; totalCount: number; etaSeconds: number | null };

const etaText = ({ percent, doneCount, totalCount, etaSeconds }: Progress): string =>
  `${percent} %, ${doneCount} of ${totalCount}${etaSeconds === null ? '' : `, ${etaSeconds} s left`}`;

async function publishedCount({ db }: World): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM event_log WHERE topic = 'game.match'`,
  );
  return rows[0]?.count ?? 0;
}

/** Scores of the leaderboards whose names begin so, as one text; live ones have no `replay_` before their names. */
async function scores({ db }: World, prefix: string): Promise<string> {
  const { rows } = await db.query<{ scores: string | null }>(
    `SELECT string_agg(substr(leaderboard, $2) || ' ' || player_id || ' ' || score, ', ' ORDER BY leaderboard, player_id) AS scores
     FROM leaderboard_scores WHERE starts_with(leaderboard, $1) AND ($1 <> '' OR NOT starts_with(leaderboard, 'replay_'))`,
    [prefix, prefix.length + 1],
  );
  return rows[0]?.scores ?? '';
}
