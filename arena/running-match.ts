import { GRID_SIZE, walls } from '../domain/arena/grid.ts';
import { closeCodes } from '../domain/arena/protocol.ts';
import type { ActionAnswer, CloseCode } from '../domain/arena/protocol.ts';
import { resolveTick } from '../domain/arena/resolve-tick.ts';
import { stateHash } from '../domain/arena/state-hash.ts';
import type { MatchState, PublicState, TickOutcome } from '../domain/arena/types.ts';
import { diffState, publicState } from '../domain/arena/view.ts';
import { LootError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { TickCommit, TickReceipt } from '../store/matches/commit-tick.ts';
import type { LoadedMatch } from '../store/matches/load-match.ts';
import type { SealTerms } from '../store/matches/seal-journals.ts';
import { sha256 } from '../store/matches/sha256.ts';
import { Intake } from './intake.ts';
import type { Hold, Submission } from './intake.ts';
import { knownActions, lastSequence } from './known-actions.ts';
import { PlayerStream, encode } from './player-stream.ts';
import { judgeTick } from './judge-tick.ts';
import type { JudgedTick } from './judge-tick.ts';

/** Ticks between two logged snapshots: bounds what a new host recomputes and how far silent time can fall back. */
const checkpointTicks = 100;

export type MatchEnd =
  | { status: 'finished'; endTick: number }
  | { status: 'moved' | 'over' | 'draining' | 'failed' };

type Pending = { outcome: TickOutcome; judged: JudgedTick; commit: TickCommit };

/**
 * One match on this host. It resolves a tick, hands it out to be made durable, and tells players only then: what anybody
 * has seen survives every crash. It never writes by itself; the scheduler commits the ticks of all matches together.
 */
export class RunningMatch {
  readonly matchId: string;
  readonly mode: string;
  readonly ended: Promise<MatchEnd>;
  fence: number;
  #state: MatchState;
  /** What every receiver has: ticks without inputs are not sent, so changes are told against this. */
  #lastSent: PublicState;
  #pending: Pending | null = null;
  #isTicking = false;
  #progressAtMs: number;
  readonly #end = Promise.withResolvers<MatchEnd>();
  readonly #intake: Intake;
  readonly #streams: readonly PlayerStream[];
  readonly #loaded: Pick<LoadedMatch, 'seedHash' | 'sealTerms'>;
  readonly #clock: () => number;
  readonly #startBeforeMs: number;
  /** The players were elsewhere before: their first message may be a resume. */
  readonly isTakenOver: boolean;

  constructor(options: {
    matchId: string;
    fence: number;
    loaded: LoadedMatch;
    clock: () => number;
    hold: (match: RunningMatch) => Hold;
  }) {
    const { loaded, clock } = options;
    const { state, sealed } = loaded;
    this.matchId = options.matchId;
    this.fence = options.fence;
    this.mode = loaded.mode;
    this.isTakenOver = state.tick > 0 || options.fence > 1;
    this.ended = this.#end.promise;
    this.#state = state;
    this.#lastSent = publicState(state);
    this.#loaded = loaded;
    this.#clock = clock;
    this.#progressAtMs = clock();
    this.#startBeforeMs = clock() + state.config.connectWaitMs;
    this.#streams = state.players.map(() => new PlayerStream(clock));
    const held = sealed.flatMap((seal) =>
      seal.outcome === null ? [{ ...seal, seat: this.#seatOf(seal.playerId) }] : [],
    );
    const known = knownActions(loaded);
    this.#intake = new Intake({ known, held, lastSequence: lastSequence(loaded), hold: options.hold(this) });
    if (state.phase.status === 'finished') this.#finish();
  }

  get isOver(): boolean {
    return this.#state.phase.status === 'finished';
  }

  /** Ticks resolved and durable. */
  get tick(): number {
    return this.#state.tick;
  }

  get sealTerms(): SealTerms {
    return this.#loaded.sealTerms;
  }

  /** Age of the last tick that resolved: ticks that wait for the database do not count as life. */
  get silentForMs(): number {
    return this.#isTicking ? this.#clock() - this.#progressAtMs : 0;
  }

  playerIdOf(seat: number): string {
    const player = this.#state.players[seat];
    if (player === undefined) throw new RangeError(`there is no seat ${seat}`);
    return player.playerId;
  }

  /** The player's stream, or null for a stranger. */
  streamOf(playerId: string): PlayerStream | null {
    const seat = this.#state.players.findIndex((player) => player.playerId === playerId);
    return this.#streams[seat] ?? null;
  }

  sendWelcome(playerId: string, stream: PlayerStream): void {
    stream.send(
      encode({
        kind: 'welcome',
        matchId: this.matchId,
        seat: this.#seatOf(playerId),
        seedHash: this.#loaded.seedHash,
        map: { sizeTiles: GRID_SIZE, walls },
        state: this.#lastSent,
        resumeToken: stream.resumeToken,
      }),
    );
  }

  sendState(stream: PlayerStream): void {
    stream.send(encode({ kind: 'state', state: this.#lastSent, resumeToken: stream.resumeToken }));
  }

  async submit(playerId: string, submission: Submission): Promise<ActionAnswer> {
    const seat = this.#seatOf(playerId);
    return this.#intake.submit(seat, submission, this.#refusalNow(seat));
  }

  leave(playerId: string): void {
    const seat = this.#seatOf(playerId);
    if (this.#state.players[seat]?.alive === true && !this.isOver) this.#intake.leave(seat);
  }

  /** The next tick to make durable; null when it has none: not begun, over, or a tick nobody did anything in. */
  resolveNext(): TickCommit | null {
    if (this.#pending !== null) return this.#pending.commit;
    if (this.isOver || !this.#begin()) return null;
    const inputs = this.#intake.take();
    const outcome = resolveTick(this.#state, inputs, sha256);
    const { state } = outcome;
    const isFinished = state.phase.status === 'finished';
    const isCheckpoint = state.tick % checkpointTicks === 0;
    if (inputs.length === 0 && !isFinished && !isCheckpoint) {
      this.#state = state;
      this.#progressAtMs = this.#clock();
      return null;
    }
    const judged = judgeTick(this.matchId, inputs, outcome, this.#intake.drop(state));
    const commit: TickCommit = {
      matchId: this.matchId,
      fence: this.fence,
      tick: state.tick,
      inputs,
      results: outcome.results,
      stateHash: stateHash(state, sha256),
      snapshot: isFinished || isCheckpoint ? state : null,
      seals: judged.seals,
      terms: this.#loaded.sealTerms,
      events: judged.events,
    };
    this.#pending = { outcome, judged, commit };
    return commit;
  }

  /** The tick is durable: now it has happened, and players hear of it. */
  committed({ answers }: Extract<TickReceipt, { result: 'committed' }>): void {
    const pending = this.#pending;
    if (pending === null) throw new Error('a tick was committed that nobody resolved');
    this.#pending = null;
    this.#state = pending.outcome.state;
    this.#progressAtMs = this.#clock();
    this.#answer(pending.judged, answers);
    this.#broadcast(pending.outcome);
    if (this.isOver) this.#finish();
  }

  /** The match stays here under a newer claim; a tick in hand is written under it too. */
  adopt(fence: number): void {
    if (fence <= this.fence) return;
    this.fence = fence;
    if (this.#pending !== null) this.#pending.commit = { ...this.#pending.commit, fence };
  }

  /** The match goes on elsewhere, or not at all. */
  drop(end: MatchEnd, code: ErrorCode): void {
    this.#intake.close(
      code,
      'This host no longer runs the match; ask for a new connection and use the same key.',
    );
    this.#end.resolve(end);
  }

  tellMoving(url: string): void {
    this.#tell(encode({ kind: 'moving', url }));
  }

  closeSockets(code: CloseCode, reason: string): void {
    for (const stream of this.#streams) stream.close(code, reason);
  }

  #seatOf(playerId: string): number {
    const player = this.#state.players.find((candidate) => candidate.playerId === playerId);
    if (player === undefined) throw new LootError('not_found', 'There is no such match.');
    return player.seat;
  }

  /** What no tick could change any more is answered without one, and before any stamp is held. */
  #refusalNow(seat: number): 'match_not_active' | 'player_dead' | null {
    if (this.isOver) return 'match_not_active';
    return this.#state.players[seat]?.alive === false ? 'player_dead' : null;
  }

  /** Tick 1 waits until all are connected, for a limited time; so does the first tick on a new host. */
  #begin(): boolean {
    if (this.#isTicking) return true;
    const everyone = this.#state.players.every(
      ({ alive, seat }) => !alive || this.#streams[seat]?.isConnected === true,
    );
    if (!everyone && this.#clock() < this.#startBeforeMs) return false;
    this.#isTicking = true;
    this.#progressAtMs = this.#clock();
    if (this.#state.tick === 0) this.#tell(encode({ kind: 'started', seedHash: this.#loaded.seedHash }));
    return true;
  }

  #answer({ answers, seals }: JudgedTick, sealAnswers: readonly ActionAnswer[]): void {
    const sealed = new Map(seals.map(({ sequence }, index) => [sequence, sealAnswers[index]]));
    for (const { sequence, answer } of answers) this.#intake.answer(sequence, sealed.get(sequence) ?? answer);
  }

  #broadcast({ state, results, events }: TickOutcome): void {
    const next = publicState(state);
    const changes = diffState(this.#lastSent, next);
    this.#lastSent = next;
    this.#tell(encode({ kind: 'tick', tick: state.tick, inputs: results, changes }));
    for (const event of events) {
      if (event.type !== 'eliminated') continue;
      const { seat, by, dropped } = event;
      this.#tell(
        encode({ kind: 'eliminated', tick: state.tick, seat, playerId: this.playerIdOf(seat), by, dropped }),
      );
    }
    if (state.phase.status === 'finished') {
      this.#tell(
        encode({ kind: 'finished', tick: state.tick, outcomes: state.phase.outcomes, seed: state.seed }),
      );
    }
  }

  #tell(body: ReturnType<typeof encode>): void {
    for (const stream of this.#streams) stream.send(body);
  }

  #finish(): void {
    this.#intake.close('match_not_active', 'The match is over.');
    this.#end.resolve({ status: 'finished', endTick: this.#state.tick });
    // Answers to the last tick's actions are promises; they go out before the door closes.
    setTimeout(() => this.closeSockets(closeCodes.matchOver, 'the match is over'), lastWordsMs).unref();
  }
}

const lastWordsMs = 100;
