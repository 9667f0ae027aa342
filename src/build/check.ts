// `npm run check`: everything that can be judged without running the program. Exits 1 where a step fails.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);

interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const steps: readonly Step[] = [
  { name: 'types', command: bin('tsc'), args: ['-p', '.'] },
  {
    name: 'lint and format',
    command: bin('biome'),
    args: ['check', '--error-on-warnings', '--max-diagnostics=100', '.'],
  },
  { name: 'generated protobuf code', command: process.execPath, args: ['src/build/generate-proto.ts', '--check'] },
  {
    name: 'generated documentation',
    command: process.execPath,
    args: ['src/build/generate-config-docs.ts', '--check'],
  },
  { name: 'generated dashboard', command: process.execPath, args: ['src/build/generate-dashboard.ts', '--check'] },
  {
    name: 'import directions',
    command: process.execPath,
    args: ['--test', '--test-reporter=spec', 'test/unit/import-directions.test.ts'],
  },
];

let failed = 0;
for (const step of steps) {
  if (!(await passes(step))) failed++;
}
process.stdout.write(failed === 0 ? 'check: all ok\n' : `check: ${failed} of ${steps.length} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function passes({ name, command, args }: Step): Promise<boolean> {
  const startedAt = performance.now();
  const output = await outputWhenFailing(command, args);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${output === undefined ? 'ok    ' : 'failed'}  ${name} ${seconds} s\n`);
  if (output !== undefined) process.stdout.write(`${output}\n`);
  return output === undefined;
}

async function outputWhenFailing(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await run(command, [...args], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    return undefined;
  } catch (error) {
    const { stdout = '', stderr = '', message = '' } = error as { stdout?: string; stderr?: string; message?: string };
    return `${stdout}${stderr}`.trim() || message;
  }
}
