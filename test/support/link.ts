import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A TCP proxy on this machine that can be as unkind as networks are. */
export type Link = {
  readonly port: number;
  /** Connections that are open go silent for ever, and nobody is told; new ones work. */
  freeze(): void;
  /** As `freeze`, but what is sent still arrives: only the answers are lost. */
  mute(): void;
  /** Ends every connection that is open. */
  cut(): void;
  close(): Promise<void>;
};

export async function openLink(target: { port: number }): Promise<Link> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target.port });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      from.on('error', () => {});
      from.pipe(to);
      from.once('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const frozen = new Set<Socket>();
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
        frozen.add(near).add(far);
      }
      pairs.clear();
    },
    mute() {
      for (const [near, far] of pairs) {
        far.unpipe(near).resume();
        frozen.add(near).add(far);
      }
    },
    cut() {
      for (const [near] of pairs) near.destroy();
    },
    async close() {
      for (const socket of frozen) socket.destroy();
      for (const [near] of pairs) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
