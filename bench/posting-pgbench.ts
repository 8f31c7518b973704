import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Db } from '../store/db.ts';
import { processCpu } from './cpu.ts';
import { closedLoop, openLoop, percentiles } from './loops.ts';
import type { Timed } from './loops.ts';
import { isPeerValid, seedPeerTables } from './posting-contestants.ts';
import { walletCount } from './posting-load.ts';
import type { Scenario } from './posting-load.ts';
import { ownCpuMs } from './race.ts';
import type { Contestant } from './race.ts';

const run = promisify(execFile);

/** Debian keeps it beside the server; null when the machine has none. */
export function findPgbench(): string | null {
  const installed = globSync('/usr/lib/postgresql/*/bin/pgbench').toSorted().at(-1);
  if (installed) return installed;
  try {
    return execFileSync('which', ['pgbench'], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

/** The usual transfer: lock both accounts in order, check, two updates, a line, an event: seven statements. */
const statements = (debit: string, credit: string) => [
  'BEGIN',
  `SELECT id, balance FROM peer_accounts WHERE id IN (${debit}, ${credit}) ORDER BY id FOR UPDATE`,
  `UPDATE peer_accounts SET balance = balance - 1 WHERE id = ${debit}`,
  `UPDATE peer_accounts SET balance = balance + 1 WHERE id = ${credit}`,
  `INSERT INTO peer_transfers (debit, credit, amount) VALUES (${debit}, ${credit}, 1)`,
  `INSERT INTO peer_outbox (topic, data) VALUES ('ledger.journal', '{"kind":"spend","key":"bench:00000000-0000-0000-0000-000000000000","journalId":"1"}')`,
  'COMMIT',
];

/** The accounts of one transfer, as in `loadOf`; the mix is compared with distinct ones: pgbench has neither holds nor items. */
const picks: Record<Scenario, readonly string[]> = {
  distinct: [
    `\\set debit random(1, ${walletCount})`,
    `\\set step random(1, ${walletCount - 1})`,
    `\\set credit (:debit + :step - 1) % ${walletCount} + 1`,
  ],
  hot: [
    `\\set other random(2, ${walletCount})`,
    '\\set way random(0, 1)',
    '\\set debit :way * 1 + (1 - :way) * :other',
    '\\set credit (1 - :way) * 1 + :way * :other',
  ],
  pair: ['\\set debit random(1, 2)', '\\set credit 3 - :debit'],
  get mix() {
    return picks.distinct;
  },
};

const script = (scenario: Scenario): string =>
  `${picks[scenario].join('\n')}\n${statements(':debit', ':credit').join(';\n')};\n`;

/** `concurrency` clients of pgbench with prepared statements; its own log gives the latencies. */
export async function pgbenchTransfer(
  db: Db,
  url: string,
  scenario: Scenario,
  binary: string,
): Promise<(concurrency: number) => Contestant> {
  await seedPeerTables(db);
  let done = 0;
  return (concurrency) => {
    let perSecond = 200;
    const start = async (perClient: number, rate?: number): Promise<Timed> => {
      const measured = await runPgbench(binary, url, {
        concurrency,
        perClient,
        rate,
        script: script(scenario),
      });
      done += measured.count;
      return measured;
    };
    return {
      name: `pgbench, 7 statements, ${concurrency} clients`,
      async measure(seconds) {
        // as many as it did in that time before: its own clock would start before the clients have connected
        const measured = await start(Math.max(3, Math.round((perSecond * seconds) / concurrency)));
        ({ perSecond } = measured);
        return measured;
      },
      pace: (rate, seconds) => start(Math.max(3, Math.round((rate * seconds) / concurrency)), rate),
      clientCpuMs: () => processCpu().childrenMs,
      isValid: () => isPeerValid(db, done),
    };
  };
}

type Run = { concurrency: number; perClient: number; rate: number | undefined; script: string };

async function runPgbench(
  binary: string,
  url: string,
  { concurrency, perClient, rate, script: text }: Run,
): Promise<Timed> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-pgbench-'));
  const file = path.join(folder, 'transfer.sql');
  await writeFile(file, text);
  try {
    const size = ['-c', `${concurrency}`, '-j', '2', '-t', `${perClient}`];
    // with a rate, its latencies count from when a transaction was due
    const pace = rate === undefined ? [] : ['-R', `${rate}`];
    const options = ['-n', '-M', 'prepared', ...size, ...pace, '-f', file];
    await run(binary, [...options, '-l', '--log-prefix', path.join(folder, 'log'), url]);
    const logs = (await readdir(folder)).filter((name) => name.startsWith('log'));
    const texts = await Promise.all(logs.map((name) => readFile(path.join(folder, name), 'utf8')));
    return fromLog(texts.join(''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A line per transaction: client, number, latency in µs, script, and when it ended in s and µs. */
function fromLog(text: string): Timed {
  const latencies: number[] = [];
  let [firstMs, lastMs] = [Infinity, -Infinity];
  for (const line of text.split('\n').filter(Boolean)) {
    const [, , latencyUs, , endS, endUs] = line.split(' ').map(Number);
    const endMs = (endS ?? Number.NaN) * 1_000 + (endUs ?? Number.NaN) / 1_000;
    const latencyMs = (latencyUs ?? Number.NaN) / 1_000;
    latencies.push(latencyMs);
    firstMs = Math.min(firstMs, endMs - latencyMs);
    lastMs = Math.max(lastMs, endMs);
  }
  return percentiles(latencies, lastMs - firstMs);
}

/** Where there is no pgbench: the same statements from this process, which costs the peer some of our CPU; the row says so. */
export async function drivenTransfer(
  db: Db,
  scenario: Scenario,
): Promise<(concurrency: number) => Contestant> {
  await seedPeerTables(db);
  let done = 0;
  const transfer = async () => {
    const other = scenario === 'pair' ? 2 : 2 + Math.floor(Math.random() * (walletCount - 1));
    const isFixed = scenario === 'hot' || scenario === 'pair';
    const first = isFixed ? 1 : 1 + Math.floor(Math.random() * (other - 1));
    const [debit, credit] = Math.random() < 0.5 ? [first, other] : [other, first];
    const client = await db.pool.connect();
    try {
      for (const [n, text] of statements('$1::bigint', '$2::bigint').entries()) {
        const takesBoth = text.includes('$1') && text.includes('$2');
        const values = takesBoth
          ? [debit, credit]
          : text.includes('$1')
            ? [debit]
            : text.includes('$2')
              ? [credit]
              : [];
        await client.query({
          name: `transfer-${n}`,
          text: takesBoth ? text : text.replace('$2', '$1'),
          values,
        });
      }
      done += 1;
    } finally {
      client.release();
    }
  };
  return (concurrency) => ({
    name: `7 statements driven from Node (no pgbench here), ${concurrency} clients`,
    measure: (seconds) => closedLoop(concurrency, seconds, transfer),
    pace: (perSecond, seconds) => openLoop(perSecond, seconds, transfer),
    clientCpuMs: ownCpuMs,
    isValid: () => isPeerValid(db, done),
  });
}
