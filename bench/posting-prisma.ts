import { randomUUID } from 'node:crypto';
import type { Db } from '../store/db.ts';
import { closedLoop, openLoop } from './loops.ts';
import { clientCount } from './posting-contestants.ts';
import { openingBalance, seedWallets, walletCount } from './posting-load.ts';
import type { Scenario } from './posting-load.ts';
import { ownCpuMs } from './race.ts';
import type { Contestant } from './race.ts';

/** What one would write with Prisma alone, on the same tables: read, check, update, create, in an interactive transaction. */
export async function prismaTransfer(db: Db, scenario: Scenario): Promise<Contestant> {
  await seedWallets(db, 'distinct');
  const wallets = await db.prisma.account.findMany({ where: { purpose: 'wallet' }, select: { id: true } });
  const pick = () => wallets[Math.floor(Math.random() * wallets.length)]?.id ?? 0n;
  let done = 0;
  const transfer = async () => {
    const [first, second] = [scenario === 'hot' ? (wallets[0]?.id ?? 0n) : pick(), pick()];
    if (first === second) return;
    const [debit, credit] = Math.random() < 0.5 ? [first, second] : [second, first];
    // both rows in one order, as one learns after the first deadlock
    const updates = [debit, credit]
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((id) => ({
        where: { id },
        data: id === debit ? { debitsPosted: { increment: 1n } } : { creditsPosted: { increment: 1n } },
      }));
    await db.prisma.$transaction(
      async (tx) => {
        for (const update of updates) await tx.account.update(update);
        const payer = await tx.account.findUniqueOrThrow({ where: { id: debit } });
        if (payer.creditsPosted - payer.debitsPosted < 0n) throw new Error('insufficient funds');
        const key = `bench:${randomUUID()}`;
        const journal = await tx.journal.create({
          data: { key, kind: 'spend', bodyHash: new Uint8Array(32), actor: 'system:bench' },
        });
        await tx.transfer.create({
          data: {
            journalId: journal.id,
            index: 0,
            debitAccountId: debit,
            creditAccountId: credit,
            asset: 'gold',
            amount: 1n,
            state: 'posted',
            code: 'spend',
          },
        });
        const data = { journalId: journal.id.toString(), key, kind: 'spend' };
        await tx.outbox.create({
          data: {
            shard: 0,
            topic: 'ledger.journal',
            type: 'ledger.journal.posted.v1',
            key,
            subject: key,
            data,
          },
        });
      },
      { maxWait: 20_000, timeout: 20_000 },
    );
    done += 1;
  };
  return {
    name: 'Prisma interactive transaction',
    measure: (seconds) => closedLoop(clientCount, seconds, transfer),
    pace: (perSecond, seconds) => openLoop(perSecond, seconds, transfer),
    clientCpuMs: ownCpuMs,
    async isValid() {
      const { rows } = await db.query<{ sum: bigint; transfers: bigint }>(
        `SELECT (SELECT sum(credits_posted - debits_posted)::bigint FROM accounts WHERE live) AS sum, (SELECT count(*) FROM transfers) AS transfers`,
      );
      return (
        rows[0]?.sum === openingBalance * BigInt(walletCount) &&
        rows[0].transfers === BigInt(done + walletCount)
      );
    },
  };
}
