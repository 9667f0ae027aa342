import { connect } from 'node:net';
import { upgradeRequest } from '../../support/raw-frames.ts';

/**
 * Many anonymous clients that read all that comes and look at none of it, in a process of its own: `crowd-readers.ts PORT COUNT`. Says
 * `{ came: COUNT }` when all have heard their first frame, and ends with whoever started it. Those whose server goes are gone.
 */
const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const atOnce = 100;
let next = 0;
let came = 0;

process.on('disconnect', () => process.exit());
for (let n = 0; n < Math.min(atOnce, count); n += 1) one();

function one(): void {
  if (next === count) return;
  next += 1;
  const socket = connect(port, '127.0.0.1', () => socket.write(upgradeRequest(port, '/ws')));
  socket.on('error', () => {});
  let said = '';
  const untilGreeted = (bytes: Buffer): void => {
    said += bytes.toString('latin1');
    if (!said.includes('"clientId"')) return;
    socket.off('data', untilGreeted);
    socket.resume();
    came += 1;
    if (came === count) process.send?.({ came });
    else one();
  };
  socket.on('data', untilGreeted);
}
