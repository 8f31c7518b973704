import { closeCodes } from '../domain/arena/protocol.ts';
import type { ActionAnswer } from '../domain/arena/protocol.ts';
import { LootError } from '../domain/errors.ts';
import type { EventContext } from '../domain/events.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { announceHost } from '../store/matches/announce-host.ts';
import { drainHost, retireHost } from '../store/matches/drain-host.ts';
import { heartbeatHost } from '../store/matches/heartbeat-host.ts';
import { holdSeal } from '../store/matches/hold-seal.ts';
import { loadMatch } from '../store/matches/load-match.ts';
import { readHosting } from '../store/matches/read-hosting.ts';
import { registerHost } from '../store/matches/register-host.ts';
import type { Hold, Submission } from './intake.ts';
import { RunningMatch } from './running-match.ts';
import type { MatchEnd } from './running-match.ts';
import { startTicks } from './tick-scheduler.ts';
import type { TickScheduler } from './tick-scheduler.ts';
import { createTicker } from './ticker.ts';

export type MatchHostDeps = {
  db: Db;
  log: Log;
  metrics: Metrics;
  crash: CrashPoints;
  /** New at every start of the process: two incarnations never share a claim. */
  hostId: string;
  publicUrl: string;
  internalUrl: string;
  capacity: number;
  tickMs?: number;
  clock?: () => number;
  /** How long a stopping host waits to learn where its matches went, so that it can tell players. */
  handOverMsMax?: number;
};

export type HostedMatch = {
  ended: Promise<MatchEnd>;
  /** Whether its ticks commit. */
  isAlive(): boolean;
};

/** Three renewals fit into a lease; it is over before Temporal notices that heartbeats are missing (5 s). */
const leaseMs = 3_000;
const renewMs = 1_000;
/** A match whose ticks have not committed for so long stops reporting: another host shall have it. */
const silentMsMax = 4_000;
const findMsMax = 3_000;
const pollMs = 50;
/** A finished match stays for clients that were away at its end. */
const keepFinishedMs = 5_000;

/** Registers the host and starts its clock. */
export async function createMatchHost(deps: MatchHostDeps): Promise<MatchHost> {
  await registerHost(deps.db, deps, leaseMs);
  return new MatchHost(deps);
}

/** The matches of one process: takes them on, ticks them together, lets them go. */
export class MatchHost {
  readonly hostId: string;
  readonly #deps: MatchHostDeps;
  readonly #clock: () => number;
  readonly #matches = new Map<string, RunningMatch>();
  readonly #ticks: TickScheduler;
  readonly #renewal: NodeJS.Timeout;
  #isDraining = false;

  constructor(deps: MatchHostDeps) {
    this.#deps = deps;
    this.hostId = deps.hostId;
    this.#clock = deps.clock ?? (() => performance.now());
    const ticker = createTicker({
      ...deps,
      matches: this.#matches,
      reread: (match) => this.#reread(match),
      fail: (match) => this.#letGo(match, { status: 'failed' }, null),
    });
    this.#ticks = startTicks(deps.tickMs ?? 100, ticker.step);
    const logFailure = (error: unknown) => deps.log.warn({ err: error }, 'lease not renewed');
    this.#renewal = setInterval(() => void this.#renew().catch(logFailure), renewMs);
  }

  get matches(): ReadonlyMap<string, RunningMatch> {
    return this.#matches;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Runs the match under this claim until it ends; joins it when it runs here already. */
  async host(matchId: string, fence: number, context: EventContext = {}): Promise<HostedMatch> {
    if (this.#isDraining) return notHosted('draining');
    const { db } = this.#deps;
    const { hostId } = this;
    const match = this.#matches.get(matchId) ?? (await this.#takeOn(matchId, fence));
    if (match === null) return notHosted('moved');
    match.adopt(fence);
    if (!match.isOver) await announceHost(db, { matchId, hostId, fence }, context);
    return { ended: match.ended, isAlive: () => match.silentForMs < silentMsMax };
  }

  /** Throws `host_moving` when the match is not here, `not_found` for a stranger. */
  submit(matchId: string, playerId: string, submission: Submission): Promise<ActionAnswer> {
    return this.#running(matchId).submit(playerId, submission);
  }

  /** Throws like `submit`. */
  leave(matchId: string, playerId: string): void {
    this.#running(matchId).leave(playerId);
  }

  /** The match, waited for a moment if this host has been chosen for it but not told yet. */
  async find(matchId: string): Promise<RunningMatch | null> {
    for (const untilMs = this.#clock() + findMsMax; this.#clock() < untilMs; await sleep(pollMs)) {
      const match = this.#matches.get(matchId);
      if (match !== undefined || this.#isDraining) return match ?? null;
      const [hosting] = await readHosting(this.#deps.db, [matchId]);
      if (hosting?.hostId !== this.hostId || !hosting.running) return null;
    }
    return null;
  }

  /** Hands every match over, tells players where it went, and ends. */
  async drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const { db, log } = this.#deps;
    await drainHost(db, this.hostId).catch((error: unknown) =>
      log.warn({ err: error }, 'drain not recorded'),
    );
    await this.#ticks.stop();
    clearInterval(this.#renewal);
    const leaving = [...this.#matches.values()];
    for (const match of leaving) match.drop({ status: 'draining' }, 'host_moving');
    await Promise.all(leaving.map((match) => this.#handOver(match)));
    await retireHost(db, this.hostId).catch((error: unknown) => log.warn({ err: error }, 'end not recorded'));
  }

  async #takeOn(matchId: string, fence: number): Promise<RunningMatch | null> {
    const { db, log, metrics } = this.#deps;
    const loaded = await loadMatch(db, { matchId, hostId: this.hostId, fence });
    if (loaded === null) return null;
    // Asked twice at once to load it: the first one stays.
    const known = this.#matches.get(matchId);
    if (known !== undefined) return known;
    const match = new RunningMatch({
      matchId,
      fence,
      loaded,
      clock: this.#clock,
      hold: (own) => this.#holdFor(own),
    });
    this.#matches.set(matchId, match);
    metrics.matchActive.inc({ mode: match.mode });
    if (match.isTakenOver) metrics.matchRecoveries.inc({ mode: match.mode });
    log.info({ matchId, fence, takenOver: match.isTakenOver, tick: match.tick }, 'match hosted');
    void match.ended.then(({ status }) => {
      if (status === 'finished') setTimeout(() => this.#remove(match), keepFinishedMs).unref();
    });
    return match;
  }

  #holdFor(match: RunningMatch): Hold {
    const { db, metrics } = this.#deps;
    return async (seat, actionKey, bodyHash, action) => {
      const { matchId, sealTerms: terms } = match;
      const request = {
        matchId,
        hostId: this.hostId,
        playerId: match.playerIdOf(seat),
        actionKey,
        bodyHash,
        action,
        terms,
      };
      const held = await holdSeal(db, { ...request, fence: match.fence });
      if (held.result === 'replayed') metrics.idempotencyHits.inc({ layer: 'seal' });
      if (held.result !== 'fenced') return held;
      await this.#reread(match);
      return this.#isHere(match) ? holdSeal(db, { ...request, fence: match.fence }) : held;
    };
  }

  /** Rereads the row after a refusal: still named there, the host goes on under the new fence; otherwise it lets go. */
  async #reread(match: RunningMatch): Promise<void> {
    const { db, log } = this.#deps;
    const [hosting] = await readHosting(db, [match.matchId]);
    if (!this.#isHere(match)) return;
    if (hosting === undefined || !hosting.running) return this.#letGo(match, { status: 'over' }, null);
    if (hosting.hostId === this.hostId) return match.adopt(hosting.fence);
    log.warn(
      { matchId: match.matchId, fence: match.fence, newHostId: hosting.hostId },
      'match lost to another host',
    );
    this.#letGo(match, { status: 'moved' }, hosting.url);
  }

  /** A host that lost a match while nothing happened in it learns so here, not from a refused commit. */
  async #renew(): Promise<void> {
    const { db } = this.#deps;
    if (this.#isDraining) return;
    await heartbeatHost(db, this.hostId, leaseMs);
    const held = [...this.#matches.values()].filter(({ isOver }) => !isOver);
    const rows = await readHosting(
      db,
      held.map(({ matchId }) => matchId),
    );
    const byId = new Map(rows.map((row) => [row.matchId, row]));
    for (const match of held) {
      const row = byId.get(match.matchId);
      if (row?.running !== true || row.hostId !== this.hostId || row.fence > match.fence)
        await this.#reread(match);
    }
  }

  #letGo(match: RunningMatch, end: MatchEnd, url: string | null): void {
    this.#remove(match);
    match.drop(end, end.status === 'over' ? 'match_over' : 'host_moving');
    if (end.status === 'over') match.closeSockets(closeCodes.matchOver, 'the match is over');
    else sendAway(match, url);
  }

  async #handOver(match: RunningMatch): Promise<void> {
    sendAway(match, await this.#newUrl(match.matchId).catch(() => null));
    this.#remove(match);
  }

  async #newUrl(matchId: string): Promise<string | null> {
    const untilMs = this.#clock() + (this.#deps.handOverMsMax ?? 8_000);
    for (; this.#clock() < untilMs; await sleep(pollMs)) {
      const [hosting] = await readHosting(this.#deps.db, [matchId]);
      if (hosting?.running !== true) return null;
      if (hosting.hostId !== this.hostId && hosting.url !== null) return hosting.url;
    }
    return null;
  }

  #running(matchId: string): RunningMatch {
    const match = this.#matches.get(matchId);
    if (match !== undefined && !this.#isDraining) return match;
    throw new LootError('host_moving', 'The match is not on this host.', { retryAfterMs: 500 });
  }

  #isHere(match: RunningMatch): boolean {
    return this.#matches.get(match.matchId) === match;
  }

  #remove(match: RunningMatch): void {
    if (!this.#isHere(match)) return;
    this.#matches.delete(match.matchId);
    this.#deps.metrics.matchActive.dec({ mode: match.mode });
  }
}

const notHosted = (status: 'draining' | 'moved'): HostedMatch => ({
  ended: Promise.resolve({ status }),
  isAlive: () => true,
});

/** While the new host is not known, players ask the API for it. */
function sendAway(match: RunningMatch, url: string | null): void {
  match.tellMoving(url ?? `/v1/matches/${match.matchId}/connection`);
  match.closeSockets(closeCodes.deploy, 'the match is moving');
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
