import type { ArenaMap, ServerMessage, PublicState } from '../domain/arena/protocol.ts';
import { renderBoard, scoreLine } from './board.ts';
import type { Output } from './output.ts';

/** Elsewhere than on a terminal the score is told this often. */
const plainIntervalTicks = 20;

/** What a spectator of one player's frames is shown: the board in place on a terminal, else a line now and then. */
export function createWatch(
  output: Output,
  nameOf: (playerId: string) => string,
): (frame: ServerMessage, state: PublicState | null) => void {
  let map: ArenaMap | undefined;
  let toldTick = 0;
  const show = (state: PublicState) => {
    if (map === undefined) return;
    const names = state.players.map(({ playerId }) => nameOf(playerId));
    if (output.isTerminal) return output.draw(renderBoard(state, { map, names, colours: true }));
    if (state.tick < toldTick + plainIntervalTicks) return;
    toldTick = state.tick;
    output.line(`  tick ${String(state.tick).padStart(3)}  ${scoreLine(state, names)}`);
  };
  return (frame, state) => {
    if (frame.kind === 'welcome') map = frame.map;
    if (frame.kind === 'eliminated' && !output.isTerminal) {
      const winner = frame.by === null ? undefined : state?.players[frame.by];
      const by = winner ? ` by ${nameOf(winner.playerId)}` : '';
      output.line(
        `  tick ${String(frame.tick).padStart(3)}  ${nameOf(frame.playerId)} is out${by}, drops ${frame.dropped}`,
      );
    }
    if (state !== null) show(state);
  };
}
