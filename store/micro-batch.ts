/**
 * Lets callers at the same moment share one statement: whoever asks while none is on its way is served at once, whoever
 * asks meanwhile goes with the next. No timer; each answer is from a statement that began after its question.
 */
export type MicroBatchOptions<Question, Answer> = {
  /** Answers in the order of the questions. */
  run(questions: readonly Question[]): Promise<readonly Answer[]>;
  countMax?: number;
  /** Questions with one name never travel together. */
  nameOf?: (question: Question) => string;
};

type Entry<Question, Answer> = {
  question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
};

export function createMicroBatch<Question, Answer>({
  run,
  countMax = 128,
  nameOf,
}: MicroBatchOptions<Question, Answer>): (question: Question) => Promise<Answer> {
  let queue: Entry<Question, Answer>[] = [];
  let scheduled = false;
  let busy = false;

  function schedule(): void {
    if (scheduled || busy || queue.length === 0) return;
    scheduled = true;
    // after the current round of I/O callbacks: what arrives together travels together
    setImmediate(() => {
      scheduled = false;
      busy = true;
      void settle(take()).then(() => {
        busy = false;
        schedule();
      });
    });
  }

  function take(): Entry<Question, Answer>[] {
    const names = new Set<string>();
    const batch: Entry<Question, Answer>[] = [];
    const rest: Entry<Question, Answer>[] = [];
    for (const entry of queue) {
      const name = nameOf?.(entry.question);
      const fits = batch.length < countMax && (name === undefined || !names.has(name));
      (fits ? batch : rest).push(entry);
      if (fits && name !== undefined) names.add(name);
    }
    queue = rest;
    return batch;
  }

  /** Never throws. One question's value must not fail another's: what PostgreSQL cannot take together is tried one by one. */
  async function settle(batch: readonly Entry<Question, Answer>[]): Promise<void> {
    try {
      const answers = await run(batch.map(({ question }) => question));
      if (answers.length !== batch.length) throw new Error('a batch has as many answers as questions');
      batch.forEach((entry, i) => entry.resolve(answers[i] as Answer));
    } catch (error) {
      if (batch.length > 1 && isValueAtFault(error)) for (const entry of batch) await settle([entry]);
      else for (const entry of batch) entry.reject(error);
    }
  }

  return (question) =>
    new Promise((resolve, reject) => {
      queue.push({ question, resolve, reject });
      schedule();
    });
}

/** Data exceptions and violated constraints; a lost connection would be lost for each of them. */
const isValueAtFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(22|23)...$/.test(String(error.code));
