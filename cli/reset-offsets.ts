import { Command } from 'commander';
import type { BrokerAdmin } from '../events/kafka/broker.ts';
import { replayGroups } from '../events/replay/groups.ts';
import { planReset } from '../events/replay/plan-reset.ts';
import type { OffsetMove } from '../events/replay/plan-reset.ts';
import { loadConfig } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { appendAudit } from '../store/audit/append-audit.ts';
import { openDb } from '../store/db.ts';
import { brokerFrom } from '../workers/open-events.ts';
import { inboxKeepMs } from '../workers/prune.ts';

/**
 * `npm run reset-offsets -- --group leaderboard --topic game.match --to -1h`: has a live group read on from elsewhere. It
 * shows what would happen, and with `--yes` it does so; never while the group has members.
 */
type Options = { group: string; topic: string; to: string; actor: string; yes?: boolean };

class Refusal extends Error {}

const dayMs = 86_400_000;

async function run({ group, topic, to, actor, yes }: Options): Promise<void> {
  const config = loadConfig();
  const db = openDb({ url: config.DATABASE_URL, connectionCountMax: 2, applicationName: 'reset-offsets' });
  const broker = brokerFrom(config, createLog('reset-offsets', 'error'), 'lootledger-reset-offsets');
  try {
    const moves = await plan(broker.admin, { group, topic, to });
    if (moves.length === 0) return console.log('nothing to move: the group reads on from there already');
    show(group, topic, moves);
    await refuseWhileRead(broker.admin, group);
    if (yes !== true) return console.log('nothing was changed; run it again with --yes');
    const detail = {
      group,
      topic,
      to,
      moves: moves.map(({ partition, fromOffset, toOffset }) => ({
        partition,
        from: fromOffset?.toString() ?? null,
        to: toOffset.toString(),
      })),
    };
    const note = (action: string) =>
      db.transaction((tx) => appendAudit(tx, { actor, action, target: `group:${group}`, detail }));
    // first, so that no offset moves unseen; Kafka refuses the move itself when somebody has joined meanwhile
    await note('group.reset_requested');
    await broker.admin.setGroupOffsets(
      group,
      moves.map(({ partition, toOffset }) => ({ topic, partition, offset: toOffset })),
    );
    await note('group.reset');
    console.log(`the group ${group} reads on from there`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await broker.close();
    await db.close();
  }
}

async function plan(
  admin: BrokerAdmin,
  { group, topic, to }: Pick<Options, 'group' | 'topic' | 'to'>,
): Promise<OffsetMove[]> {
  if (!(await admin.listTopics()).includes(topic)) throw new Refusal(`Kafka has no topic ${topic}`);
  const isOurs = Object.hasOwn(replayGroups, group);
  const held = await admin.groupOffsets(group, topic);
  if (!isOurs && !held.some(({ offset }) => offset >= 0n))
    throw new Refusal(`there is no group ${group} that has read ${topic}`);
  const moves = await planReset(admin, { group, topic, to, nowMs: Date.now() });
  if (moves === undefined)
    throw new Refusal(
      `--to ${to} is not earliest, latest, a time (2026-11-21T12:00:00Z, -1h), an offset, or offsets by partition (0=15,1=9)`,
    );
  return moves;
}

async function refuseWhileRead(admin: BrokerAdmin, group: string): Promise<void> {
  const members = await admin.groupMembers(group);
  if (members.length === 0) return;
  const names = members.map(({ clientId, memberId, host }) => `  ${clientId} ${memberId} at ${host}`);
  throw new Refusal(
    [`the group ${group} has members; stop them first:`, ...names, 'nothing was changed'].join('\n'),
  );
}

function show(group: string, topic: string, moves: readonly OffsetMove[]): void {
  console.log(`${group} on ${topic}:`);
  let [back, ahead] = [0n, 0n];
  for (const { partition, fromOffset, toOffset } of moves) {
    console.log(`  partition ${partition}: ${fromOffset ?? 'nothing read yet'} to ${toOffset}`);
    if (fromOffset === null) continue;
    if (toOffset < fromOffset) back += fromOffset - toOffset;
    else ahead += toOffset - fromOffset;
  }
  if (back > 0n)
    console.log(
      `${back} offsets are read again. The inbox remembers what the group handled for ${inboxKeepMs / dayMs} days: of those` +
        ' events it drops the effect and repeats the signal. To have effects again, replay into a projection instead.',
    );
  if (ahead > 0n) console.log(`${ahead} offsets are passed over: the group will never handle them.`);
}

await new Command('reset-offsets')
  .description('Have a consumer group read on from elsewhere')
  .requiredOption('--group <name>', 'the consumer group')
  .requiredOption('--topic <name>', 'the topic')
  .requiredOption('--to <point>', 'earliest, latest, a time, an offset, or offsets by partition')
  .option('--actor <name>', 'who does it, for the audit trail', 'cli:reset-offsets')
  .option('--yes', 'do it; without it the plan is only shown')
  .action(run)
  .parseAsync();
