// Writes the files that follow from src/config/settings. With --check it writes nothing and exits 1 where one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configTemplate } from '../config/config-template.ts';
import { configPage } from './config-page.ts';

const root = resolve(import.meta.dirname, '../..');
const files = [
  { path: 'docs/configuration.md', text: configPage('en') },
  { path: 'docs/configuration.zh-CN.md', text: configPage('zh') },
  { path: 'configs/config.yaml', text: configTemplate('en') },
];

if (process.argv.includes('--check')) {
  const stale = files.filter(({ path, text }) => readOrNothing(join(root, path)) !== text);
  for (const { path } of stale) process.stderr.write(`${path} is stale; run: node src/build/generate-config-docs.ts\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { path, text } of files) writeFileSync(join(root, path), text);
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
