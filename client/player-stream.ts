import { sleep } from './retry.ts';

/** A fact about the player, as their stream tells it. */
export type PlayerEvent = {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: unknown;
};

export type PlayerStream = { close(): void };

export type StreamOptions = {
  readonly url: string;
  readonly accessToken: () => Promise<string | undefined>;
  readonly onEvent: (event: PlayerEvent) => void;
  /** The stream was lost, or is open (again). */
  readonly onConnection?: (change: 'lost' | 'open') => void;
  readonly WebSocket?: typeof WebSocket;
};

type StreamFrame =
  | ({ readonly kind: 'event' } & PlayerEvent)
  | { readonly kind: 'welcome' | 'pong' | 'error' };

const subprotocol = 'lootledger.v1';
const delayMsFirst = 250;
const delayMsMax = 5_000;
/** The close code of a server that cannot serve the stream now: it is not asked again at once. */
const overloaded = 1013;

/** Opens the player's own stream and keeps it open, going on after the last event that was heard. */
export function openPlayerStream(options: StreamOptions): PlayerStream {
  const Socket = options.WebSocket ?? WebSocket;
  let closed = false;
  let socket: WebSocket | undefined;
  let lastEventId: string | undefined;

  /** Resolves with whether the socket had been open, and the server did not say that it has too much to do. */
  const listen = async (): Promise<boolean> => {
    const token = await options.accessToken();
    if (closed || token === undefined) return false;
    const url = new URL(options.url);
    if (lastEventId !== undefined) url.searchParams.set('lastEventId', lastEventId);
    // a browser cannot set headers on a socket: the token travels as a second subprotocol
    const next = new Socket(url.href, [subprotocol, `bearer.${token}`]);
    socket = next;
    return await new Promise((resolve) => {
      let wasOpen = false;
      next.addEventListener('open', () => {
        wasOpen = true;
        options.onConnection?.('open');
      });
      next.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (closed || typeof data !== 'string') return;
        const frame = JSON.parse(data) as StreamFrame;
        if (frame.kind !== 'event') return;
        const { kind: _, ...event } = frame;
        lastEventId = event.id;
        options.onEvent(event);
      });
      next.addEventListener('close', ({ code }) => {
        if (wasOpen && !closed) options.onConnection?.('lost');
        resolve(wasOpen && code !== overloaded);
      });
    });
  };

  const keepListening = async () => {
    for (let delayMs = delayMsFirst; !closed;) {
      const wasGood = await listen().catch(() => false);
      if (closed) return;
      delayMs = wasGood ? delayMsFirst : Math.min(delayMs * 2, delayMsMax);
      await sleep(delayMs);
    }
  };

  void keepListening();
  return {
    close() {
      closed = true;
      socket?.close();
    },
  };
}
