/** What a valve can stop; `post_journals` knows the same. */
export const valveScopes = ['source', 'kind', 'channel', 'asset'] as const;
export type ValveScope = (typeof valveScopes)[number];

/** The ways value moves between players or in. A journal names those it takes, see `NewJournal.valves`. */
export const valveChannels = ['grants', 'spends', 'imports', 'mailbox', 'market', 'trades'] as const;
export type ValveChannel = (typeof valveChannels)[number];
