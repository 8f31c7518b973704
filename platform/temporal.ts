import { Client, Connection } from '@temporalio/client';
import type { ClientOptions } from '@temporalio/client';

/** The door to Temporal that is passed around: the client, this deployment's queue names, links into the Web UI. */
export type Temporal = {
  client: Client;
  connection: Connection;
  /** The deployment's own name of a task queue from `workflows/messages.ts`. */
  taskQueue(name: string): string;
  /** The workflow's page in the Temporal Web UI. */
  workflowUrl(workflowId: string, runId?: string): string;
  close(): Promise<void>;
};

export type TemporalOptions = {
  address: string;
  namespace: string;
  taskQueuePrefix: string;
  uiUrl: string;
  interceptors?: ClientOptions['interceptors'];
};

/** Connects lazily: a process starts and answers reads while Temporal is down. */
export function openTemporal(options: TemporalOptions): Temporal {
  const connection = Connection.lazy({ address: options.address });
  const { interceptors } = options;
  const client = new Client({
    connection,
    namespace: options.namespace,
    ...(interceptors && { interceptors }),
  });
  const workflowsUrl = new URL(`/namespaces/${options.namespace}/workflows/`, options.uiUrl);
  return {
    client,
    connection,
    taskQueue: (name) => options.taskQueuePrefix + name,
    workflowUrl: (workflowId, runId) =>
      new URL(
        [workflowId, runId]
          .filter((part) => part !== undefined)
          .map(encodeURIComponent)
          .join('/'),
        workflowsUrl,
      ).href,
    close: () => connection.close(),
  };
}
