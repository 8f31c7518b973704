import { applyDiff } from '../domain/arena/protocol.ts';
import type { PublicState, ServerMessage } from '../domain/arena/protocol.ts';

/** What one receiver knows of a match: the board as of the last frame, and that frame's number. */
export type MatchView = {
  readonly lastSeq: number;
  readonly seat: number | null;
  readonly resumeToken: string | null;
  readonly state: PublicState | null;
};

export const emptyView: MatchView = { lastSeq: 0, seat: null, resumeToken: null, state: null };

/** `duplicate` was seen before a resume and is dropped; after a `gap` the board cannot be trusted until a resume. */
export type FrameVerdict = { readonly verdict: 'applied' | 'duplicate' | 'gap'; readonly view: MatchView };

/**
 * Takes the next frame. Numbers are gap-free per host; `welcome` and `state` carry everything and begin a new count, which
 * is how a new host introduces itself.
 */
export function takeFrame(view: MatchView, frame: ServerMessage): FrameVerdict {
  if (frame.kind === 'welcome' || frame.kind === 'state') {
    const seat = frame.kind === 'welcome' ? frame.seat : view.seat;
    return applied({ lastSeq: frame.seq, seat, resumeToken: frame.resumeToken, state: frame.state });
  }
  if (frame.seq <= view.lastSeq) return { verdict: 'duplicate', view };
  if (frame.seq > view.lastSeq + 1) return { verdict: 'gap', view };
  const next = { ...view, lastSeq: frame.seq };
  if (frame.kind !== 'tick' || view.state === null) return applied(next);
  return applied({ ...next, state: applyDiff(view.state, frame.changes) });
}

const applied = (view: MatchView): FrameVerdict => ({ verdict: 'applied', view });
