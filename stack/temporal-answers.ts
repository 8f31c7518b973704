import { NAMESPACE } from './versions.ts';
import { probeGrpc } from './probe.ts';

/**
 * True when the namespace can be worked with. The port opens earlier, while the server's own services still look
 * for each other, and a workflow started then fails.
 */
export async function temporalAnswers(address: string): Promise<boolean> {
  const [host, port] = splitAddress(address);
  if (!(await probeGrpc(host, port))) return false;
  const { Connection } = await import('@temporalio/client');
  try {
    const connection = await Connection.connect({ address, connectTimeout: '2s' });
    try {
      await connection.withDeadline(Date.now() + 2_000, async () => {
        await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
        await connection.workflowService.countWorkflowExecutions({ namespace: NAMESPACE });
        await connection.workflowService.describeTaskQueue({
          namespace: NAMESPACE,
          taskQueue: { name: 'economy' },
        });
      });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

export function splitAddress(address: string): [host: string, port: number] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at), Number.parseInt(address.slice(at + 1), 10)];
}
