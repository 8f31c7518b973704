import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderBoard } from '../../demo/board.ts';
import { createOutput } from '../../demo/output.ts';
import { shortMatch } from '../../domain/arena/config.ts';
import { GRID_SIZE, walls } from '../../domain/arena/grid.ts';
import { startMatch } from '../../domain/arena/start.ts';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const seats = [0, 1].map((seat) => ({ playerId: `player-${seat}`, weaponBonus: 0 }));
const state = startMatch('ab'.repeat(32), shortMatch, seats, hash);

describe('the board', () => {
  it('shows walls, nodes, players where they stand, and who they are', () => {
    const lines = renderBoard(state, {
      map: { sizeTiles: GRID_SIZE, walls },
      names: ['ada', 'bob'],
      colours: false,
    });
    expect(lines.map((line) => line.slice(2, 21))).toEqual([
      'A . . . . . . . . .',
      '. # # . o . . # # .',
      '. # . . . . . . # .',
      '. . . . . o . . . .',
      '. o . o . . . . . .',
      '. . . . . . o . o .',
      '. . . . o . . . . .',
      '. # . . . . . . # .',
      '. # # . . o . # # .',
      '. . . . . . . . . B',
    ]);
    expect(lines[1]).toContain('A ada');
    expect(lines[2]).toContain('100 score    0');
  });

  it('is redrawn in place on a terminal and not at all elsewhere', () => {
    const written: string[] = [];
    const write = (text: string) => written.push(text);
    const terminal = createOutput({ isTTY: true, write });
    terminal.draw(['one', 'two']);
    terminal.draw(['three', 'four']);
    expect(written[1]).toBe('\u{1b}[2A\u{1b}[2Kthree\n\u{1b}[2Kfour\n');
    createOutput({ write }).draw(['five']);
    expect(written).toHaveLength(2);
  });

  it('tells progress without a terminal once for each quarter', () => {
    const written: string[] = [];
    const output = createOutput({ write: (text) => written.push(text) });
    for (const percent of [0, 10, 25, 30, 60, 60, 100, 100]) output.progress(percent, `${percent} %`);
    output.progress(0, '0 %');
    output.progress(30, '30 %');
    expect(written).toEqual(['  25 %\n', '  60 %\n', '  100 %\n', '  30 %\n']);
  });
});
