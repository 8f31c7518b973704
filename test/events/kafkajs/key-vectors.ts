/**
 * Where Kafka's own Java client puts a key: `toPositive(murmur2(key)) % 12`, from `org.apache.kafka.common.utils.Utils` of
 * kafka-clients 4.1.1. A client that hashes otherwise would send one player's events to two partitions.
 */
export const partitionCount = 12;

export const keyVectors: readonly { hex: string; partition: number }[] = [
  { hex: '', partition: 9 },
  { hex: '3231', partition: 0 },
  { hex: '666f6f626172', partition: 6 },
  { hex: '612d6c6974746c652d6269742d6c6f6e672d737472696e67', partition: 8 },
  { hex: '706c617965722d37', partition: 7 },
  { hex: '736368776572742dc3a42de589a3', partition: 2 },
  { hex: 'ff', partition: 3 },
  { hex: '80fe00c328', partition: 10 },
  { hex: '00000000', partition: 4 },
  { hex: '30313938633566302d376132652d376233632d396434652d356636303731383239333034', partition: 1 },
];
