/** What the `importWallets` story asks for; seen by the workflow as types alone. */
export type ImportActivities = {
  readImport(input: OfImport): Promise<ImportView>;
  /** Posts the next waiting lines after `afterLine`; `lastLine` null: there are no more, or as many as a chunk wait. */
  postImportLines(input: OfImport & { afterLine: number }): Promise<ImportStep>;
  completeImport(input: OfImport): Promise<{ postedCount: number; refusedCount: number }>;
};

type OfImport = { importId: string };
export type ImportView = {
  batch: string;
  lineCount: number;
  postedCount: number;
  refusedCount: number;
  /** `100 gold, 3 iron_sword`. */
  brings: string;
};
/** Counts are of the whole import. */
export type ImportStep = {
  lastLine: number | null;
  postedCount: number;
  refusedCount: number;
  waitsFor: string | null;
};
