import {
  CancellationScope,
  TemporalFailure,
  allHandlersFinished,
  condition,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { MatchActivities, SettledMatch } from '../activities/match/types.ts';
import { SEATS_MAX } from '../domain/arena/config.ts';
import { setPlayers, setStatus, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { ladder, reasonOf } from './ladder.ts';
import type { Ladder } from './ladder.ts';
import { untilPlayed } from './match-hosting.ts';
import { join, leaveLobby } from './messages.ts';
import type { JoinInput, JoinReply, MatchInput, MatchResult } from './messages.ts';
import { refuseUpdate } from './refuse-update.ts';
import { patientStep } from './timeouts.ts';

/**
 * Regular activities, unlike the other steps: a local one holds its workflow task, and with it every join behind it; and
 * several of them at once, in handlers, may be told in another grouping when the history is replayed.
 */
const seats = proxyActivities<Pick<MatchActivities, 'confirmSeat' | 'releaseSeat'>>(patientStep);

type Phase = 'lobby' | 'starting' | 'playing' | 'settling' | 'over';

type Story = MatchInput & {
  phase: Phase;
  readonly lobbyEndsAtMs: number;
  /** Confirmed players and their seats. */
  seated: Map<string, number>;
  /** Joins whose seat is being confirmed: they count, so that no seventh is let in. */
  joining: Set<string>;
  tale: Tale;
  steps: Ladder<MatchActivities>;
};

/**
 * One match: a lobby that fills or runs out of time, a seed whose hash is published, weapons locked, a host that plays it
 * and may be lost and replaced, a settlement. Paying what was won is another story, started by the event of this one's end.
 */
export async function match(input: MatchInput): Promise<MatchResult> {
  const story = open(input);
  let result: MatchResult;
  try {
    result = await play(story);
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    const reason = isCancellation(error) ? 'an operator cancelled the workflow' : reasonOf(error);
    result = await CancellationScope.nonCancellable(() => voided(story, reason));
  }
  story.phase = 'over';
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return result;
}

function open(input: MatchInput): Story {
  const tale = tell(`Match \`${input.matchId}\` (${input.mode}, ${input.region})`);
  const steps = ladder<MatchActivities>({
    stalled: (step, failure) =>
      tale.now(`\`${step}\` failed and is tried again until it answers: ${failure}`),
  });
  const lobbyEndsAtMs = Date.now() + input.lobbyMs;
  const story: Story = {
    ...input,
    lobbyEndsAtMs,
    phase: 'lobby',
    seated: new Map(),
    joining: new Set(),
    tale,
    steps,
  };
  setHandler(join, (player) => takeSeat(story, player), { validator: (player) => mayJoin(story, player) });
  setHandler(leaveLobby, (player) => giveUpSeat(story, player), {
    validator: (player) => mayLeave(story, player),
  });
  return story;
}

function mayJoin({ phase, seated, joining }: Story, { playerId }: JoinInput): void {
  if (seated.has(playerId) || joining.has(playerId)) return;
  if (phase !== 'lobby') refuseUpdate('lobby_closed', 'the lobby is closed; join another match');
  if (seated.size + joining.size >= SEATS_MAX)
    refuseUpdate('lobby_full', 'the lobby is full; join another match');
}

/** Counted again here: of updates that arrive together, all are validated before the first of them is handled. */
async function takeSeat(story: Story, { playerId }: JoinInput): Promise<JoinReply> {
  const { seated, joining } = story;
  if (!seated.has(playerId) && !joining.has(playerId)) {
    if (seated.size + joining.size >= SEATS_MAX) return { joined: false, code: 'lobby_full' };
    joining.add(playerId);
    try {
      await confirm(story, playerId);
    } finally {
      joining.delete(playerId);
    }
  }
  await condition(() => !joining.has(playerId));
  const seat = seated.get(playerId);
  return seat === undefined
    ? { joined: false, code: 'lobby_closed' }
    : { joined: true, seat, playerCount: seated.size };
}

async function confirm(story: Story, playerId: string): Promise<void> {
  const { matchId, seated, tale } = story;
  const summary = `Confirm the seat of ${playerId}`;
  const reply = await seats.confirmSeat.executeWithOptions({ summary }, [{ matchId, playerId }]);
  if (!reply.confirmed) return;
  seated.set(playerId, reply.seat);
  setPlayers([...seated.keys()]);
  tale.happened(`\`${playerId}\` joined (${seated.size} of ${SEATS_MAX})`);
  if (story.phase === 'lobby') tale.now(`the lobby waits for players until ${timeIn(lobbyLeftMs(story))}`);
}

function mayLeave({ phase }: Story, { playerId }: JoinInput): void {
  if (phase !== 'lobby')
    refuseUpdate('lobby_closed', `the lobby is closed; ${playerId} can leave the match on its host`);
}

async function giveUpSeat(
  { matchId, seated, tale }: Story,
  { playerId }: JoinInput,
): Promise<{ left: boolean }> {
  const summary = `Free the seat of ${playerId}`;
  const { released } = await seats.releaseSeat.executeWithOptions({ summary }, [{ matchId, playerId }]);
  if (seated.delete(playerId)) {
    setPlayers([...seated.keys()]);
    tale.happened(`\`${playerId}\` left the lobby`);
  }
  return { left: released };
}

async function play(story: Story): Promise<MatchResult> {
  const { matchId, steps, tale } = story;
  await gather(story);
  const lobby = await steps.closeLobby({ matchId }, 'Close the lobby and number the seats');
  if (lobby.result === 'too_few') return cancelled(story, 'too_few_players');

  setStatus('running');
  tale.now('the seed is drawn and weapons are locked');
  const { seedHash } = await steps.drawSeed({ matchId }, 'Draw the seed; only its hash is told');
  const started = await steps.lockLoadouts({ matchId }, 'Lock the chosen weapons and start');
  setPlayers(lobby.playerIds);
  tale.happened(`started with ${lobby.playerIds.length} players; SHA-256 of the seed: \`${seedHash}\``);
  for (const { playerId, itemId } of started.leftOut)
    tale.happened(`\`${playerId}\` plays without \`${itemId}\`: it could not be locked`);

  story.phase = 'playing';
  const end = await untilPlayed(story, tale);
  if (end.status === 'voided') return voided(story, end.reason);

  story.phase = 'settling';
  tale.now('the match is being settled');
  return finished(story, await steps.settleMatch({ matchId }, 'Settle: result, plans, locks, event'));
}

const lobbyLeftMs = ({ lobbyEndsAtMs }: Story): number => Math.max(0, lobbyEndsAtMs - Date.now());

/** Until six have joined or the time is up. Who was let in before that is waited for; nobody is let in after it. */
async function gather(story: Story): Promise<void> {
  const { seated, lobbyMs, tale } = story;
  tale.now(`the lobby waits for players until ${timeIn(lobbyMs)}`);
  await condition(() => seated.size === SEATS_MAX, lobbyMs, { summary: 'Lobby' });
  story.phase = 'starting';
  tale.now('the lobby is closing');
  await condition(allHandlersFinished);
}

async function cancelled({ matchId, steps, tale }: Story, reason: string): Promise<MatchResult> {
  await steps.cancelMatch({ matchId, reason }, `Cancel: ${reason}`);
  setStatus('completed');
  tale.happened(`cancelled: ${reason}; seats are free`);
  return { status: 'cancelled', reason };
}

/** Stamps back, weapons free, nobody paid. A match that was settled in the very last moment stays settled. */
async function voided({ matchId, steps, tale }: Story, reason: string): Promise<MatchResult> {
  const { voided: isVoided } = await steps.voidMatch({ matchId, reason }, `Void: ${reason}`);
  if (!isVoided) {
    setStatus('completed');
    tale.happened(`it was over before it could be voided (${reason})`);
    return { status: 'finished' };
  }
  setStatus('failed');
  tale.happened(`voided: ${reason}; stamps and weapons are given back, nobody is paid`);
  return { status: 'voided', reason };
}

function finished({ matchId, tale }: Story, { endTick, reviewRequired, players }: SettledMatch): MatchResult {
  setStatus('completed');
  for (const { playerId, outcome, score } of players)
    tale.happened(`\`${playerId}\`: ${outcome}, score ${score}`);
  tale.happened(
    `finished at tick ${endTick} ([recording](/v1/matches/${matchId}/recording)); ` +
      (reviewRequired ? 'its rewards wait for a verdict' : `rewards are paid by \`reward-${matchId}\``),
  );
  return { status: 'finished' };
}
