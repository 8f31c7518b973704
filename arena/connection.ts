import type { WebSocket } from 'ws';
import { closeCodes, socketLimits } from '../domain/arena/protocol.ts';
import type { ActionAnswer, ClientMessage } from '../domain/arena/protocol.ts';
import type { Action } from '../domain/arena/types.ts';
import { isLootError } from '../domain/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { MatchHost } from './match-host.ts';
import { parseMessage } from './parse-message.ts';
import { encode } from './player-stream.ts';
import type { PlayerStream } from './player-stream.ts';
import { createRate } from './rate.ts';
import type { RunningMatch } from './running-match.ts';

export type ConnectionDeps = { host: MatchHost; log: Log; metrics: Metrics; clock: () => number };

/** A client that has something to resume says so first; another is greeted at its first frame, or after this. */
const resumeWaitMs = 2_000;

type ActionMessage = Extract<ClientMessage, { kind: 'action' }>;

/** One player's open socket: what comes in goes to the match, what the match tells goes out through the stream. */
export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #socket: WebSocket;
  readonly #playerId: string;
  readonly #match: RunningMatch;
  readonly #stream: PlayerStream;
  readonly #mayAct: () => boolean;
  #badFrameCount = 0;
  /** Until the client has said whether it resumes, nothing is sent. */
  #isGreeted = false;

  constructor(
    deps: ConnectionDeps,
    socket: WebSocket,
    playerId: string,
    match: RunningMatch,
    stream: PlayerStream,
  ) {
    this.#deps = deps;
    this.#socket = socket;
    this.#playerId = playerId;
    this.#match = match;
    this.#stream = stream;
    this.#mayAct = createRate(socketLimits.actionsPerSecondMax, deps.clock);
    stream.announce(socket);
    if (!stream.isUsed && !match.isTakenOver) this.#greet();
    else setTimeout(() => this.#greet(), resumeWaitMs).unref();
  }

  receive(text: string): void {
    this.#deps.metrics.websocketFrames.inc({ direction: 'in' });
    const parsed = parseMessage(text);
    if (!parsed.ok) return this.#refuse(parsed.code, parsed.detail);
    const message = parsed.value;
    if (message.kind === 'resume') return this.#resume(message.lastSeq, message.resumeToken);
    this.#greet();
    switch (message.kind) {
      case 'action':
        return void this.#act(message);
      case 'leave':
        return this.#leave();
      case 'ping':
        return this.#stream.send(encode({ kind: 'pong' }));
    }
  }

  closed(): void {
    this.#isGreeted = true;
    this.#stream.detach(this.#socket);
  }

  #greet(): void {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    if (!this.#stream.attach(this.#socket)) return;
    this.#match.sendWelcome(this.#playerId, this.#stream);
    this.#closeIfOver();
  }

  /** Once, before anything was told here: later it would tell the same again. */
  #resume(lastSeq: number, resumeToken: string): void {
    if (this.#isGreeted) return this.#refuse('validation_failed', 'resume must be the first frame');
    this.#isGreeted = true;
    if (!this.#stream.attach(this.#socket)) return;
    if (!this.#stream.resume(lastSeq, resumeToken)) this.#match.sendState(this.#stream);
    this.#closeIfOver();
  }

  #closeIfOver(): void {
    if (this.#match.isOver) this.#stream.close(closeCodes.matchOver, 'the match is over');
  }

  async #act(message: ActionMessage): Promise<void> {
    const { id, seal } = message;
    const action = actionOf(message);
    const key = id === undefined ? {} : { id };
    try {
      const isAllowed = this.#mayAct();
      const answer = isAllowed
        ? await this.#deps.host.submit(this.#match.matchId, this.#playerId, {
            ...key,
            action,
            seal: seal ?? false,
          })
        : refused('rate_limited');
      this.#answer(answer);
    } catch (error) {
      if (!isLootError(error))
        this.#deps.log.error({ err: error, matchId: this.#match.matchId }, 'action failed');
      this.#answer(refused(isLootError(error) ? error.code : 'outcome_unknown'));
    }

    function refused(code: Extract<ActionAnswer, { code: unknown }>['code']): ActionAnswer {
      return {
        ...key,
        actionId: id ?? 'refused',
        type: action.type,
        sealed: seal ?? false,
        status: 'rejected',
        code,
      };
    }
  }

  #answer(answer: ActionAnswer): void {
    this.#stream.send(encode({ kind: 'action', ...answer }));
  }

  #leave(): void {
    try {
      this.#deps.host.leave(this.#match.matchId, this.#playerId);
    } catch (error) {
      if (!isLootError(error)) throw error;
      this.#stream.send(encode({ kind: 'error', code: error.code, detail: error.message }));
    }
  }

  #refuse(code: 'malformed_json' | 'validation_failed', detail: string): void {
    this.#greet();
    this.#stream.send(encode({ kind: 'error', code, detail }));
    if (++this.#badFrameCount >= socketLimits.badFramesMax)
      this.#socket.close(closeCodes.badFrames, 'three bad frames');
  }
}

function actionOf(message: ActionMessage): Action {
  switch (message.type) {
    case 'move':
      return { type: message.type, direction: message.direction };
    case 'attack':
      return { type: message.type, targetId: message.targetId };
    case 'defend':
    case 'collect':
      return { type: message.type };
  }
}
