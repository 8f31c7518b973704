/** The three real servers Lootledger needs. */
export type ServiceName = 'postgres' | 'kafka' | 'temporal';

export const SERVICE_NAMES: readonly ServiceName[] = ['postgres', 'kafka', 'temporal'];

/** How a server was found: given by the environment (or already running), in Docker, or started from local binaries. */
type Rung = 'address' | 'docker' | 'native';

interface RungReport {
  readonly rung: Rung;
  /** The server's version, or `unknown` for a server that somebody else runs. */
  readonly version: string;
  readonly detail: string;
}

export interface Progress {
  readonly service: ServiceName | 'test-server';
  readonly phase: 'waiting' | 'building' | 'initialising' | 'starting' | 'ready' | 'failed';
  readonly elapsedMs: number;
  readonly detail: string;
}

export type OnProgress = (progress: Progress) => void;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface StackOptions {
  /** Data, logs and state of these servers. One launcher at a time owns it; a second one joins the first's servers. */
  readonly dir: string;
  /**
   * `free` (default): unused ports, for tests and second checkouts.
   * `fixed`: the well-known ports of `versions.ts`; one that is taken is replaced by a free one and said so.
   */
  readonly ports?: 'fixed' | 'free';
  /** Default: all three. */
  readonly services?: readonly ServiceName[];
  readonly onProgress?: OnProgress;
  /** Wipe the data before starting. Refused while another launcher owns `dir`. */
  readonly fresh?: boolean;
  /**
   * Where `DATABASE_URL`, `KAFKA_BROKERS` and `TEMPORAL_ADDRESS` are looked up. Default: this process's environment.
   * Pass `{}` to start own servers whatever the environment says, as fault tests must.
   */
  readonly env?: Environment;
  /** Skip the search and take this rung. Fault tests take `native`. */
  readonly rung?: 'docker' | 'native';
  /** `unsafe` turns PostgreSQL's fsync and synchronous_commit off: for unit tests alone. */
  readonly durability?: 'safe' | 'unsafe';
}

/** One server under test: stop it, kill it, start it again on the same port with the same data. */
export interface ServiceControl {
  /** Graceful without a signal; with one (`SIGKILL`) the server process gets exactly that. Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when the server answers again. */
  start(): Promise<void>;
  /** Process id of the server itself while it runs on the native rung: send `SIGSTOP` and `SIGCONT` to stall it. */
  readonly pid?: number;
}

export interface Stack {
  /** Superuser URL of the database `lootledger`. */
  readonly databaseUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | undefined;
  readonly rungs: Readonly<Record<ServiceName, RungReport>>;
  /** Stops what this call started; servers that were found running stay. */
  stop(): Promise<void>;
  /** Throws for servers that this call did not start itself. */
  readonly services: Readonly<Record<ServiceName, ServiceControl>>;
}
