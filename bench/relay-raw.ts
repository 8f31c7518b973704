import kafkajs from 'kafkajs';

/**
 * kafkajs alone, in a process of its own as the relay would be, and untouched by what our adapter changes in it: acks of all
 * replicas, one request in flight per lane, messages made before the clock runs. No database, nothing to encode.
 */
export type RawMessage = {
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | Buffer[]>;
};
/** Requests in order, for each of the lanes that send side by side. */
export type Lanes = RawMessage[][][];
export type RawTask = { brokers: readonly string[]; topic: string; lanes: Lanes };

process.on('message', ({ brokers, topic, lanes }: RawTask) => {
  void send(brokers, topic, lanes).then((tookMs) => process.send?.(tookMs));
});

let producer: kafkajs.Producer | undefined;

async function send(brokers: readonly string[], topic: string, lanes: Lanes): Promise<number> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.ERROR });
  producer ??= kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const open = producer;
  const startedAtMs = performance.now();
  await Promise.all(
    lanes.map(async (requests) => {
      for (const messages of requests)
        await open.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] });
    }),
  );
  return performance.now() - startedAtMs;
}
