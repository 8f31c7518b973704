import type { EventType } from '../../domain/events.ts';
import { topicOf } from '../../domain/events.ts';
import { findTopic } from '../catalogue/topics.ts';
import type { Topic } from '../catalogue/topics.ts';

/** Who has to agree before a type's schema changes; additive changes within a version included. */
export const reviewRules = {
  owner: 'the owner',
  money: 'the owner and the ledger: it speaks of value',
  security: 'the owner and whoever answers for security',
  outside: 'the owner, and those outside who write or read it are told 28 days before',
} as const;
export type ReviewRule = keyof typeof reviewRules;

export type TypeRecord = {
  description: string;
  review: ReviewRule;
  /** From then on nobody should begin to read it. Both versions are told for at least 28 days more. */
  deprecated?: { on: string; replacedBy?: EventType };
};

/** What is known of each type beyond its fields. Owner and classification are its topic's. A type without an entry does not compile. */
export const typeRecords: { readonly [T in EventType]: TypeRecord } = {
  'game.match.opened.v1': {
    description: 'A lobby was opened for a match',
    review: 'owner',
  },
  'game.match.started.v1': {
    description: 'The lobby is full or over: who plays in which seat, and the hash of the seed',
    review: 'owner',
  },
  'game.match.hosted.v1': {
    description: 'A host has taken the match, first or after another one died: where players connect',
    review: 'owner',
  },
  'game.match.finished.v1': {
    description: 'The match is over: ranks, scores, the seed, and what each player is to be paid',
    review: 'money',
  },
  'game.match.cancelled.v1': {
    description: 'The match did not come about',
    review: 'owner',
  },
  'game.match.voided.v1': {
    description: 'The match was broken off and pays nothing',
    review: 'money',
  },
  'game.player.registered.v1': {
    description: 'A player exists',
    review: 'owner',
  },
  'game.player.erased.v1': {
    description: 'A player was erased: whoever knows more of them than this id forgets it',
    review: 'security',
  },
  'game.player.joined.v1': {
    description: 'A player took a seat in a lobby',
    review: 'owner',
  },
  'game.player.left.v1': {
    description: 'A player left a match',
    review: 'owner',
  },
  'game.player.eliminated.v1': {
    description: 'A player fell',
    review: 'owner',
  },
  'game.player.action-sealed.v1': {
    description: 'A stamp was spent on an action, and what came of it',
    review: 'money',
  },
  'ledger.journal.posted.v1': {
    description: 'Value moved, all of it or nothing',
    review: 'money',
  },
  'ledger.block.sealed.v1': {
    description: 'A run of journals was hashed; kept outside, the header makes tampering evident',
    review: 'security',
  },
  'ledger.finding.opened.v1': {
    description: 'The auditor found the books to differ from a promise',
    review: 'money',
  },
  'ledger.finding.closed.v1': {
    description: 'Somebody answered for a finding',
    review: 'money',
  },
  'economy.valve.closed.v1': {
    description: 'A source, kind, asset or channel was stopped',
    review: 'owner',
  },
  'economy.valve.opened.v1': {
    description: 'It flows again',
    review: 'owner',
  },
  'economy.grant.granted.v1': {
    description: 'A player was paid from a source',
    review: 'money',
  },
  'economy.grant.withheld.v1': {
    description: 'A player was not paid, by a recorded decision',
    review: 'money',
  },
  'economy.grant.reversed.v1': {
    description: 'A grant was taken back: what was recovered, what is owed',
    review: 'money',
  },
  'economy.mailbox.arrived.v1': {
    description: 'Something waits for a player to claim it',
    review: 'money',
  },
  'economy.mailbox.expired.v1': {
    description: 'Nobody claimed it, so it went back',
    review: 'money',
  },
  'economy.version.applied.v1': {
    description: 'Another version of the economy file is in force',
    review: 'money',
  },
  'market.listing.placed.v1': {
    description: 'An item is for sale',
    review: 'owner',
  },
  'market.listing.cancelled.v1': {
    description: 'Its seller took it back',
    review: 'owner',
  },
  'market.listing.expired.v1': {
    description: 'Nobody bought it in time',
    review: 'owner',
  },
  'market.listing.sold.v1': {
    description: 'It was bought',
    review: 'owner',
  },
  'market.trade.started.v1': {
    description: 'A sale is under way: payment and item are held',
    review: 'money',
  },
  'market.trade.completed.v1': {
    description: 'Payment, item and fee changed hands, all at once',
    review: 'money',
  },
  'market.trade.failed.v1': {
    description: 'The sale was undone entirely',
    review: 'money',
  },
  'leaderboard.score.changed.v1': {
    description: "A player's score on a leaderboard is another one",
    review: 'owner',
  },
  'notifications.player.notified.v1': {
    description: 'A player was told something',
    review: 'owner',
  },
  'game.result.reported.v1': {
    description: 'A trusted game server says how a match of its own ended',
    review: 'outside',
  },
  'trust.verdict.cleared.v1': {
    description: 'Somebody outside decided that a match or trade may go on',
    review: 'outside',
  },
  'trust.verdict.rejected.v1': {
    description: 'Somebody outside decided that it may not',
    review: 'outside',
  },
  'audit.trail.recorded.v1': {
    description: 'An operator or a security rule did something',
    review: 'security',
  },
  'analytics.event.game-action.v1': {
    description: 'A game server says what a player did in its game',
    review: 'outside',
  },
  'system.service.started.v1': {
    description: 'A process of ours serves',
    review: 'owner',
  },
  'system.service.stopped.v1': {
    description: 'A process of ours ends in order',
    review: 'owner',
  },
};

export type Governance = TypeRecord & Pick<Topic, 'owner' | 'classification'> & { topic: string };

export function governanceOf(type: EventType): Governance {
  const topic = findTopic(topicOf(type));
  if (topic === undefined) throw new Error(`${type} has no topic in the catalogue`);
  const { owner, classification } = topic;
  return { ...typeRecords[type], owner, classification, topic: topic.name };
}
