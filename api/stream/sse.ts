import type { ServerResponse } from 'node:http';
import { LootError } from '../../domain/errors.ts';
import type { Services } from '../deps.ts';
import type { Http } from '../http.ts';
import { bufferedBytesMax } from './schema.ts';

/** `data` as text is JSON already. */
export type SseEvent = { id: string; type: string; data: object | string };
/** Why a reader is let go: it comes back, with the last id it heard. */
export type DropReason = 'too_slow' | 'past_not_readable' | 'server_stopping' | 'renew';

export type Sse = {
  /** Whose streams are counted together, and how many there may be. */
  reader: string;
  countMax?: number;
  /** Whose end is the stream's. */
  keyId?: string;
  heartbeatMs: number;
  /** A stream outlives what its reader was allowed; after this long it asks again. */
  ageMsMax?: number;
  /**
   * Calls back for each event; answers how to stop. `lose`: nothing was told and nothing will be. `hasRoom`: for who can wait
   * until the reader has read; a reader that never does is let go at the next heartbeat.
   */
  subscribe(
    send: (event: SseEvent) => void,
    lose: (reason?: DropReason) => void,
    hasRoom: () => boolean,
  ): () => void;
  onOpen(): void;
  /** Once; without a reason when the reader left. */
  onClose(reason: DropReason | undefined): void;
};

const encoder = new TextEncoder();
/** What a reader that is let go still gets to read, before its connection is cut. */
const lastWordsMs = 2_000;

/** Server-sent events until either side ends them. Throws `overloaded`, `rate_limited`, and as `subscribe` does. */
export function openSse(services: Services, http: Http, sse: Sse): Response {
  if (services.isStopping?.() === true)
    throw new LootError('overloaded', 'This server is stopping.', { retryAfterMs: 1_000 });
  const outgoing = (http.env as { outgoing?: ServerResponse } | undefined)?.outgoing;
  let end = (_reason?: DropReason): void => {};
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const enqueue = (text: string) => controller.enqueue(encoder.encode(text));
        const write = (text: string) => {
          if (!open) return;
          // The reader does not read: it reconnects and resumes when it does again.
          if ((controller.desiredSize ?? 0) <= 0) return end('too_slow');
          enqueue(text);
        };
        const undo: (() => void)[] = [];
        let open = true;
        const onEnd = (step: () => void) => (open ? void undo.push(step) : step());
        // Before subscribing, which may replay more than the reader takes.
        end = (reason) => {
          if (!open) return;
          open = false;
          for (const step of undo.splice(0)) step();
          try {
            if (reason !== undefined) enqueue(`event: dropped\ndata: ${JSON.stringify({ reason })}\n\n`);
            controller.close();
          } catch {
            // cancelled by the reader: closed already
          }
          if (reason !== undefined) cut(outgoing);
          sse.onClose(reason);
        };
        onEnd(services.streams.add(sse.reader, () => end('server_stopping'), sse));
        sse.onOpen();
        try {
          onEnd(
            sse.subscribe(
              (event) => write(format(event)),
              (reason = 'past_not_readable') => end(reason),
              () => (controller.desiredSize ?? 0) > 0,
            ),
          );
        } catch (error) {
          end();
          throw error;
        }
        const heartbeat = setInterval(() => write(': still here\n\n'), sse.heartbeatMs);
        onEnd(() => clearInterval(heartbeat));
        if (sse.ageMsMax !== undefined) {
          const renew = setTimeout(() => end('renew'), sse.ageMsMax);
          onEnd(() => clearTimeout(renew));
        }
        write('retry: 1000\n: hello\n\n');
      },
      cancel: () => end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: bufferedBytesMax }),
  );
  http.header('content-type', 'text/event-stream');
  http.header('cache-control', 'no-store');
  http.header('x-accel-buffering', 'no');
  return http.newResponse(stream, 200);
}

/** Who reads nothing never reads the end either: what is buffered for them goes with their connection. */
function cut(outgoing: ServerResponse | undefined): void {
  if (outgoing === undefined) return;
  setTimeout(() => {
    if (!outgoing.writableFinished) outgoing.destroy();
  }, lastWordsMs).unref();
}

/** JSON has no raw line breaks, so one `data` line holds it. */
const format = ({ id, type, data }: SseEvent): string =>
  `id: ${oneLine(id)}\nevent: ${oneLine(type)}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

const oneLine = (text: string): string => text.replaceAll(/[\r\n\0]/g, '');
