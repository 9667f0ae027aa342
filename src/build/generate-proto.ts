import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { main as pbjs } from 'protobufjs-cli/pbjs.js';
import { fileDescriptor } from './file-descriptors.ts';

const folder = join(import.meta.dirname, '../wire/proto');
/** What clients and queues speak. */
const dialects = ['cim.proto', 'yunque.proto'];
/** `yunque proto` prints these. */
const published = [...dialects, 'push.proto'];
/** Modules of their own, that a node loads only where it needs them: what nodes speak among themselves, and what is on the port of gRPC. */
const apart = ['rpc', 'cluster', 'push', 'health', 'reflection'];
/** What the reflection service tells of. */
const reflected = ['push', 'health', 'reflection'];

const header = '// Generated from the .proto files beside it by `npm run generate`. Do not edit.\n';

const options = [
  ...['--target', 'static-module', '--wrap', 'esm', '--keep-case', '--force-long'],
  ...['--no-create', '--no-verify', '--no-convert', '--no-delimited', '--no-typeurl', '--no-service'],
];

/** The generated modules and the types of the first, by file name. */
async function generate(): Promise<Map<string, string>> {
  const generated = await generateModule('messages', dialects.map(pathOf));
  for (const name of apart) generated.push(...(await generateModule(name, [pathOf(`${name}.proto`)])));
  return new Map([
    ...generated,
    ['sources.js', header + (await sourcesModule(published.map(pathOf)))],
    ['descriptors.js', header + descriptorsModule()],
  ]);
}

function pathOf(name: string): string {
  return join(folder, name);
}

async function generateModule(name: string, files: readonly string[]): Promise<[file: string, text: string][]> {
  const scratch = await mkdtemp(join(tmpdir(), 'yunque-proto-'));
  try {
    // Each keeps its types under a root of its own: they would take each other's away.
    const root = name === 'messages' ? 'yunque' : `yunque-${name}`;
    const withComments = join(scratch, 'typed.js');
    // The types are made from the comments, so the code without comments needs a pass of its own.
    await runPbjs([...options, '--root', root, '--dts', '--out', withComments, ...files]);
    const bare = join(scratch, 'bare.js');
    await runPbjs([...options, '--root', root, '--no-comments', '--out', bare, ...files]);
    return [
      [`${name}.js`, header + (await readFile(bare, 'utf8'))],
      [`${name}.d.ts`, header + (await readFile(join(scratch, 'typed.d.ts'), 'utf8'))],
    ];
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The files' own text as a module: there is no file beside the binary to read it from. */
async function sourcesModule(files: readonly string[]): Promise<string> {
  const entries = files.map(async (file) => {
    return `  ${JSON.stringify(basename(file, '.proto'))}: ${JSON.stringify(await readFile(file, 'utf8'))},\n`;
  });
  return `export const protoSources = {\n${(await Promise.all(entries)).join('')}};\n`;
}

/** What the reflection service answers with, as base64. */
function descriptorsModule(): string {
  const entries = reflected.map((name) => {
    const bytes = fileDescriptor(pathOf(`${name}.proto`), `${name}.proto`);
    return `  ${JSON.stringify(`${name}.proto`)}: ${JSON.stringify(bytes.toString('base64'))},\n`;
  });
  return `export const fileDescriptors = {\n${entries.join('')}};\n`;
}

function runPbjs(args: string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  pbjs(args, (error) => {
    if (error) reject(error);
    else resolve();
  });
  return promise;
}

/** Names of generated files that differ from what the .proto files say now. */
async function findStale(generated: ReadonlyMap<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, text] of generated) {
    const committed = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (committed !== text) stale.push(name);
  }
  return stale;
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const generated = await generate();
if (values.check) {
  const stale = await findStale(generated);
  for (const name of stale) {
    process.stderr.write(
      `src/wire/proto/${name} does not match the .proto files: run \`npm run generate\` and commit it\n`,
    );
  }
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const [name, text] of generated) await writeFile(join(folder, name), text);
}
