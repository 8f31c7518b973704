import type { FoundPlayer } from '../../../store/players/search-players.ts';

export const playerView = (player: FoundPlayer) => ({
  playerId: player.playerId,
  username: player.username,
  frozenAt: player.frozenAt?.toISOString() ?? null,
  frozenReason: player.frozenReason,
  erasedAt: player.erasedAt?.toISOString() ?? null,
  createdAt: new Date(player.createdAt).toISOString(),
});
