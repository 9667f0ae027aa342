import { freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { formatBytes } from '../../../util/figures.ts';
import { type Examine, type Finding, failed, ok, warning } from '../finding.ts';

const mebibyte = 1024 * 1024;
const little = 256 * mebibyte;
/** What a node holds before anybody connects, and an idle client with a token in two groups: docs/performance.md, P6. */
const baseBytes = 120 * mebibyte;
const connectionBytes = 10 * 1024;

/** `total`: of the machine or, where that is less, of the container. */
export interface Memory {
  readonly total: number;
  readonly free: number;
  readonly heapLimit: number;
}

export const examineMemory: Examine = ({ config, connections }) => {
  const machine = totalmem();
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(machine, constrained) : machine;
  const free = Math.min(freemem(), process.availableMemory());
  const heapLimit = config.maxHeapBytes ?? getHeapStatistics().heap_size_limit;
  return judgeMemory({ total, free, heapLimit }, connections);
};

export function judgeMemory({ total, free, heapLimit }: Memory, connections: number | undefined): readonly Finding[] {
  const found: Finding[] = [];
  if (free < little) {
    found.push(
      warning(`${formatBytes(free)} of ${formatBytes(total)} are free`, 'end what needs it, or give the machine more'),
    );
  }
  if (heapLimit > total) {
    found.push(
      failed(
        `the JavaScript heap may grow to ${formatBytes(heapLimit)}, and there are ${formatBytes(total)}`,
        'set maxHeap (--max-heap) to two thirds of the memory or less',
      ),
    );
  }
  const needed = connections === undefined ? 0 : baseBytes + connections * connectionBytes;
  if (needed > total) {
    found.push(
      failed(
        `${connections} idle connections need about ${formatBytes(needed)}, and there are ${formatBytes(total)}`,
        'give the machine more memory, or spread the connections over several nodes',
      ),
    );
  }
  if (found.length > 0) return found;
  return [ok(`${formatBytes(free)} of ${formatBytes(total)} are free; the heap may grow to ${formatBytes(heapLimit)}`)];
}
