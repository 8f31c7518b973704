import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Db } from '../store/db.ts';
import { closedLoop, isPeerValid, percentiles, seedPeerTables } from './posting-contestants.ts';
import type { Contestant, Measured } from './posting-contestants.ts';
import { walletCount } from './posting-load.ts';

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

function script(hot: boolean): string {
  const head = hot
    ? `\\set other random(2, ${walletCount})\n\\set way random(0, 1)\n\\set debit :way * 1 + (1 - :way) * :other\n\\set credit (1 - :way) * 1 + :way * :other\n`
    : `\\set debit random(1, ${walletCount})\n\\set step random(1, ${walletCount - 1})\n\\set credit (:debit + :step - 1) % ${walletCount} + 1\n`;
  return `${head}${statements(':debit', ':credit').join(';\n')};\n`;
}

/** `concurrency` clients of pgbench with prepared statements; its own log gives the latencies. */
export async function pgbenchTransfer(
  db: Db,
  url: string,
  hot: boolean,
  binary: string,
): Promise<(concurrency: number) => Contestant> {
  await seedPeerTables(db);
  let done = 0;
  return (concurrency) => {
    let perSecond = 200;
    return {
      name: `pgbench, 7 statements, ${concurrency} clients`,
      async measure(seconds) {
        // as many as it did in that time before: its own clock would start before the clients have connected
        const perClient = Math.max(3, Math.round((perSecond * seconds) / concurrency));
        const measured = await runPgbench(binary, url, { concurrency, perClient, script: script(hot) });
        ({ perSecond } = measured);
        done += measured.count;
        return measured;
      },
      isValid: () => isPeerValid(db, done),
    };
  };
}

type Run = { concurrency: number; perClient: number; script: string };

async function runPgbench(
  binary: string,
  url: string,
  { concurrency, perClient, script: text }: Run,
): Promise<Measured & { count: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-pgbench-'));
  const file = path.join(folder, 'transfer.sql');
  await writeFile(file, text);
  try {
    const size = ['-c', `${concurrency}`, '-j', '2', '-t', `${perClient}`];
    const options = ['-n', '-M', 'prepared', ...size, '-f', file];
    await run(binary, [...options, '-l', '--log-prefix', path.join(folder, 'log'), url]);
    const logs = (await readdir(folder)).filter((name) => name.startsWith('log'));
    const texts = await Promise.all(logs.map((name) => readFile(path.join(folder, name), 'utf8')));
    return fromLog(texts.join(''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A line per transaction: client, number, latency in µs, script, and when it ended in s and µs. */
function fromLog(text: string): Measured & { count: number } {
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
  return { ...percentiles(latencies, lastMs - firstMs), count: latencies.length };
}

/** Where there is no pgbench: the same statements from this process, which costs the peer some of our CPU; the row says so. */
export async function drivenTransfer(db: Db, hot: boolean): Promise<(concurrency: number) => Contestant> {
  await seedPeerTables(db);
  let done = 0;
  const transfer = async () => {
    const other = 2 + Math.floor(Math.random() * (walletCount - 1));
    const first = hot ? 1 : 1 + Math.floor(Math.random() * (other - 1));
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
    isValid: () => isPeerValid(db, done),
  });
}
