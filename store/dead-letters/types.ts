import type { JsonValue } from '../../domain/canonical-json.ts';

/** A record as tables keep it: the bytes as they came, headers as JSON (see `events/codec/header-json.ts`). */
export type StoredRecord = {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, JsonValue>;
};

export type RecordPosition = Pick<StoredRecord, 'topic' | 'partition' | 'offset'>;

export type NewDeadLetter = StoredRecord & {
  group: string;
  eventId: string | null;
  eventSource: string | null;
  eventType: string | null;
  attempts: number;
  errorClass: string;
  errorMessage: string;
  firstFailedAtMs: number;
  lastFailedAtMs: number;
};

export type DeadLetterStatus = 'waiting' | 'redriven' | 'discarded';

export type DeadLetter = Omit<NewDeadLetter, 'firstFailedAtMs' | 'lastFailedAtMs'> & {
  id: string;
  status: DeadLetterStatus;
  redrives: number;
  reason: string | null;
  firstFailedAt: Date;
  lastFailedAt: Date;
  resolvedAt: Date | null;
  createdAt: Date;
};

/** The aggregate whose events a group keeps in order. */
export type ParkingPlace = { group: string; topic: string; key: Buffer };
