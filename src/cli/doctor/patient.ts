import type { Config } from '../../config/schema.ts';
import type { RuntimeEnv } from '../../util/runtime-paths.ts';
import type { RedisSeen } from './redis-seen.ts';

/** What the checks look at: this machine, the configuration, and what runs already. */
export interface Patient {
  readonly platform: NodeJS.Platform;
  readonly env: RuntimeEnv;
  readonly config: Config;
  /** What is wrong, and what is unwise, with the configuration itself; the files that it came from. */
  readonly configuration: {
    readonly problems: readonly string[];
    readonly warnings: readonly string[];
    readonly files: readonly string[];
  };
  readonly dataDirectory: string;
  /** Connections that the node should hold; absent: nobody has said. */
  readonly connections: number | undefined;
  /** Of everything that goes over the network. */
  readonly timeoutMs: number;
  /** The text of a small file such as those of /proc; undefined where it cannot be read. */
  read(file: string): string | undefined;
  /** The node that runs, asked once for all checks; undefined: none does. Rejects where there is one that does not answer. */
  node(): Promise<NodeSeen | undefined>;
  /** Each Redis server that the configuration names, asked once for all checks. */
  redis(): Promise<readonly RedisSeen[]>;
}

/** A node that answered. */
export interface NodeSeen {
  readonly where: string;
  readonly id: string;
  readonly version: string;
  /** Of the nodes of its cluster, by id. */
  readonly versions: ReadonlyMap<string, string>;
  /** On this machine. */
  readonly isHere: boolean;
  /** Its own or, with workers, that of each of them. */
  readonly pids: readonly number[];
  /** Its clock less ours, in milliseconds, and how wrong that may be. */
  readonly clock: ClockSeen;
}

export interface ClockSeen {
  readonly aheadMs: number;
  readonly uncertainMs: number;
}

/** Of a clock that was read between two moments of ours. */
export function clockSeen(theirs: number, before: number, after: number): ClockSeen {
  return { aheadMs: Math.round(theirs - (before + after) / 2), uncertainMs: Math.ceil((after - before) / 2) };
}
