// `npm run soak`: a node with 10,000 clients that come and go in every way for ten minutes. Exits 1 where it holds more and
// more, loses anybody or closes anybody for no reason. `-- --clients N`, `--minutes N`, `--seed N`, `--json FILE`.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createProgress } from '../../src/cli/output/progress.ts';
import { renderTable } from '../../src/cli/output/table.ts';
import { formatBytes, formatExact } from '../../src/util/figures.ts';
import { requireOpenFiles } from '../support/open-files.ts';
import { runSoak, type SoakResult } from './soak.ts';
import type { Check } from './verdict.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { clients: text, minutes: text, seed: text, json: text } });
const clients = numberOf('clients', 10_000);
const minutes = numberOf('minutes', 10);
const seed = numberOf('seed', Math.floor(Math.random() * 2 ** 31));
requireOpenFiles(clients + 1000);

const progress = createProgress(process.stderr);
const result = await runSoak({
  clients,
  durationMs: minutes * 60_000,
  seed,
  onProgress: (done, what) => progress.show(done, what),
});
progress.clear();
print(result);
const file = values.json ?? 'bin/cache/soak.json';
writeFileSync(file, `${JSON.stringify(result, undefined, 1)}\n`);
process.stdout.write(`${file} has every sample\n${result.ok ? 'flat, and nobody lost' : 'FAILED'}\n`);
process.exitCode = result.ok ? 0 : 1;

function print({ checks, report, pushes, deliveries, disconnects, pauses, errors }: SoakResult): void {
  const figure = (check: Check, value: number) => (check.isBytes ? formatBytes(value) : formatExact(value));
  const { lines } = renderTable<Check>(
    [
      { header: '', cell: ({ name }) => name },
      { header: 'FIRST', cell: (check) => figure(check, check.first), align: 'right' },
      { header: 'LAST', cell: (check) => figure(check, check.last), align: 'right' },
      { header: 'ALLOWED', cell: (check) => figure(check, check.allowed), align: 'right' },
      { header: '', cell: ({ ok }) => (ok ? 'ok' : 'FAILED') },
    ],
    checks,
  );
  const { tally, steady } = report;
  process.stdout.write(
    `${lines.join('\n')}\n\nseed ${seed}; ${formatExact(clients)} clients for ${minutes} min, ${formatExact(steady)} there at the end; ` +
      `${formatExact(tally.connects)} connects, ${formatExact(pushes)} pushes, ${formatExact(deliveries)} deliveries, ` +
      `${formatExact(tally.heard)} frames heard; pauses ${pauses.count} (${pauses.seconds} s)\n` +
      `closed by the node ${JSON.stringify(tally.closes)}; its disconnects ${JSON.stringify(disconnects)}\n`,
  );
  if (Object.keys(tally.unexpected).length > 0)
    process.stdout.write(`unexpected: ${JSON.stringify(tally.unexpected)}\n`);
  for (const line of errors.slice(0, 10)) process.stdout.write(`${line}\n`);
}

function numberOf(name: 'clients' | 'minutes' | 'seed', fallback: number): number {
  const given = values[name];
  const number = given === undefined ? fallback : Number(given);
  if (number > 0) return number;
  throw new Error(`--${name}: expected a number above 0, found "${given}"`);
}
