import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createJournalBatcher } from '../../store/ledger/journal-batcher.ts';
import { testDatabase } from '../support/database.ts';
import { testApi } from './support.ts';

const { db: elsewhere } = await testDatabase();
const full = createJournalBatcher({ db: elsewhere, queueCountMax: 0 });
const api = await testApi({ batcher: full });

test('more journals than the queue takes are 503 with Retry-After, and neither key nor reference is used up', async () => {
  const { playerId } = await api.player();
  const token = await api.key(['grants:write']);
  const body = {
    reference: randomUUID(),
    player: { id: playerId },
    lines: [{ asset: 'gold', amount: '5' }],
  };
  const grant = () => api.send('POST', '/v1/grants', { token, key: 'again', body });
  const refused = await grant();
  expect([refused.status, refused.body['code']]).toEqual([503, 'overloaded']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

  const room = createJournalBatcher({ db: api.db });
  full.post = (journal, context) => room.post(journal, context);
  expect((await grant()).status).toBe(201);
});
