import type { Door } from '../api/command.ts';
import { type Dialect, dialects } from '../api/dialect.ts';
import { type ErrorCode, errorTable } from '../api/errors.ts';
import type { DropReason } from '../api/receipt.ts';
import { Histogram } from './histogram.ts';

/** RFC 6455 section 7.4.1 with its registry, and those of the error table. */
const knownCloseCodes: ReadonlySet<number> = new Set([
  ...Array.from({ length: 16 }, (_, at) => 1000 + at),
  ...Object.values(errorTable).map(({ close }) => close),
]);

const plainCode = /^(?:0|[1-9]\d\d)$/;

/** Everything counted since the node started, in the one place where it is counted; `/metrics`, `stats` and `top` read this. */
export class Counters {
  readonly messagesIn: Partial<Record<Door, number>> = {};
  readonly deliveries = Object.fromEntries(dialects.map((d) => [d, 0])) as Record<Dialect, number>;
  readonly dropped: Partial<Record<DropReason, number>> = {};
  /** By WebSocket close code, or `other`. */
  readonly disconnects: Record<string, number> = {};
  readonly refused: Partial<Record<ErrorCode, number>> = {};
  ignoredFrames = 0;
  /** Requests of clients, by route and the code they were answered with, or `other`. */
  readonly uplink = new Map<string, Record<string, number>>();
  /** What it took to hand out and write all that one turn of the loop had collected. */
  readonly flushes = new Histogram();
  /** From the first message of a group's or system's batch until all its members had been handed it. */
  readonly fanouts = new Histogram();
  /** How often the process stood still, and for how many seconds in all. */
  readonly pauses = { count: 0, seconds: 0 };

  messageIn(door: Door, count = 1): void {
    if (door === 'peer') return;
    this.messagesIn[door] = (this.messagesIn[door] ?? 0) + count;
  }

  drop(reason: DropReason): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
  }

  /** A client may send any code it likes: only known ones get a figure of their own. */
  disconnect(closeCode: number): void {
    const code = knownCloseCodes.has(closeCode) ? closeCode : 'other';
    this.disconnects[code] = (this.disconnects[code] ?? 0) + 1;
  }

  /** A backend may answer any code it likes: only numbers of three digits, and 0, get a figure of their own. */
  uplinkAnswered(route: string, code: string): void {
    let byCode = this.uplink.get(route);
    if (byCode === undefined) {
      byCode = {};
      this.uplink.set(route, byCode);
    }
    const label = plainCode.test(code) ? code : 'other';
    byCode[label] = (byCode[label] ?? 0) + 1;
  }

  pause(ms: number): void {
    this.pauses.count += 1;
    this.pauses.seconds += ms / 1000;
  }

  refuse(code: ErrorCode): void {
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }
}

export function sum(counts: Readonly<Record<string, number | undefined>>): number {
  let total = 0;
  for (const count of Object.values(counts)) total += count ?? 0;
  return total;
}
