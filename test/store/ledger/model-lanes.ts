import { isDeepStrictEqual } from 'node:util';
import { judge } from './model-books.ts';
import type { Books, Verdict } from './model-books.ts';
import type { Draft } from './model-plans.ts';
import { agree } from './model-state.ts';

export type Posted = { draft: Draft; verdict: Verdict; journalId: bigint | null };

/**
 * Callers at once. Journal ids are drawn under the locks, so those that were posted happened in the order of their ids. One
 * that was refused, or was there already, changed nothing: it must have been right at some moment between its neighbours of
 * the same batch. Answers the books after all of them.
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
  const states = [structuredClone(books)];
  for (const { draft } of effects) {
    const next = structuredClone(states.at(-1)!);
    agree([judge(next, draft), draft.key, story], [{ result: 'ok' }, draft.key, story]);
    states.push(next);
  }
  for (const one of all) {
    if (one.verdict.result === 'ok') continue;
    const own = effects.flatMap(({ lane, n }, at) => (lane === one.lane && isOneBatch ? [{ n, at }] : []));
    const from = Math.max(0, ...own.filter(({ n }) => n < one.n).map(({ at }) => at + 1));
    const to = Math.min(effects.length, ...own.filter(({ n }) => n > one.n).map(({ at }) => at));
    const moments = states.slice(from, to + 1).map((state) => judge(structuredClone(state), one.draft));
    const isRight = moments.some((moment) => isDeepStrictEqual(moment, one.verdict));
    agree({ ...one.verdict, story, ...(!isRight && { moments }) }, { ...one.verdict, story });
  }
  return states.at(-1)!;
}
