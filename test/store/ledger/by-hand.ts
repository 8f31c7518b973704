import pg from 'pg';

/** Writes that the database must refuse by itself, whoever makes them: what stands when the code above is wrong. */
const writes: Record<string, string> = {
  'a second journal under a key': `
    INSERT INTO journals (key, kind, body_hash, actor) VALUES ('by-hand', 'grant', '', 'x'), ('by-hand', 'grant', '', 'x')`,
  'a wallet below zero': `
    INSERT INTO accounts (holder, asset, purpose, live, debits_posted) VALUES ('player:by-hand', 'gold', 'wallet', true, 1)`,
  'more held than there is': `
    INSERT INTO accounts (holder, asset, purpose, live, credits_posted, debits_pending)
    VALUES ('player:by-hand', 'gold', 'wallet', true, 1, 2)`,
  'a mailbox below zero': `
    INSERT INTO accounts (holder, asset, purpose, live, debits_posted) VALUES ('player:by-hand', 'gold', 'mailbox', true, 1)`,
  'a hold resolved twice': `
    INSERT INTO transfers (journal_id, index, debit_account_id, credit_account_id, asset, amount, state, code, pending_id)
    VALUES (-1, 0, -1, -2, 'gold', 1, 'post', 'hold', -7), (-1, 1, -1, -2, 'gold', 1, 'void', 'hold', -7)`,
  'a resolution of nothing': `
    INSERT INTO transfers (journal_id, index, debit_account_id, credit_account_id, asset, amount, state, code)
    VALUES (-1, 0, -1, -2, 'gold', 1, 'post', 'hold')`,
  'an amount of nothing': `
    INSERT INTO transfers (journal_id, index, debit_account_id, credit_account_id, asset, amount, state, code)
    VALUES (-1, 0, -1, -2, 'gold', 0, 'posted', 'grant')`,
  'a transfer to the same account': `
    INSERT INTO transfers (journal_id, index, debit_account_id, credit_account_id, asset, amount, state, code)
    VALUES (-1, 0, -1, -1, 'gold', 1, 'posted', 'grant')`,
  'an account twice': `
    INSERT INTO accounts (holder, asset, purpose, live)
    VALUES ('player:by-hand', 'gold', 'wallet', true), ('player:by-hand', 'gold', 'wallet', true)`,
  'a journal rewritten': `UPDATE journals SET reason = 'another'`,
  'a transfer removed': `DELETE FROM transfers`,
};

/** Those that it takes, tried as the owner and rolled back. */
export async function acceptedByHand(url: string): Promise<string[]> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  const accepted: string[] = [];
  try {
    for (const [name, write] of Object.entries(writes)) {
      await owner.query('BEGIN');
      const isTaken = await owner.query(write).then(
        () => true,
        () => false,
      );
      await owner.query('ROLLBACK');
      if (isTaken) accepted.push(name);
    }
  } finally {
    await owner.end();
  }
  return accepted;
}
