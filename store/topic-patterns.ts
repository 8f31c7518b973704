/**
 * SQL for: a topic matches one of the patterns in this parameter, a `text[]`; null matches all. The same as `matchesPattern`
 * says of each.
 */
export const topicMatches = (topic: string, parameter: string): string =>
  `(${parameter}::text[] IS NULL OR EXISTS (SELECT FROM unnest(${parameter}::text[]) AS pattern
     WHERE pattern = ${topic} OR (right(pattern, 1) = '*' AND starts_with(${topic}, left(pattern, -1)))))`;

/** Null: all of them. */
export type TopicPatterns = readonly string[] | null;
