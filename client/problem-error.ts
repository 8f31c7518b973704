/** The members of an RFC 9457 problem document that every refusal of the API has. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** From the API's closed list; this is what programs should look at. */
  readonly code: string;
  readonly detail: string;
  readonly canRetry?: boolean;
  /** JSON Pointers to what is wrong in the request. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly requestId?: string;
  readonly traceId?: string;
  readonly [member: string]: unknown;
};

/** The API refused, after all retries that made sense. `requestId` finds the request in the server's logs. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}

export const isProblem = (error: unknown, code?: string): error is ProblemError =>
  error instanceof ProblemError && (code === undefined || error.code === code);

/** Reads a refusal; what is not a problem document (a proxy's page) becomes one, so that callers see one shape. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text();
  return new ProblemError(parseProblem(text, response), retryAfterMsOf(response.headers.get('retry-after')));
}

function parseProblem(text: string, response: Response): Problem {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'code' in value) return value as Problem;
  } catch {
    // not JSON: described below
  }
  const { status, statusText } = response;
  return {
    type: 'about:blank',
    title: statusText,
    status,
    code: 'unreadable_answer',
    detail: text.slice(0, 200),
  };
}

/** `Retry-After` is seconds or an HTTP date. */
function retryAfterMsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - Date.now());
}
