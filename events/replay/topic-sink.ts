import { replayTopicOf } from '../../domain/replays/types.ts';
import { BrokerRefusal } from '../kafka/broker.ts';
import type { DeliveredRecord, OutgoingMessage } from '../kafka/broker.ts';
import { byHalves } from './by-halves.ts';
import { failureOf, step } from './step.ts';
import type { OpenReplay, ReplayDeps, ReplaySink } from './types.ts';

const batchCountMax = 1_000;
const sendDeadlineMs = 30_000;

/**
 * Copies records as they were, plus `ce_replayid`, into a topic of their own. A crash between the copy and the step copies
 * a batch again: ids are the events' own, so whoever reads the topic drops it by them as from any other.
 */
export function topicSink(
  { db, broker, crash }: ReplayDeps,
  replay: OpenReplay,
  topic: string | undefined,
): ReplaySink {
  const target = topic ?? replayTopicOf(replay.topic);
  const replayId = Buffer.from(replay.replayId);
  const copyOf = ({ key, value, headers }: DeliveredRecord): OutgoingMessage => ({
    topic: target,
    key,
    value,
    headers: { ...headers, ce_replayid: replayId },
  });
  return {
    batchCountMax,
    wants: () => true,
    async take(batch) {
      const failed = await byHalves(
        batch.records,
        async (records) => void (await broker.send(records.map(copyOf), sendDeadlineMs)),
        (error) => error instanceof BrokerRefusal,
      );
      const failures = failed.map(({ item, error }) => failureOf(item, error));
      const handledCount = batch.records.length - failures.length;
      crash('after-replay-effect-before-step');
      const outcome = { handledCount, duplicateCount: 0, failures };
      await step(db, replay.replayId, batch, outcome);
      return outcome;
    },
  };
}
