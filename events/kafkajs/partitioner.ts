import kafkajs from 'kafkajs';
import type { ICustomPartitioner } from 'kafkajs';

/**
 * Where Java's client and kafkajs put a record; kafkajs counts its hash in objects of 64 bits, which is a seventh of what
 * sending takes. Without a key kafkajs chooses.
 */
export const createPartitioner: ICustomPartitioner = () => {
  const chooseFor = kafkajs.Partitioners.DefaultPartitioner();
  return (args) => {
    const { key } = args.message;
    return Buffer.isBuffer(key)
      ? (murmur2(key) & 0x7fffffff) % args.partitionMetadata.length
      : chooseFor(args);
  };
};

const seed = 0x9747b28c;
const factor = 0x5bd1e995;

/** `org.apache.kafka.common.utils.Utils.murmur2`: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash2.cpp */
function murmur2(key: Buffer): number {
  const { length } = key;
  let hash = seed ^ length;
  const whole = length - (length % 4);
  for (let at = 0; at < whole; at += 4) {
    const mixed = Math.imul(key.readInt32LE(at), factor);
    hash = Math.imul(hash, factor) ^ Math.imul(mixed ^ (mixed >>> 24), factor);
  }
  if (length > whole) {
    for (let at = whole; at < length; at += 1) hash ^= (key[at] ?? 0) << (8 * (at - whole));
    hash = Math.imul(hash, factor);
  }
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return hash ^ (hash >>> 15);
}
