import { appendAudit } from '../../../store/audit/append-audit.ts';
import { exportPlayer } from '../../../store/players/export-player.ts';
import type { FoundPlayer } from '../../../store/players/search-players.ts';
import type { RawCall } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { playerView } from './view.ts';

export const exportContentType = 'application/x-ndjson';
const encoder = new TextEncoder();

/**
 * One JSON object a line, from `player` to `end`, which counts the lines between: without it the export is not whole. That
 * somebody took it is in the audit.
 */
export async function exportReply(
  deps: Services,
  { http, eventContext, requestId }: Pick<RawCall, 'http' | 'eventContext' | 'requestId'>,
  actor: string,
  player: FoundPlayer,
): Promise<Response> {
  const { playerId } = player;
  const entry = { actor, action: 'player.exported', target: `player:${playerId}`, detail: {} };
  await deps.db.transaction((tx) => appendAudit(tx, entry, { ...eventContext, requestId }));
  const lines = linesOf(deps, player);
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await lines.next();
        if (done === true) return controller.close();
        controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      } catch (error) {
        deps.log.warn({ err: error, playerId, requestId }, 'an export broke off');
        controller.error(error);
      }
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
  http.header('content-type', exportContentType);
  http.header('content-disposition', `attachment; filename="player-${playerId}.ndjson"`);
  return http.newResponse(stream, 200);
}

async function* linesOf(deps: Services, player: FoundPlayer): AsyncGenerator<unknown> {
  yield { type: 'player', data: playerView(player) };
  let lineCount = 0;
  for await (const line of exportPlayer(deps.db, player.playerId)) {
    lineCount += 1;
    yield line;
  }
  yield { type: 'end', data: { lineCount } };
}
