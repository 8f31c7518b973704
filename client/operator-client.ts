import { createCaller, readerOf } from './call.ts';
import type { Answer, CallerOptions, CallOptions } from './call.ts';
import { createServerClient } from './server-client.ts';
import type { Keyed } from './server-client.ts';
import type { Body, Reply } from './types.ts';

/** What the people who run an economy can ask for besides what a game server can. Fails with ProblemError. */
export type OperatorClient = ReturnType<typeof createOperatorClient>;

export function createOperatorClient({
  apiKey,
  ...options
}: Omit<CallerOptions, 'credential'> & { readonly apiKey: string }) {
  const call = createCaller({ ...options, credential: () => Promise.resolve(apiKey) });
  const read = readerOf(call);

  return {
    ...createServerClient({ apiKey, ...options }),
    /** Its `etag` is what `setValve` must name. */
    readValve: (scope: string, id: string): Promise<Answer<Reply<'readValve'>>> =>
      call('GET', `/v1/valves/${scope}/${encodeURIComponent(id)}`),
    setValve: (
      scope: string,
      id: string,
      body: Body<'setValve'>,
      keyed: Keyed & Required<Pick<CallOptions, 'ifMatch'>>,
    ): Promise<Answer<Reply<'setValve'>>> =>
      call('PUT', `/v1/valves/${scope}/${encodeURIComponent(id)}`, { ...keyed, body }),
    startAudit: (body: Body<'startAudit'>, keyed?: Keyed): Promise<Answer<Reply<'startAudit'>>> =>
      call('POST', '/v1/audits', { ...keyed, body }),
    audit: (auditId: string) => read<Reply<'readAudit'>>(`/v1/audits/${auditId}`),
    findings: (query?: CallOptions['query']) => read<Reply<'listFindings'>>('/v1/findings', query),
    startReplay: (body: Body<'startReplay'>, keyed?: Keyed): Promise<Answer<Reply<'startReplay'>>> =>
      call('POST', '/v1/replays', { ...keyed, body }),
    replay: (replayId: string) => read<Reply<'readReplay'>>(`/v1/replays/${replayId}`),
    replays: (query?: CallOptions['query']) => read<Reply<'listReplays'>>('/v1/replays', query),
    pauseReplay: (replayId: string, keyed?: Keyed): Promise<Answer<Reply<'pauseReplay'>>> =>
      call('POST', `/v1/replays/${replayId}/pause`, keyed),
    resumeReplay: (replayId: string, keyed?: Keyed): Promise<Answer<Reply<'resumeReplay'>>> =>
      call('POST', `/v1/replays/${replayId}/resume`, keyed),
    cancelReplay: (replayId: string, keyed?: Keyed): Promise<Answer<Reply<'cancelReplay'>>> =>
      call('POST', `/v1/replays/${replayId}/cancel`, keyed),
    /** The catalogue's topics and clients' own. */
    topics: (query?: CallOptions['query']) => read<Reply<'listTopics'>>('/v1/topics', query),
    topic: (name: string) => read<Reply<'readTopic'>>(`/v1/topics/${name}`),
    createTopic: (body: Body<'createTopic'>, keyed?: Keyed): Promise<Answer<Reply<'createTopic'>>> =>
      call('POST', '/v1/topics', { ...keyed, body }),
    alterTopic: (
      name: string,
      body: Body<'alterTopic'>,
      keyed?: Keyed,
    ): Promise<Answer<Reply<'alterTopic'>>> => call('PUT', `/v1/topics/${name}`, { ...keyed, body }),
    /** With everything in it. */
    deleteTopic: (name: string, keyed?: Keyed): Promise<Answer<unknown>> =>
      call('DELETE', `/v1/topics/${name}`, { ...keyed, query: { confirm: name } }),
    /** Counts by group, topic and class of error; the letters themselves are `deadLetters`. */
    deadLetterSummary: () => read<Reply<'summariseDeadLetters'>>('/v1/dead-letters/summary'),
    redrives: (query?: CallOptions['query']) => read<Reply<'listRedrives'>>('/v1/redrives', query),
    pauseRedrive: (redriveId: string, keyed?: Keyed): Promise<Answer<Reply<'pauseRedrive'>>> =>
      call('POST', `/v1/redrives/${redriveId}/pause`, keyed),
    resumeRedrive: (redriveId: string, keyed?: Keyed): Promise<Answer<Reply<'resumeRedrive'>>> =>
      call('POST', `/v1/redrives/${redriveId}/resume`, keyed),
    cancelRedrive: (redriveId: string, keyed?: Keyed): Promise<Answer<Reply<'cancelRedrive'>>> =>
      call('POST', `/v1/redrives/${redriveId}/cancel`, keyed),
    requestClawback: (
      body: Body<'requestClawback'>,
      keyed?: Keyed,
    ): Promise<Answer<Reply<'requestClawback'>>> => call('POST', '/v1/clawbacks', { ...keyed, body }),
    clawback: (clawbackId: string) => read<Reply<'readClawback'>>(`/v1/clawbacks/${clawbackId}`),
    approveClawback: (
      clawbackId: string,
      body: Body<'approveClawback'>,
      keyed?: Keyed,
    ): Promise<Answer<Reply<'approveClawback'>>> =>
      call('POST', `/v1/clawbacks/${clawbackId}/approve`, { ...keyed, body }),
    cancelClawback: (clawbackId: string, keyed?: Keyed): Promise<Answer<Reply<'cancelClawback'>>> =>
      call('POST', `/v1/clawbacks/${clawbackId}/cancel`, keyed),
  };
}
