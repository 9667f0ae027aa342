import type { Execute } from '../../api/command.ts';
import type { Seen } from '../../store/seen.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import type { Source } from './source.ts';

export interface DoorOptions {
  /** Unique on its node, and the same on all nodes that read the same: it is in the names of what was seen. `stream:chat` where nobody gave it another. */
  readonly name: string;
  /** Not started: the door's `start` does. Its kind is what commands and counters call the door. */
  readonly source: Source;
  /** What it delivers to; of a trusted door: what a record that names no system is for. */
  readonly system: string;
  /** Records may name their system. */
  readonly trusted: boolean;
  readonly execute: Execute;
  readonly seen: Seen;
  /** Asked before anything of a record is handed on, where the record names its system. */
  readonly systemExists: (system: string) => Awaitable<boolean>;
  readonly newMessageId: () => string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly limits: DoorLimits;
}

export interface DoorLimits {
  /** Of one record. */
  readonly recordBytes: number;
  /** Messages of one record, and names in one list (`limits.batch`). */
  readonly batch: number;
  /** UTF-8 bytes of a uid, a group name or a system id. */
  readonly idBytes: number;
  /** Nested arrays and objects in a JSON body. */
  readonly jsonDepth: number;
}
