import type { Row } from '../harness/row.ts';
import { row as batchSizes } from './batch-sizes.ts';
import { row as p1 } from './p01-single-socket-io.ts';
import { row as p2 } from './p02-single-naive-ws.ts';
import { row as p3 } from './p03-bursts-of-10.ts';
import { row as p4 } from './p04-bursts-of-100.ts';
import { row as p5 } from './p05-latency.ts';
import { row as p6 } from './p06-idle-memory.ts';
import { row as p7 } from './p07-idle-cpu.ts';
import { row as p8 } from './p08-connecting.ts';
import { row as p9 } from './p09-post-unicast.ts';
import { row as p10 } from './p10-post-list.ts';
import { row as p11 } from './p11-queue-doors.ts';
import { row as p12 } from './p12-cluster-unicast.ts';
import { row as p13 } from './p13-cluster-group.ts';
import { row as p15 } from './p15-stalled-clients.ts';
import { row as p17 } from './p17-workers.ts';
import { row as p18 } from './p18-start-time.ts';
import { row as p19 } from './p19-post-to-everyone.ts';
import { row as p20 } from './p20-top.ts';

/** In the order of the table. */
export const rows: readonly Row[] = [
  p1,
  p2,
  p3,
  p4,
  p5,
  p6,
  p7,
  p8,
  p9,
  p10,
  p11,
  p12,
  p13,
  p15,
  p17,
  p18,
  p19,
  p20,
  batchSizes,
];
