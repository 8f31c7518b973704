/** Names of other systems' events and channels, and what says the same here (docs/reference/events.md). */
export const foreignNames: readonly { theirs: string; ours: string; note: string }[] = [
  {
    theirs: '`game.join`',
    ours: '`game.player.joined.v1`',
    note: 'A type names an entity, what happened to it, and its version',
  },
  {
    theirs: '`PlayerAttacked` and its like, topic `player-actions`',
    ours: '`game.player.action-sealed.v1`, `game.player.eliminated.v1`',
    note: "Sealed actions and falls are facts; the whole stream of actions is the match's recording, and of brought-in games `analytics.event.game-action.v1`",
  },
  {
    theirs: '`system.error`',
    ours: '`system.service.started.v1`, `system.service.stopped.v1`',
    note: 'Errors are log lines, metrics and alerts; what a group could not handle is a dead letter',
  },
  {
    theirs: '`job-events-audit`',
    ours: '`audit.trail.recorded.v1`',
    note: 'Also at `GET /v1/audit`',
  },
  {
    theirs: '`websocket-broadcast`',
    ours: '`notifications.player.notified.v1`',
    note: "Pushed on the player's stream",
  },
  {
    theirs: 'saga commands over Kafka (`FUNDS_TRANSFERRING`, `ITEM_TRANSFERRING`)',
    ours: '`market.trade.started.v1`, `market.trade.completed.v1`, `market.trade.failed.v1`',
    note: 'Workflows command, topics tell: payment and item move in one journal',
  },
  {
    theirs: 'an `events` table with payload and status',
    ours: '`GET /v1/events/{id}`',
    note: 'PostgreSQL keeps where an event is and what became of it; Kafka keeps the event',
  },
];
