import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { closeCodes, socketLimits } from '../domain/arena/protocol.ts';
import type { CloseCode, ServerMessage } from '../domain/arena/protocol.ts';

type Body<M> = M extends ServerMessage ? Omit<M, 'seq'> : never;
export type ServerMessageBody = Body<ServerMessage>;

/** A message as JSON text without its `seq`, so that six players share one serialisation. */
export type EncodedBody = string & { readonly encoded: true };
export const encode = (body: ServerMessageBody): EncodedBody => JSON.stringify(body) as EncodedBody;

/**
 * What one player is told by this host: numbered without gaps, kept for a minute so that a lost connection can go on where
 * it stopped. At most one socket listens; a newer one takes its place.
 */
export class PlayerStream {
  readonly resumeToken = randomBytes(18).toString('base64url');
  #seq = 0;
  #sent: { seq: number; body: EncodedBody; atMs: number }[] = [];
  #socket: WebSocket | null = null;
  /** Which socket came when: an older one that waited does not take over from a newer one. */
  readonly #arrivals = new WeakMap<WebSocket, number>();
  #arrivalCount = 0;
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  /** Whether anything was ever sent: a client may want to resume. */
  get isUsed(): boolean {
    return this.#seq > 0;
  }

  send(body: EncodedBody): void {
    const nowMs = this.#clock();
    const message = { seq: ++this.#seq, body, atMs: nowMs };
    this.#sent.push(message);
    this.#forget(nowMs);
    if (this.#socket !== null) this.#write(this.#socket, message);
  }

  /** A socket that may attach later. */
  announce(socket: WebSocket): void {
    this.#arrivals.set(socket, ++this.#arrivalCount);
  }

  /** Takes the place of an older socket, which is told so. False: it is closed, or a newer one is here. */
  attach(socket: WebSocket): boolean {
    if (socket.readyState !== socket.OPEN) return false;
    const other = this.#socket;
    const isNewest = other === null || this.#arrivalOf(socket) >= this.#arrivalOf(other);
    if (isNewest) this.#socket = socket;
    const loser = isNewest ? other : socket;
    if (loser !== null && loser !== this.#socket)
      loser.close(closeCodes.resumedElsewhere, 'opened elsewhere');
    return isNewest;
  }

  detach(socket: WebSocket): void {
    if (this.#socket === socket) this.#socket = null;
  }

  close(code: CloseCode, reason: string): void {
    this.#socket?.close(code, reason);
    this.#socket = null;
  }

  /** Sends what came after `lastSeq` to the attached socket; false when that is no longer known, or never was. */
  resume(lastSeq: number, resumeToken: string): boolean {
    this.#forget(this.#clock());
    const firstKept = this.#sent[0]?.seq ?? this.#seq + 1;
    const isKnown = resumeToken === this.resumeToken && lastSeq >= firstKept - 1 && lastSeq <= this.#seq;
    if (!isKnown) return false;
    for (const message of this.#sent) {
      if (message.seq > lastSeq && this.#socket !== null) this.#write(this.#socket, message);
    }
    return true;
  }

  #arrivalOf(socket: WebSocket): number {
    return this.#arrivals.get(socket) ?? 0;
  }

  #write(socket: WebSocket, { seq, body }: { seq: number; body: EncodedBody }): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > socketLimits.bufferedBytesMax) {
      socket.close(closeCodes.overload, 'the connection is too slow');
      this.detach(socket);
      return;
    }
    socket.send(`{"seq":${seq},${body.slice(1)}`);
  }

  #forget(nowMs: number): void {
    const since = nowMs - socketLimits.resumeWindowMs;
    const kept = this.#sent.findIndex(({ atMs }) => atMs >= since);
    if (kept > 0) this.#sent.splice(0, kept);
    else if (kept === -1) this.#sent = [];
  }
}
