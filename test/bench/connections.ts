// P6, P7 and P8: what a connection costs while it does nothing, and while it connects. Prints figures; judges nothing.
import { connecting, idle, type Pair } from './peers/crowd-measures.ts';

const CLIENTS = Number(process.env['BENCH_CLIENTS'] ?? 10_000);
const idleMs = Number(process.env['BENCH_IDLE_MS'] ?? 50_000);

if (import.meta.main) {
  process.stdout.write(`${CLIENTS} connections, each with a token of its own (HS256) and in 2 groups\n\n`);
  process.stdout.write('row                                    yunque          peer   ratio  target\n');
  const { memory, cpu } = await idle(CLIENTS, idleMs);
  print('P6 KB RSS a connection, vs socket.io', memory, 1, '≤ 10 KB, ≤ 0.6');
  print('P7 idle CPU, % of a core, vs socket.io', cpu, 2, '≤ 3 %');
  const { perSecond, micros } = await connecting(CLIENTS, Number(process.env['BENCH_PAIRS'] ?? 5));
  print('P8 connects/s, vs bare ws', perSecond, 0, '≥ 0.8');
  print('P8 CPU µs a connection, vs bare ws', micros, 0, '≤ 1.25');
}

function print(row: string, { yunque, peer }: Pair, digits: number, target: string): void {
  const figures = [yunque.toFixed(digits), peer.toFixed(digits), (yunque / peer).toFixed(2)];
  process.stdout.write(
    `${row.padEnd(38)} ${figures[0]?.padStart(7)} ${figures[1]?.padStart(13)} ${figures[2]?.padStart(7)}  ${target}\n`,
  );
}
