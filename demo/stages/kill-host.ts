import { randomBytes } from 'node:crypto';
import type { BotStyle } from '../../domain/arena/bots.ts';
import { playBot } from '../bots.ts';
import { eventually, expect } from '../stage.ts';
import { createWatch } from '../watch.ts';
import type { MatchHost, World } from '../world.ts';
import { gather } from './play-match.ts';

/** Without turtles, two of which can sit out the whole time. */
const styles: readonly BotStyle[] = ['collector', 'hunter', 'collector', 'hunter', 'collector', 'hunter'];
const killAtTick = 8;

/** SIGKILL, as a machine dies: nothing is flushed, nobody is told. The match goes on where its log ends. */
export async function killHost(world: World): Promise<void> {
  const { output, children } = world;
  const { matchId, players, nameOf } = await gather(world, 'the match that lost its host', styles);
  const watch = createWatch(output, nameOf);
  let lostAtMs = 0;
  let outageMs = 0;
  const onConnection = (change: 'lost' | 'resumed') => {
    if (change === 'lost') lostAtMs = performance.now();
    else outageMs = performance.now() - lostAtMs;
  };
  const matches = await Promise.all(
    players.map((player, i) => player.play(matchId, i === 0 ? { onFrame: watch, onConnection } : {})),
  );
  const [match] = matches;
  if (match === undefined) throw new Error('nobody plays');
  const seed = randomBytes(32).toString('hex');
  const playing = Promise.all(matches.map((one, i) => playBot(one, styles[i] ?? 'hunter', seed)));

  const lastTick = await eventually(`tick ${killAtTick}`, async () =>
    (match.state?.tick ?? 0) >= killAtTick ? match.state?.tick : undefined,
  );
  const host = await hostOf(world, matchId);
  await host.role.stop('SIGKILL');
  output.line(`  tick ${lastTick}: ${host.role.name} (process ${host.role.pid}) is dead`);

  await Promise.all([playing, match.finished]);
  const finished = await match.finished;
  const successor = await hostOf(world, matchId);
  expect(successor.role.name !== host.role.name, 'another host took the match over');
  expect(finished.tick > lastTick, 'the match went on');
  output.proof(
    `${successor.role.name} took over after ${(outageMs / 1_000).toFixed(1)} s; over in tick ${finished.tick}`,
  );
  const verdict = await children.runCommand('verify-match', ['cli/verify-match.ts', matchId]);
  output.proof(`recomputed from seed and inputs: ${verdict}`);
}

async function hostOf({ db, hosts }: World, matchId: string): Promise<MatchHost> {
  const { rows } = await db.query<{ public_url: string }>(
    'SELECT h.public_url FROM matches m JOIN match_hosts h ON h.id = m.host_id WHERE m.id = $1',
    [matchId],
  );
  const host = hosts.find(({ url }) => url === rows[0]?.public_url);
  if (host === undefined) throw new Error(`no host of the demo runs the match ${matchId}`);
  return host;
}
