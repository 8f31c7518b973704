import fc from 'fast-check';
import { LootError } from '../../../domain/errors.ts';
import type { NewJournal, PostResult } from '../../../domain/ledger/types.ts';
import type { Db } from '../../../store/db.ts';
import { expireHolds } from '../../../store/ledger/expire-holds.ts';
import { createJournalBatcher } from '../../../store/ledger/journal-batcher.ts';
import { isConcurrentPost, postJournals } from '../../../store/ledger/post-journals.ts';
import { undoStep } from '../../../store/ledger/undo-step.ts';
import { expire, judge, lapse } from './model-books.ts';
import type { Books, Verdict } from './model-books.ts';
import { agreeInSomeOrder } from './model-lanes.ts';
import { draft, draftOf, gift, itemOutline, keyAt, outline, playerCount, roleOf } from './model-plans.ts';
import type { Draft, Outline, World } from './model-plans.ts';
import { agree, expectSameBooks } from './model-state.ts';

export type Model = {
  world: World;
  books: Books;
  /** Every journal ever drafted, whether it was posted or not. */
  drafts: Draft[];
  /** Keys drawn so far; the next journal gets the next. */
  position: number;
  journalIds: Map<string, bigint>;
};
export type Real = { db: Db };

/** What becomes of a batch: its answer arrives, or is lost after the commit, or the caller dies before it commits. */
type Fate = 'answered' | 'answer lost' | 'rolled back';

const show = (value: unknown) =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));

/** Runs and then compares balances and items with the books. */
abstract class Command implements fc.AsyncCommand<Model, Real> {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    lapse(model.books);
    await expectSameBooks(real.db, model.world, model.books);
  }
  protected abstract act(model: Model, real: Real): Promise<void>;
}

class PostBatch extends Command {
  readonly outlines: Outline[];
  readonly fate: Fate;
  constructor(outlines: Outline[], fate: Fate) {
    super();
    this.outlines = outlines;
    this.fate = fate;
  }
  override toString = () => `post, ${this.fate}: ${show(this.outlines)}`;

  protected async act(model: Model, { db }: Real): Promise<void> {
    await briefHoldsLapse(db, model.world);
    const batch: Draft[] = [];
    for (const each of this.outlines) batch.push(draftNext(model, each));
    const journals = batch.map(({ journal }) => journal);
    if (this.fate === 'rolled back') {
      await diesBeforeCommit(db, journals);
      return;
    }
    const post = () => db.transaction((tx) => postJournals(tx, journals));
    if (this.fate === 'answer lost') {
      judgeAll(model, batch);
      await post();
      lapse(model.books);
      await briefHoldsLapse(db, model.world);
    }
    const answers = await post();
    const expected = judgeAll(model, batch);
    agree(
      answers.map((answer) => verdictOf(model.world, answer)),
      expected,
    );
    keepIds(model, batch, answers);
  }
}

async function diesBeforeCommit(db: Db, journals: readonly NewJournal[]): Promise<void> {
  const death = new Error('the caller died');
  const dying = db.transaction(async (tx) => {
    await postJournals(tx, journals);
    throw death;
  });
  agree(await dying.catch((error: unknown) => error), death);
}

type Door = 'transaction' | 'batcher';

/** Several callers at once on the same few wallets: their answers must be those of some order of their journals. */
class PostAtOnce extends Command {
  readonly lanes: Outline[][];
  readonly door: Door;
  /** Each lane's first journal has one and the same key. */
  readonly areRivals: boolean;
  constructor(lanes: Outline[][], door: Door, areRivals = false) {
    super();
    this.lanes = lanes;
    this.door = door;
    this.areRivals = areRivals;
  }
  override toString = () =>
    `post at once, ${this.door}${this.areRivals ? ', one key' : ''}: ${show(this.lanes)}`;

  protected async act(model: Model, { db }: Real): Promise<void> {
    await briefHoldsLapse(db, model.world);
    const before = model.drafts.length;
    const rivalKey = this.areRivals ? keyAt(model.world, model.position) : null;
    const lanes = this.lanes.map((outlines) => draftLane(model, outlines, before, rivalKey));
    const answers = await Promise.all(
      lanes.map((lane) =>
        this.door === 'transaction' ? postAsTransaction(db, lane) : postAsRequests(db, lane),
      ),
    );
    const posted = lanes.map((lane, l) =>
      lane.map((one, n) => {
        const answer = answers[l]![n]!;
        const journalId = 'journalId' in answer ? answer.journalId : null;
        return { draft: one, verdict: verdictOf(model.world, answer), journalId };
      }),
    );
    model.books = agreeInSomeOrder(model.books, posted, this.door === 'transaction');
    for (const [l, lane] of lanes.entries()) keepIds(model, lane, answers[l]!, 'ok');
    for (const [l, lane] of lanes.entries()) keepIds(model, lane, answers[l]!);
  }
}

/** The scheduled sweep gives back every hold past its expiry, and says how many. */
class Sweep extends Command {
  override toString = () => 'sweep';
  protected async act({ world, books }: Model, { db }: Real): Promise<void> {
    await briefHoldsLapse(db, world);
    agree(await expireHolds(db), expire(books));
  }
}

/** An operator closes the valve of the faucet, or opens it. */
class TurnValve extends Command {
  override toString = () => 'turn the valve of the faucet';
  protected async act({ world, books }: Model, { db }: Real): Promise<void> {
    const valve = ['source', roleOf(world)];
    if (books.isFaucetClosed) await db.query('DELETE FROM valves WHERE scope = $1 AND id = $2', valve);
    else
      await db.query(
        `INSERT INTO valves (scope, id, reason, closed_by) VALUES ($1, $2, 'the model says so', 'test')`,
        valve,
      );
    books.isFaucetClosed = !books.isFaucetClosed;
  }
}

/** Undoes a journal that was posted, or one that is not there yet and will answer `cancelled`. */
class Undo extends Command {
  readonly back: number;
  readonly isEarly: boolean;
  constructor(back: number, isEarly: boolean) {
    super();
    this.back = back;
    this.isEarly = isEarly;
  }
  override toString = () => `undo ${this.isEarly ? 'the next' : this.back}`;

  protected async act(model: Model, { db }: Real): Promise<void> {
    await briefHoldsLapse(db, model.world);
    const { world, drafts } = model;
    const target = this.isEarly ? undefined : drafts[drafts.length - 1 - this.back];
    const stepKey = target?.key ?? keyAt(world, model.position);
    const holds = (target?.money ?? []).flatMap(({ type }, index) =>
      type === 'hold' ? [{ type: 'void' as const, hold: `${stepKey}#${index}` }] : [],
    );
    const reversal = draft(world, `${stepKey}:undo`, holds, null);
    const expected = judgeUndo(model.books, stepKey, reversal);
    const undone = db.transaction((tx) => undoStep(tx, { stepKey, reversal: reversal.journal }));
    const answer = await undone.catch((error: unknown) => {
      if (error instanceof LootError) return error.code;
      throw error;
    });
    agree(answer, expected);
  }
}

function judgeUndo(books: Books, stepKey: string, reversal: Draft): string {
  const tombstone = { key: stepKey, body: 'tombstone', isTombstone: true, money: [], items: [] };
  const { result: claimed } = judge(books, tombstone);
  if (claimed === 'ok' || claimed === 'exists') return 'tombstoned';
  const { result } = judge(books, reversal);
  if (result === 'ok') return 'reversed';
  return result === 'exists' || result === 'pending_already_voided' ? 'already_reversed' : result;
}

/** The answers in order, and what the books are after them. Whoever met an expired hold has given it back. */
function judgeAll(model: Model, batch: readonly Draft[]): Verdict[] {
  const verdicts = batch.map((one) => judge(model.books, one));
  const met = new Set(
    verdicts.map(({ result, index }, n) => {
      const line = result === 'pending_expired' ? batch[n]!.money[index!] : undefined;
      return line && 'hold' in line ? line.hold : '';
    }),
  );
  expire(model.books, (name) => met.has(name));
  return verdicts;
}

function draftNext(model: Model, outlined: Outline): Draft {
  const key = keyAt(model.world, model.position);
  const scope = { holds: holdsOf(model.drafts), earlier: model.drafts };
  if (outlined.type === 'new' || model.drafts.length === 0) model.position += 1;
  const one = draftOf(model.world, model.books, key, outlined, scope);
  model.drafts.push(one);
  return one;
}

const holdsOf = (drafts: readonly Draft[], lasting = false): string[] =>
  drafts.flatMap(({ key, money }) =>
    money.flatMap((line, index) =>
      line.type === 'hold' && (!lasting || line.life === 'long') ? [`${key}#${index}`] : [],
    ),
  );

/**
 * A lane speaks of holds from before and of its own: `post_journals` reads holds before it locks anything, so that one of
 * another lane may be too young for it, which no order of journals could explain. Nor does it take what could expire in
 * between. It repeats, also what others post at this moment, only journals
 * without holds.
 */
function draftLane(
  model: Model,
  outlines: readonly Outline[],
  before: number,
  rivalKey: string | null,
): Draft[] {
  const old = model.drafts.slice(0, before);
  const lane: Draft[] = [];
  for (const each of outlines) {
    const lasting =
      each.type === 'new'
        ? {
            ...each,
            lines: each.lines.map((one) => (one.type === 'hold' ? { ...one, life: 'long' as const } : one)),
          }
        : each;
    const earlier = model.drafts.filter(({ money }) => money.every(({ type }) => type === 'move'));
    const scope = { holds: holdsOf([...old, ...lane], true), earlier };
    const nextKey = keyAt(model.world, model.position);
    model.position += 1;
    const key = lane.length === 0 ? (rivalKey ?? nextKey) : nextKey;
    const one = draftOf(model.world, model.books, key, lasting, scope);
    lane.push(one);
    model.drafts.push(one);
  }
  return lane;
}

/** A deadlock is not forgiven: the order of locks is there so that none happens. */
async function postAsTransaction(db: Db, lane: readonly Draft[]): Promise<PostResult[]> {
  const journals = lane.map(({ journal }) => journal);
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction((tx) => postJournals(tx, journals));
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01';
      if (isDeadlock || !isConcurrentPost(error) || attempt === 10) throw error;
    }
  }
}

async function postAsRequests(db: Db, lane: readonly Draft[]): Promise<PostResult[]> {
  const batcher = createJournalBatcher({ db, batchCountMax: 2 });
  try {
    return await Promise.all(lane.map(({ journal }) => batcher.post(journal)));
  } finally {
    await batcher.close();
  }
}

function verdictOf(world: World, answer: PostResult): Verdict {
  switch (answer.result) {
    case 'ok':
    case 'exists':
      return { result: answer.result };
    case 'insufficient_funds': {
      const { result, index, asset, shortfall } = answer;
      return { result, index, asset: asset as 'gold', shortfall };
    }
    case 'item_locked': {
      const { result, index, itemId, lockedBy } = answer;
      return { result, index, item: world.itemIds.indexOf(itemId), lockedBy };
    }
    case 'limit_exceeded': {
      const names = { [`source:${roleOf(world)}`]: 'faucet', [`sink:${roleOf(world)}`]: 'drain' };
      return { result: answer.result, index: answer.index, limit: names[answer.limit] ?? answer.limit };
    }
    case 'frozen':
      return { result: answer.result };
    default:
      return { result: answer.result, ...(answer.index !== undefined && { index: answer.index }) };
  }
}

/** One key, one journal, for ever. */
function keepIds(
  { journalIds }: Model,
  batch: readonly Draft[],
  answers: readonly PostResult[],
  only?: 'ok',
): void {
  for (const [n, { key }] of batch.entries()) {
    const answer = answers[n]!;
    if (!('journalId' in answer) || (only && answer.result !== only)) continue;
    const known = journalIds.get(key) ?? answer.journalId;
    agree({ key, journalId: answer.journalId }, { key, journalId: known });
    journalIds.set(key, known);
  }
}

/** Waits by the database's clock, which is the only one that holds expire by. */
export const briefHoldsLapse = (db: Db, world: World) =>
  db.query(
    `SELECT pg_sleep(0.001 + greatest(0, extract(epoch FROM max(t.expires_at) - clock_timestamp())))
     FROM transfers t JOIN journals j ON j.id = t.journal_id
     WHERE j.key LIKE $1 AND t.state = 'pending' AND t.expires_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '1 minute'
     HAVING count(*) > 0`,
    [`world:${world.id}:%`],
  );

const lane = fc.array(outline(3, 3), { minLength: 2, maxLength: 5 });
const itemLane = fc.array(itemOutline, { minLength: 2, maxLength: 5 });
const lanes = fc.oneof(
  { weight: 2, arbitrary: fc.array(lane, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(itemLane, { minLength: 2, maxLength: 3 }) },
);
const atOnce = fc
  .tuple(lanes, fc.nat(3))
  .map(([lanes, n]) => new PostAtOnce(lanes, n === 0 ? 'batcher' : 'transaction'));
/** Nothing keeps these apart but the key. */
const rivals = fc.uniqueArray(fc.nat(playerCount - 1), { minLength: 2, maxLength: playerCount }).map(
  (players) =>
    new PostAtOnce(
      players.map((to) => [gift(to)]),
      'transaction',
      true,
    ),
);
const batch = fc
  .tuple(
    fc.array(outline(2), { minLength: 1, maxLength: 6 }),
    fc.constantFrom<Fate[]>('answered', 'answered', 'answered', 'answer lost', 'rolled back'),
  )
  .map(([outlines, fate]) => new PostBatch(outlines, fate));
const undo = fc.tuple(fc.nat(6), fc.nat(3)).map(([back, n]) => new Undo(back, n === 0));

const sweep = fc.constant(new Sweep());
const turn = fc.constant(new TurnValve());

/** `crowded`: hardly anything but callers at once, for what only they can find. */
export const anyCommands = (crowded: boolean) =>
  fc.commands<Model, Real, false>(
    [batch, atOnce, rivals, undo, sweep, turn, ...(crowded ? [atOnce, atOnce, atOnce] : [batch, batch])],
    { maxCommands: crowded ? 12 : 16, size: 'max' },
  );
