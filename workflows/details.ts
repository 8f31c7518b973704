import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { searchKeys } from './messages.ts';
import type { SagaStatus } from './messages.ts';

export const setStatus = (status: SagaStatus): void =>
  upsertSearchAttributes([{ key: searchKeys.sagaStatus, value: status }]);

export const setStuck = (stuck: boolean): void =>
  upsertSearchAttributes([
    { key: searchKeys.sagaStatus, value: stuck ? 'stuck' : 'compensating' },
    { key: searchKeys.stuck, value: stuck },
  ]);

export const setPlayers = (playerIds: readonly string[]): void =>
  upsertSearchAttributes([{ key: searchKeys.playerId, value: [...playerIds] }]);

/**
 * A run's details in the Web UI, in Markdown: what it is about, what has happened, and what it does or waits for now. An
 * engineer answers "what is happening to my item?" from this text alone. Player ids, never names.
 */
export type Tale = {
  /** What the story is about: the heading and the line under it. */
  about(title: string, facts?: string): void;
  /** What it does or waits for, until when, and what then; replaces the last `now`. */
  now(text: string): void;
  /** What has happened, with a link to its receipt; takes the place of `now`. */
  happened(text: string): void;
};

export function tell(title: string): Tale {
  let heading = title;
  let underHeading: string | undefined;
  const past: string[] = [];
  let present: string | undefined;

  function write(): void {
    const lines = [
      ...past.map((text) => `- ${text}`),
      ...(present === undefined ? [] : [`- **now:** ${present}`]),
    ];
    setCurrentDetails(
      [`### ${heading}`, ...(underHeading === undefined ? [] : [underHeading]), lines.join('\n')].join(
        '\n\n',
      ),
    );
  }

  write();
  return {
    about(text, facts) {
      heading = text;
      underHeading = facts;
      write();
    },
    now(text) {
      present = text;
      write();
    },
    happened(text) {
      past.push(text);
      present = undefined;
      write();
    },
  };
}

/** Where the API explains a journal. */
export const receiptLink = (journalKey: string): string =>
  `[receipt](/v1/receipts/${encodeURIComponent(journalKey)})`;

/** `2026-11-21T14:05:00Z`, `fromNowMs` later than the workflow's own clock. */
export const timeIn = (fromNowMs: number): string =>
  `${new Date(Date.now() + fromNowMs).toISOString().slice(0, 19)}Z`;
