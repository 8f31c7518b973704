import type { ArenaMap, Player, Position, PublicState } from '../domain/arena/protocol.ts';

/** What the board needs beside the state: the walls are told once, and names are the demo's own. */
export type BoardLegend = {
  readonly map: ArenaMap;
  readonly names: readonly string[];
  readonly colours: boolean;
};

const hpAtStart = 100;
const barCells = 10;

/** Letters of the seats, nodes `o`, drops `$`, walls `#`; beside the board one line per player, best first. */
export function renderBoard(state: PublicState, legend: BoardLegend): string[] {
  const paint = painter(legend.colours);
  const rows = Array.from({ length: legend.map.sizeTiles }, (_, y) => rowOf(state, legend, y, paint));
  const side = [
    '',
    ...ranked(state).map((player) => playerLine(player, legend, paint)),
    '',
    `tick ${state.tick} of at most ${state.config.maxTicks}`,
  ];
  return rows.map((row, y) => `  ${row}   ${side[y] ?? ''}`.trimEnd());
}

/** One line for places without a terminal. */
export const scoreLine = (state: PublicState, names: readonly string[]): string =>
  ranked(state)
    .map(
      (player) =>
        `${names[player.seat] ?? player.seat} ${player.alive ? `${player.hp}hp` : 'out'} ${player.score}`,
    )
    .join(' · ');

export const letterOf = (seat: number): string => 'ABCDEF'.charAt(seat);

const ranked = (state: PublicState): Player[] =>
  state.players.toSorted((a, b) => Number(b.alive) - Number(a.alive) || b.score - a.score || a.seat - b.seat);

function rowOf(state: PublicState, { map }: BoardLegend, y: number, paint: Paint): string {
  return Array.from({ length: map.sizeTiles }, (_, x) => tileOf(state, map, { x, y }, paint)).join(' ');
}

function tileOf(state: PublicState, map: ArenaMap, at: Position, paint: Paint): string {
  const isHere = (tile: Position | null) => tile !== null && tile.x === at.x && tile.y === at.y;
  const player = state.players.find((candidate) => isHere(candidate.at));
  if (player) return paint(seatColours[player.seat] ?? 'plain', letterOf(player.seat));
  if (map.walls.some(isHere)) return paint('dim', '#');
  if (state.drops.some(({ at: tile }) => isHere(tile))) return paint('yellow', '$');
  if (state.nodes.some(({ at: tile }) => isHere(tile))) return paint('green', 'o');
  return paint('dim', '.');
}

function playerLine(player: Player, { names }: BoardLegend, paint: Paint): string {
  const name = (names[player.seat] ?? `seat ${player.seat}`).padEnd(12);
  const letter = paint(seatColours[player.seat] ?? 'plain', letterOf(player.seat));
  if (!player.alive)
    return `${letter} ${paint('dim', `${name} ${'out'.padEnd(barCells + 4)} ${tally(player)}`)}`;
  const cells = Math.ceil((player.hp * barCells) / hpAtStart);
  const bar =
    paint(player.hp > 35 ? 'green' : 'red', '█'.repeat(cells)) + paint('dim', '░'.repeat(barCells - cells));
  return `${letter} ${name} ${bar} ${String(player.hp).padStart(3)} ${tally(player)}${player.shield > 0 ? ' shield' : ''}`;
}

const tally = ({ score, resources }: Player): string =>
  `score ${String(score).padStart(4)}  resources ${String(resources).padStart(4)}`;

const codes = {
  plain: '0',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
  bold: '1',
} as const;
export type Colour = keyof typeof codes;
export type Paint = (colour: Colour, text: string) => string;

const seatColours: readonly Colour[] = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'];

export const painter =
  (colours: boolean): Paint =>
  (colour, text) =>
    colours ? `\u{1b}[${codes[colour]}m${text}\u{1b}[0m` : text;
