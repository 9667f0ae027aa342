// Writes configs/grafana/yunque.json from src/build/dashboard. With --check it writes nothing and exits 1 where it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dashboardText } from './dashboard/dashboard.ts';

const path = 'configs/grafana/yunque.json';
const file = join(resolve(import.meta.dirname, '../..'), path);
const text = dashboardText();

if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write(`${path} is stale; run: node src/build/generate-dashboard.ts\n`);
  process.exitCode = 1;
}
