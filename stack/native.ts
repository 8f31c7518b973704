import type { KeptCommand } from './children.ts';
import type { Reporter } from './progress.ts';
import type { ServiceName } from './types.ts';

export interface NativeContext {
  /** Folder of this server's data; it exists. */
  readonly dir: string;
  readonly reporter: Reporter;
  readonly durability: 'safe' | 'unsafe';
  /** A free port near `preferred`'s meaning: the fixed one when the launcher runs on fixed ports. */
  port(which: 'main' | 'ui' | 'controller'): Promise<number>;
}

/** A server ready to be spawned; spawning it again after a stop gives the same server with the same data. */
export interface NativeServer {
  readonly command: KeptCommand;
  readonly port: number;
  readonly uiPort?: number;
  readonly version: string;
  readonly detail: string;
  /** True as soon as clients can work with it. */
  answers(): Promise<boolean>;
}

/** How one server is brought up from local binaries: build or find them, initialise the data, say what to run. */
export interface NativeRecipe {
  readonly service: ServiceName;
  prepare(context: NativeContext): Promise<NativeServer>;
}
