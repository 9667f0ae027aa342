import { parentPort, workerData } from 'node:worker_threads';
import { openCrowd } from './receiver-crowd.ts';
import type { FromThread, ThreadWork, ToThread } from './thread-protocol.ts';

/** What a receiver thread runs; nothing imports it. The binary has it as text (`thread-source.ts`). */
const port = parentPort;
if (port !== null) {
  const tell = (message: FromThread) => port.postMessage(message);
  const crowd = openCrowd(workerData as ThreadWork, tell);
  port.on('message', (order: ToThread) => {
    if (order.type === 'judge') tell(crowd.judge(order.sent));
    else {
      crowd.close();
      tell({ type: 'closed' });
      port.close();
    }
  });
}
