import { createReadStream } from 'node:fs';
import { ClientError } from '../../client/client-error.ts';
import { faultOfLine, recordedTypes } from './recorded-shape.ts';
import { type RecordedLine, recordingSchema } from './recording.ts';

export interface RecordingFacts {
  /** Of its last line, in milliseconds since it began. */
  readonly endMs: number;
  /** Its last line is not whole: it was not ended, but cut off. */
  readonly isCut: boolean;
}

/** Characters of a line: the figures of thousands of nodes are less. */
const mostInLine = 64 * 1024 * 1024;
/** A hundred years. */
const mostMs = 3_153_600_000_000;

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
  const lines = textLines(file);
  const next = () => lines.next();
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
    await lines.return();
  }
}

/** Of a file that may be anything. */
async function* textLines(file: string): AsyncGenerator<string, void, undefined> {
  let pieces: string[] = [];
  let waiting = 0;
  let line = 1;
  try {
    for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
      let from = 0;
      for (let to = chunk.indexOf('\n'); to >= 0; to = chunk.indexOf('\n', from)) {
        yield pieces.join('') + chunk.slice(from, to);
        pieces = [];
        waiting = 0;
        line++;
        from = to + 1;
      }
      if (from < chunk.length) pieces.push(chunk.slice(from));
      waiting += chunk.length - from;
      if (waiting > mostInLine) throw brokenAt(file, line, `it is longer than ${mostInLine} characters`);
    }
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw new ClientError('usage', `cannot read ${file}: ${(error as Error).message}`);
  }
  if (pieces.length > 0) yield pieces.join('');
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
  if (line === null || typeof line !== 'object' || typeof line.at !== 'number' || !(line.at >= 0 && line.at < mostMs))
    return 'it has no time ("at")';
  if (!recordedTypes.includes(line.type)) return `it is of no known type (${JSON.stringify(line.type)?.slice(0, 80)})`;
  const fault = faultOfLine(line.type, line);
  return fault === undefined ? line : `${fault.slice(1, 200)} is not what the dashboard writes there`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function brokenAt(file: string, line: number, why: string): ClientError {
  const hint =
    line > 2 ? `the lines before it can be played: head -n ${line - 1}` : 'yunque top --record FILE makes one';
  return new ClientError('usage', `${file}, line ${line}: ${why}`, { hint });
}
