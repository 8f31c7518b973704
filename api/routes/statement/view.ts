import type { BalanceAt } from '../../../store/statements/read-balances-at.ts';
import type { Change } from '../../../store/statements/read-changes.ts';
import type { ItemAt } from '../../../store/statements/read-items-at.ts';
import { receiptPath } from '../../links.ts';

export const balanceView = ({ asset, purpose, balance, held }: BalanceAt) => ({
  asset,
  purpose,
  balance: String(balance),
  held: String(held),
  available: String(balance - held),
});

export const itemView = ({ acquiredKey, acquiredKind, acquiredAt, ...item }: ItemAt) => ({
  ...item,
  acquired: {
    key: acquiredKey,
    kind: acquiredKind,
    createdAt: acquiredAt.toISOString(),
    receipt: receiptPath(acquiredKey),
  },
});

export const changeView =
  (workflowUrl: (workflowId: string) => string | null) =>
  ({ journalId, createdAt, amounts, ...change }: Change) => ({
    ...change,
    journalId: String(journalId),
    createdAt: createdAt.toISOString(),
    workflowUrl: change.workflowId === null ? null : workflowUrl(change.workflowId),
    receipt: receiptPath(change.key),
    amounts: amounts.map(({ balanceChange, heldChange, ...amount }) => ({
      ...amount,
      balanceChange: String(balanceChange),
      heldChange: String(heldChange),
    })),
  });
