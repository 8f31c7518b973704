import { LootError } from '../../domain/errors.ts';
import type { PlayerEvent, Services } from '../deps.ts';
import type { Http } from '../http.ts';
import { bufferedBytesMax, keepAliveMs } from './schema.ts';

const encoder = new TextEncoder();

/** Server-sent events of one player, until either side ends them. */
export function openSse(services: Services, http: Http, playerId: string): Response {
  if (services.isStopping?.() === true)
    throw new LootError('overloaded', 'This server is stopping.', { retryAfterMs: 1_000 });
  const lastEventId = http.req.header('last-event-id');
  const resume = lastEventId === undefined ? {} : { lastEventId };
  let end = (): void => {};
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          // The reader does not read: it reconnects and resumes when it does again.
          if ((controller.desiredSize ?? 0) <= 0) return end();
          controller.enqueue(encoder.encode(text));
        };
        const undo: (() => void)[] = [];
        let open = true;
        const onEnd = (step: () => void) => (open ? void undo.push(step) : step());
        // Before subscribing, which may replay more than the reader takes.
        end = () => {
          if (!open) return;
          open = false;
          for (const step of undo.splice(0)) step();
          try {
            controller.close();
          } catch {
            // cancelled by the reader: closed already
          }
        };
        onEnd(services.streams.add(playerId, () => end()));
        try {
          onEnd(
            services.playerEvents.subscribe(playerId, (event) => write(format(event)), {
              ...resume,
              onLost: end,
            }),
          );
        } catch (error) {
          end();
          throw error;
        }
        const keepAlive = setInterval(() => write(': still here\n\n'), keepAliveMs);
        onEnd(() => clearInterval(keepAlive));
        services.metrics.websocketConnections.inc({ kind: 'sse' });
        onEnd(() => services.metrics.websocketConnections.dec({ kind: 'sse' }));
        write('retry: 1000\n: hello\n\n');
      },
      cancel: () => end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: bufferedBytesMax }),
  );
  http.header('content-type', 'text/event-stream');
  http.header('x-accel-buffering', 'no');
  return http.newResponse(stream, 200);
}

/** JSON has no raw line breaks, so one `data` line holds it. */
const format = (event: PlayerEvent): string =>
  `id: ${oneLine(event.id)}\nevent: ${oneLine(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;

const oneLine = (text: string): string => text.replaceAll(/[\r\n\0]/g, '');
