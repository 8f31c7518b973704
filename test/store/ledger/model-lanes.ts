import { isDeepStrictEqual } from 'node:util';
import { judge } from './model-books.ts';
import type { Books, Verdict } from './model-books.ts';
import type { Draft } from './model-plans.ts';
import { agree } from './model-state.ts';

export type Posted = { draft: Draft; verdict: Verdict; journalId: bigint | null };

/**
 * Callers at once. Journal ids are drawn under the locks, so those that were posted may be told in the order of their ids.
 * One that was refused, or was there already, changed nothing: it must have been right when its own batch was so far, and
 * each of the others had done some of theirs; nothing tells it which, as long as they do not touch the same things. Answers
 * the books after all of them.
 */
export function agreeInSomeOrder(
  books: Books,
  lanes: readonly (readonly Posted[])[],
  isOneBatch: boolean,
): Books {
  const all = lanes.flatMap((lane, l) => lane.map((one, n) => ({ ...one, lane: l, n })));
  const effects = all
    .filter(({ verdict }) => verdict.result === 'ok')
    .sort((a, b) => (a.journalId! < b.journalId! ? -1 : 1));
  const story = effects.map(({ draft }) => draft.key).join(', ');
  const after = structuredClone(books);
  for (const { draft } of effects)
    agree([judge(after, draft), draft.key, story], [{ result: 'ok' }, draft.key, story]);
  for (const one of all) {
    if (one.verdict.result === 'ok') continue;
    const seen = lanes.map((_, l) => {
      const theirs = effects.filter(({ lane }) => lane === l);
      if (l !== one.lane || !isOneBatch) return theirs.map((__, count) => count).concat(theirs.length);
      return [theirs.filter(({ n }) => n < one.n).length];
    });
    const isRight = combinations(seen).some((counts) => {
      const state = stateAfter(books, effects, counts);
      return state !== null && isDeepStrictEqual(judge(state, one.draft), one.verdict);
    });
    agree({ ...one.verdict, story, isRight }, { ...one.verdict, story, isRight: true });
  }
  return after;
}

type Effect = { draft: Draft; lane: number };

/** The books after so many of each lane's journals; null when one of them would have needed another before it. */
function stateAfter(books: Books, effects: readonly Effect[], counts: readonly number[]): Books | null {
  const state = structuredClone(books);
  const taken = counts.map(() => 0);
  for (const { draft, lane } of effects) {
    if (taken[lane] === counts[lane]) continue;
    taken[lane]! += 1;
    if (judge(state, draft).result !== 'ok') return null;
  }
  return state;
}

const combinations = (choices: readonly (readonly number[])[]): number[][] =>
  choices.reduce<number[][]>((all, next) => all.flatMap((one) => next.map((each) => [...one, each])), [[]]);
