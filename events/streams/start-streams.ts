import type { Log } from '../../platform/log.ts';
import type { Broker } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import type { Running } from '../consumer/handler.ts';
import { openNamedStream } from './named-streams.ts';
import type { NamedStream } from './named-streams.ts';
import { openPlayerEvents } from './player-events.ts';
import type { PlayerEvents } from './player-events.ts';
import { createPastReader } from './read-past.ts';
import { streams } from './streams.ts';
import { tailTopics } from './tail.ts';

export type Streams = Running & {
  players: PlayerEvents;
  /** Undefined where the catalogue has no such name. */
  named(name: string): NamedStream | undefined;
};

/** One tailing consumer per process, fanned out in memory to every open stream. */
export function startStreams(parts: { broker: Broker; codec: Codec; log: Log }): Streams {
  const deps = { ...parts, readPast: createPastReader(parts.broker) };
  const players = openPlayerEvents(deps);
  const named = new Map(streams.map((stream) => [stream.name, openNamedStream(deps, stream)]));
  const channels = [players, ...named.values()];
  const byTopic = new Map(
    channels
      .flatMap(({ topics }) => topics)
      .map((topic) => [topic, channels.filter((channel) => channel.topics.includes(topic))]),
  );
  const tail = tailTopics(parts, [...byTopic.keys()], (record) =>
    Promise.all((byTopic.get(record.topic) ?? []).map((channel) => channel.hear(record))),
  );
  return {
    players,
    named: (name) => named.get(name),
    stop: () => tail.stop(),
  };
}
