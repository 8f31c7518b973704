import { SOCKET_PATH, SUBPROTOCOL, closeCodes } from '../domain/arena/protocol.ts';
import type {
  Action,
  ActionAnswer,
  ClientMessage,
  PublicState,
  ServerMessage,
  ServerMessageOf,
} from '../domain/arena/protocol.ts';
import { emptyView, takeFrame } from './match-frames.ts';
import { isProblem } from './problem-error.ts';
import { sleep } from './retry.ts';

export type Place = { readonly url: string; readonly ticket: string };

export type MatchOptions = Place & {
  /** Asks for the match's present host and a new ticket: `POST /v1/matches/{id}/connection`. */
  readonly reconnect: () => Promise<Place>;
  /** Every frame in order, none twice, with the board after it. */
  readonly onFrame?: (frame: ServerMessage, state: PublicState | null) => void;
  /** The connection was lost or found again; play goes on by itself. */
  readonly onConnection?: (change: 'lost' | 'resumed') => void;
  /** For runtimes without a global one. */
  readonly WebSocket?: typeof WebSocket;
};

/** One player's seat in a running match, over as many sockets and hosts as it takes. */
export type MatchConnection = {
  readonly state: PublicState | null;
  readonly seat: number | null;
  /** Resolves with the last frame; rejects when the match cannot be reached any more. */
  readonly finished: Promise<ServerMessageOf<'finished'>>;
  /** Resolves with what became of it, also when the rules refused. Sent again after a reconnect, under the same id. */
  act(action: Action, options?: { id?: string; seal?: boolean }): Promise<ActionAnswer>;
  leave(): void;
  /** Goes away without leaving: the seat waits. */
  close(): void;
};

/** Closes after which asking for another host makes no sense. */
const finalCloses: ReadonlySet<number> = new Set([
  closeCodes.notText,
  closeCodes.badUtf8,
  closeCodes.badFrames,
  closeCodes.tooBig,
  closeCodes.notYourMatch,
  closeCodes.resumedElsewhere,
  closeCodes.matchOver,
]);

const reconnectCountMax = 60;
const reconnectDelayMs = 250;
/** What waited is sent again below the host's 20 actions a second, with room for new ones. */
const repeatGapMs = 70;
/** A host that died without a word is noticed after two silent pings. */
const pingIntervalMs = 5_000;
const silenceMsMax = 12_000;

type Waiting = PromiseWithResolvers<ActionAnswer> & { readonly message: ClientMessage };

/**
 * Opens the match socket and keeps it open: a lost connection, a gap in the frames or a `moving` host leads to a new ticket
 * and a resume, and actions without an answer are sent again.
 */
export const openMatch = (options: MatchOptions): MatchConnection => new Connection(options);

class Connection implements MatchConnection {
  readonly #options: MatchOptions;
  readonly #Socket: typeof WebSocket;
  readonly #waiting = new Map<string, Waiting>();
  readonly #end = Promise.withResolvers<ServerMessageOf<'finished'>>();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #view = emptyView;
  #socket: WebSocket | undefined;
  /** Actions wait in line behind those that are sent again. */
  #isRepeating = false;
  #status: 'connecting' | 'open' | 'lost' | 'ended' = 'connecting';
  #lastHeardMs = performance.now();

  constructor(options: MatchOptions) {
    this.#options = options;
    this.#Socket = options.WebSocket ?? WebSocket;
    // whoever does not wait for the end need not handle its failure
    this.#end.promise.catch(() => {});
    this.#heartbeat = setInterval(() => this.#beat(), pingIntervalMs);
    this.#connect(options);
  }

  get state(): PublicState | null {
    return this.#view.state;
  }

  get seat(): number | null {
    return this.#view.seat;
  }

  get finished(): Promise<ServerMessageOf<'finished'>> {
    return this.#end.promise;
  }

  act(
    action: Action,
    { id = crypto.randomUUID(), seal }: { id?: string; seal?: boolean } = {},
  ): Promise<ActionAnswer> {
    if (this.#status === 'ended') return Promise.reject(new Error('the match is over'));
    const message: ClientMessage = { kind: 'action', id, ...(seal !== undefined && { seal }), ...action };
    const entry = this.#waiting.get(id) ?? { message, ...Promise.withResolvers<ActionAnswer>() };
    this.#waiting.set(id, entry);
    if (this.#status === 'open' && !this.#isRepeating) this.#send(message);
    return entry.promise;
  }

  leave(): void {
    this.#send({ kind: 'leave' });
  }

  close(): void {
    this.#endWith(new Error('closed by this side'));
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === this.#Socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connect(place: Place): void {
    const socket = new this.#Socket(socketUrl(place), SUBPROTOCOL);
    this.#socket = socket;
    this.#lastHeardMs = performance.now();
    socket.addEventListener('open', () => {
      const { resumeToken, lastSeq } = this.#view;
      // the ping says that there is nothing to resume: the host greets at once
      this.#send(resumeToken === null ? { kind: 'ping' } : { kind: 'resume', lastSeq, resumeToken });
    });
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (this.#socket !== socket || typeof data !== 'string') return;
      this.#lastHeardMs = performance.now();
      this.#take(JSON.parse(data) as ServerMessage);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (this.#socket !== socket) return;
      if (finalCloses.has(code)) this.#endWith(new Error(`the match socket was closed: ${code} ${reason}`));
      else this.#lose();
    });
  }

  #take(frame: ServerMessage): void {
    const { verdict, view } = takeFrame(this.#view, frame);
    if (verdict === 'duplicate') return;
    if (verdict === 'gap') return this.#lose();
    this.#view = view;
    if (this.#status !== 'open') this.#find();
    if (frame.kind === 'action' && frame.id !== undefined) {
      this.#waiting.get(frame.id)?.resolve(frame);
      this.#waiting.delete(frame.id);
    }
    this.#options.onFrame?.(frame, view.state);
    if (frame.kind === 'finished') this.#endWith(frame);
    if (frame.kind === 'moving') this.#lose();
  }

  #find(): void {
    const wasLost = this.#status === 'lost';
    this.#status = 'open';
    if (wasLost) this.#options.onConnection?.('resumed');
    void this.#repeat(this.#socket);
  }

  /** In order; a Map also hands out what is added on the way. */
  async #repeat(socket: WebSocket | undefined): Promise<void> {
    this.#isRepeating = true;
    let sentCount = 0;
    for (const [id, { message }] of this.#waiting) {
      if (sentCount > 0) await sleep(repeatGapMs);
      if (this.#socket !== socket) return;
      if (!this.#waiting.has(id)) continue;
      this.#send(message);
      sentCount += 1;
    }
    this.#isRepeating = false;
  }

  /** Does not wait for the socket's own close, which a dead host never answers. */
  #lose(): void {
    if (this.#status === 'ended') return;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    if (this.#status === 'open') this.#options.onConnection?.('lost');
    this.#status = 'lost';
    void this.#findAgain();
  }

  /** Between two hosts there is a moment without one; `reconnect` fails until the next has the match. */
  async #findAgain(): Promise<void> {
    for (let tryCount = 1; this.#status === 'lost'; tryCount++) {
      try {
        await sleep(reconnectDelayMs);
        const place = await this.#options.reconnect();
        if (this.#status === 'lost') this.#connect(place);
        return;
      } catch (error) {
        if (tryCount >= reconnectCountMax || !isWorthAsking(error)) return this.#endWith(asError(error));
      }
    }
  }

  #beat(): void {
    if (this.#socket === undefined) return;
    if (performance.now() - this.#lastHeardMs > silenceMsMax) this.#lose();
    else this.#send({ kind: 'ping' });
  }

  #endWith(outcome: ServerMessageOf<'finished'> | Error): void {
    if (this.#status === 'ended') return;
    this.#status = 'ended';
    clearInterval(this.#heartbeat);
    if (outcome instanceof Error) this.#end.reject(outcome);
    else this.#end.resolve(outcome);
    for (const { reject, promise } of this.#waiting.values()) {
      promise.catch(() => {});
      reject(outcome instanceof Error ? outcome : new Error('the match is over'));
    }
    this.#waiting.clear();
    this.#socket?.close();
  }
}

function socketUrl({ url, ticket }: Place): string {
  const full = new URL(url);
  if (full.pathname === '/') full.pathname = SOCKET_PATH;
  full.searchParams.set('ticket', ticket);
  return full.href;
}

/** A match that ended meanwhile, or was never ours, is not coming back. */
const isWorthAsking = (error: unknown): boolean =>
  !(isProblem(error) && ['match_over', 'not_found', 'unauthenticated'].includes(error.code));

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
