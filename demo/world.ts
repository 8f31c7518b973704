import { randomBytes } from 'node:crypto';
import { createPlayerClient } from '../client/player-client.ts';
import type { PlayerClient } from '../client/player-client.ts';
import { createOperatorClient } from '../client/operator-client.ts';
import type { OperatorClient } from '../client/operator-client.ts';
import { createServerClient } from '../client/server-client.ts';
import type { ServerClient } from '../client/server-client.ts';
import { loadConfig } from '../platform/config.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import type { Children, Role } from './children.ts';
import { openKafka } from './kafka.ts';
import type { Kafka } from './kafka.ts';
import type { Output } from './output.ts';
import type { OnClose } from './servers.ts';

/** Everything the stages act through. The database is only read: what happens, happens through the doors. */
export type World = {
  readonly output: Output;
  readonly db: Db;
  readonly kafka: Kafka;
  readonly children: Children;
  readonly hosts: readonly MatchHost[];
  /** A brought-in game's server, and the people who run the economy. */
  readonly game: ServerClient;
  readonly operator: OperatorClient;
  /** Somebody new who has entered; the name is the demo's own. */
  newPlayer(name: string): Promise<NamedPlayer>;
  /** Remembers a workflow's page in the Web UI for the end. */
  link(title: string, workflowId: string): void;
  readonly links: readonly Link[];
  /** What the operator's terminal would need to go on by hand. */
  readonly operatorKey: string;
  readonly apiUrl: string;
  /** Before the first event of the story. */
  readonly startedAt: string;
  readonly onClose: OnClose;
};

export type Link = { readonly title: string; readonly url: string };
export type NamedPlayer = PlayerClient & { readonly name: string; readonly playerId: string };
export type MatchHost = { readonly role: Role; readonly url: string };

export type Addresses = {
  apiUrl: string;
  metricsUrl: string;
  temporalUiUrl: string;
  hosts: readonly MatchHost[];
  operatorKey: string;
};

/** The id a brought-in game has with us; it names its events and its references. */
export const gameClientId = 'my-game';

export async function openWorld(
  children: Children,
  addresses: Addresses,
  output: Output,
  onClose: OnClose,
): Promise<World> {
  const { apiUrl: baseUrl, temporalUiUrl, hosts } = addresses;
  const config = loadConfig(children.environment);
  const db = openDb({ url: config.DATABASE_URL, connectionCountMax: 2, applicationName: 'demo' });
  onClose(() => db.close());
  const kafka = openKafka({ brokers: config.KAFKA_BROKERS, prefix: config.KAFKA_TOPIC_PREFIX });
  onClose(() => kafka.close());

  const operator = createOperatorClient({ baseUrl, apiKey: addresses.operatorKey });
  const { body: key } = await operator.createApiKey({
    clientId: gameClientId,
    scopes: ['grants:write', 'results:write', 'receipts:read'],
    topics: { publish: ['trust.verdict'], read: [] },
  });
  const links: Link[] = [
    { title: 'API reference', url: new URL('/docs', baseUrl).href },
    { title: 'metrics', url: new URL('/metrics', addresses.metricsUrl).href },
    { title: 'Temporal Web UI', url: temporalUiUrl },
  ];
  return {
    output,
    db,
    kafka,
    children,
    hosts,
    operator,
    game: createServerClient({ baseUrl, apiKey: key.secret }),
    links,
    operatorKey: addresses.operatorKey,
    apiUrl: baseUrl,
    startedAt: new Date().toISOString(),
    onClose,
    link: (title, workflowId) =>
      void links.push({
        title,
        url: new URL(`/namespaces/default/workflows/${workflowId}`, temporalUiUrl).href,
      }),
    async newPlayer(name) {
      const player = createPlayerClient({ baseUrl });
      const { playerId } = await player.session.guest(randomBytes(32).toString('base64url'));
      return { ...player, name, playerId };
    },
  };
}
