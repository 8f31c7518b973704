import type { Output } from './output.ts';
import { startServers } from './servers.ts';
import type { RunStage } from './stage.ts';
import { checkBooks } from './stages/check-books.ts';
import { closeFaucet } from './stages/close-faucet.ts';
import { corruptRow } from './stages/corrupt-row.ts';
import { deliverTwice } from './stages/deliver-twice.ts';
import { examineClawback } from './stages/examine-clawback.ts';
import { killHost } from './stages/kill-host.ts';
import { payOnce } from './stages/pay-once.ts';
import { playMatch } from './stages/play-match.ts';
import { poison } from './stages/poison.ts';
import { prepare } from './stages/prepare.ts';
import { replayMatches } from './stages/replay-matches.ts';
import { checkSealedTwice } from './stages/seal-twice.ts';
import { startRoles } from './stages/start-roles.ts';
import { trade } from './stages/trade.ts';
import { memoryOf } from './memory.ts';
import type { World } from './world.ts';

export type Telling = {
  readonly output: Output;
  readonly run: RunStage;
  readonly once: boolean;
  onClose(close: () => Promise<void>): void;
  /** Told where the logs are, as soon as there are some. */
  onLogs(dir: string): void;
};
export type Ending = { world: World; logDir: string; memory: string };

/** The story from the first server to the last check; the first sentence that does not hold ends it. */
export async function tellStory(telling: Telling): Promise<Ending> {
  const { output, run, onClose } = telling;
  const servers = await run(
    'Real servers: PostgreSQL, Kafka, Temporal',
    () => startServers(output, onClose),
    { minutesMax: 30 },
  );
  const children = await run('Tables and the economy', () => prepare(servers, telling));
  const world = await run('Every process of the application', () =>
    startRoles(servers, children, output, onClose),
  );

  await run('A game server reports a result and pays a grant, twice', () => payOnce(world));
  const played = await run('Six bots play a match', () => playMatch(world));
  await run('The sealed action that was sent twice', () => checkSealedTwice(world, played.sealed));
  await run("The winner's receipt, and the same event delivered twice", () => deliverTwice(world, played));
  await run('A sword is sold; another sale fails midway', () => trade(world, played));
  await run('One faucet is closed', () => closeFaucet(world));
  await run('What a clawback would come to', () => examineClawback(world, played));
  await run('A poison event', () => poison(world));
  await run('The match host is killed in mid-match', () => killHost(world));
  await run('The past is read once more', () => replayMatches(world));
  await run('The books', () => checkBooks(world));
  await run('A row is changed behind the books', () => corruptRow(world, played));
  return { world, logDir: children.logDir, memory: await memoryOf(children) };
}
