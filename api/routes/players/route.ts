import type { Queryable } from '../../../store/db.ts';
import { readBalances } from '../../../store/ledger/reads.ts';
import { erasePlayer } from '../../../store/players/erase-player.ts';
import { readPlayerAccess, searchPlayers } from '../../../store/players/search-players.ts';
import type { FoundPlayer } from '../../../store/players/search-players.ts';
import { setFrozen } from '../../../store/players/set-frozen.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { exportContentType, exportReply } from './export.ts';
import { ErasedPlayer, FoundPlayers, Freeze, PlayerDetail, PlayerParams, PlayersQuery } from './schema.ts';
import { requirePlayer } from './require-player.ts';
import { playerView } from './view.ts';

const common = { tag: 'players', params: PlayerParams } as const;
const reading = { ...common, method: 'get', auth: operator('players:read'), mutation: false } as const;
const changing = { ...common, auth: operator('players:write'), mutation: 'keyed', limit: 'write' } as const;

const { params: _params, ...searching } = reading;
const search = defineRoute(
  {
    ...searching,
    path: '/v1/players',
    operationId: 'searchPlayers',
    summary: 'Find players by name, outside identity or id, newest first',
    limit: 'read',
    query: PlayersQuery,
    answers: { 200: { description: 'A page', schema: FoundPlayers } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query: { id, username, issuer, subject, ...paging } }) => {
    const filter = {
      ...(id !== undefined && { id }),
      ...(username !== undefined && { username }),
      ...(issuer !== undefined && { issuer }),
      ...(subject !== undefined && { subject }),
    };
    const name = listName('players', filter);
    const { after, limit } = await readPage(deps, name, paging);
    const rows = await searchPlayers(deps.db, filter, { limit, ...(after && { after }) });
    const position = ({ createdAt, playerId }: FoundPlayer) => [createdAt, playerId];
    return { status: 200, body: await pageOfRows(deps, name, rows, limit, playerView, position) };
  },
);

async function detailOf(db: Queryable, playerId: string) {
  const [player, access, balances] = await Promise.all([
    requirePlayer(db, playerId),
    readPlayerAccess(db, playerId),
    readBalances(db, playerId),
  ]);
  return {
    ...playerView(player),
    ...access,
    balances: balances.map(({ asset, balance, held, available }) => ({
      asset,
      balance: balance.toString(),
      held: held.toString(),
      available: available.toString(),
    })),
    statement: `/v1/players/${playerId}/statement`,
    export: `/v1/players/${playerId}/export`,
    audit: `/v1/audit?target=player:${playerId}`,
  };
}

const read = defineRoute(
  {
    ...reading,
    path: '/v1/players/{playerId}',
    operationId: 'readPlayer',
    summary: 'A player as operators see them: how they get in, what they have, whether they are frozen',
    limit: 'read',
    answers: { 200: { description: 'The player', schema: PlayerDetail } },
  },
  async ({ deps, params: { playerId } }) => ({ status: 200, body: await detailOf(deps.db, playerId) }),
);

const freeze = defineRoute(
  {
    ...changing,
    method: 'put',
    path: '/v1/players/{playerId}/freeze',
    operationId: 'freezePlayer',
    summary: 'Freeze a player, who can then read but change nothing, or let them go on',
    body: Freeze,
    answers: { 200: { description: 'The player', schema: PlayerDetail } },
  },
  async ({ deps, principal, params: { playerId }, body, eventContext, requestId }) => {
    const freezing = { playerId, ...body, actor: principalName(principal) };
    await deps.db.transaction((tx) => setFrozen(tx, freezing, { ...eventContext, requestId }));
    return { status: 200, body: await detailOf(deps.db, playerId) };
  },
);

const exported = defineRoute(
  {
    ...reading,
    path: '/v1/players/{playerId}/export',
    operationId: 'exportPlayer',
    summary: 'Everything held about a player, one JSON object a line',
    limit: 'write',
    answers: { 200: { description: 'From `player` to `end`', contentType: exportContentType } },
  },
  async ({ deps, principal, params: { playerId }, ...call }) => {
    const player = await requirePlayer(deps.db, playerId);
    return exportReply(deps, call, principalName(principal), player);
  },
);

const erase = defineRoute(
  {
    ...changing,
    method: 'post',
    path: '/v1/players/{playerId}/erase',
    operationId: 'erasePlayer',
    summary: 'Forget who a player is; the books keep a bare id. There is no way back',
    answers: { 200: { description: 'Erased, now or before', schema: ErasedPlayer } },
  },
  async ({ deps, principal, params: { playerId }, eventContext, requestId }) => {
    const erasing = { playerId, actor: principalName(principal) };
    const { erasedAt, lettersToResolve } = await erasePlayer(deps.db, erasing, {
      ...eventContext,
      requestId,
    });
    deps.streams.closeOf(playerId);
    return { status: 200, body: { playerId, erasedAt: erasedAt.toISOString(), lettersToResolve } };
  },
);

export const playerRoutes = [search, read, freeze, exported, erase];
