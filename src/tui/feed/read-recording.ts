import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ClientError } from '../../client/client-error.ts';
import { type RecordedLine, recordingSchema } from './recording.ts';

export interface RecordingFacts {
  /** Of its last line, in milliseconds since it began. */
  readonly endMs: number;
  /** Its last line is not whole: it was not ended, but cut off. */
  readonly isCut: boolean;
}

const types: readonly string[] = [
  'sample',
  'failure',
  'list',
  'stream',
  'event',
  'copy',
] satisfies RecordedLine['type'][];

/**
 * Reads all of a recording once, for what is wrong with it. Rejects with `ClientError` that names the line, where it
 * cannot be read, is none, is of a later version, or holds no answer.
 */
export async function checkRecording(file: string): Promise<RecordingFacts> {
  let endMs = 0;
  let samples = 0;
  let line = 1;
  let isCut = false;
  for await (const recorded of linesOf(file, (at) => (isCut = at))) {
    line++;
    if (recorded.at < endMs) throw brokenAt(file, line, 'it is earlier than the line before');
    endMs = recorded.at;
    if (recorded.type === 'sample') samples++;
  }
  if (samples === 0) throw new ClientError('usage', `${file} holds no answer of a server: there is nothing to show`);
  return { endMs, isCut };
}

/** Its lines, one at a time. */
export function readRecording(file: string): AsyncGenerator<RecordedLine, void, undefined> {
  return linesOf(file, () => {});
}

async function* linesOf(file: string, onEnd: (isCut: boolean) => void): AsyncGenerator<RecordedLine, void, undefined> {
  const input = createReadStream(file, 'utf8');
  const failed = new Promise<never>((_, reject) => {
    input.once('error', (error) => reject(new ClientError('usage', `cannot read ${file}: ${error.message}`)));
  });
  failed.catch(() => undefined);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  const next = () => Promise.race([lines.next(), failed]);
  try {
    let read = await next();
    checkHeader(file, read.done ? '' : read.value);
    for (let number = 2; ; number++) {
      read = await next();
      if (read.done) return onEnd(false);
      const text = read.value;
      const line = parseLine(text);
      if (typeof line !== 'string') {
        yield line;
        continue;
      }
      // The last line of a recording that was killed is not whole.
      read = await next();
      if (read.done) return onEnd(true);
      throw brokenAt(file, number, line);
    }
  } finally {
    input.destroy();
  }
}

function checkHeader(file: string, text: string): void {
  const header = parsed(text) as { readonly schema?: unknown; readonly version?: unknown } | undefined;
  const schema = header?.schema;
  if (schema === recordingSchema) return;
  if (typeof schema === 'string' && schema.startsWith('yunque.recording/')) {
    const by = typeof header?.version === 'string' ? ` by yunque ${header.version}` : '';
    throw new ClientError('usage', `${file}, line 1: a recording of another kind (${schema})${by}`, {
      hint: 'play it with the version that made it',
    });
  }
  throw new ClientError('usage', `${file}, line 1: this is no recording of the dashboard`, {
    hint: 'yunque top --record FILE makes one',
  });
}

/** The line, or what is wrong with it. */
function parseLine(text: string): RecordedLine | string {
  const line = parsed(text) as RecordedLine | undefined;
  if (line === undefined) return 'it is not JSON';
  if (line === null || typeof line !== 'object' || typeof line.at !== 'number') return 'it has no time ("at")';
  if (!types.includes(line.type)) return `it is of no known type (${JSON.stringify(line.type)})`;
  if (line.type === 'sample' && !Array.isArray(line.stats?.nodes)) return 'it has no figures of nodes ("stats")';
  return line;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function brokenAt(file: string, line: number, why: string): ClientError {
  return new ClientError('usage', `${file}, line ${line}: ${why}`, { hint: 'the lines before it can be played' });
}
