import { painter } from './board.ts';
import type { Paint } from './board.ts';

/** Where the demo tells its story: colours and a redrawn board on a terminal, plain lines elsewhere. */
export type Output = {
  readonly isTerminal: boolean;
  readonly paint: Paint;
  line(text?: string): void;
  /** Something that was checked and holds. */
  proof(text: string): void;
  /** Redraws the same lines in place; on no terminal it says nothing. */
  draw(lines: readonly string[]): void;
  /** A bar that grows; on no terminal, a line for each quarter. */
  progress(percent: number, text: string): void;
};

type Screen = { readonly isTTY?: boolean; write(text: string): unknown };

export function createOutput(screen: Screen): Output {
  const isTerminal = screen.isTTY === true;
  const paint = painter(isTerminal);
  let drawnCount = 0;
  const line = (text = '') => {
    drawnCount = 0;
    screen.write(`${text}\n`);
  };
  const draw = (lines: readonly string[]) => {
    if (!isTerminal) return;
    const up = drawnCount > 0 ? `\u{1b}[${drawnCount}A` : '';
    screen.write(up + lines.map((text) => `\u{1b}[2K${text}\n`).join(''));
    drawnCount = lines.length;
  };
  let toldQuarter = 0;
  return {
    isTerminal,
    paint,
    line,
    proof: (text) => line(`  ${paint('green', '✓')} ${text}`),
    draw,
    progress(percent, text) {
      const quarter = Math.floor(percent / 25);
      if (isTerminal) draw([`  ${bar(percent)} ${text}`]);
      else if (quarter > toldQuarter) line(`  ${text}`);
      toldQuarter = quarter;
    },
  };
}

const bar = (percent: number): string => '█'.repeat(percent / 5).padEnd(20, '░');
