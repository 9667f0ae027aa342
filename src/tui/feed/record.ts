import { open, rm } from 'node:fs/promises';
import { ClientError } from '../../client/client-error.ts';
import { version } from '../../util/version.ts';
import { type RecordedItem, type RecordingHeader, recordingSchema } from './recording.ts';

export interface Recorder {
  /** Never throws, and never waits: what the disk is too slow for is left out. */
  record(item: RecordedItem): void;
  /** Why nothing is written any more. */
  readonly failure: string | undefined;
  /** Lines that were left out. */
  readonly skipped: number;
  /** Writes what is left. A recording without an answer, which nothing could be shown of, is taken away. */
  close(): Promise<void>;
}

/** Waiting for the disk at most. */
const mostWaiting = 32 * 1024 * 1024;

/** A recording in a new file, for its owner alone. Rejects with `ClientError` where the file cannot be made, or exists. */
export async function createRecorder(
  file: string,
  { now = () => performance.now() }: { readonly now?: () => number } = {},
): Promise<Recorder> {
  const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw new ClientError('usage', `cannot record to ${file}: ${error.message}`);
    throw new ClientError('usage', `${file} exists`, { hint: 'a recording overwrites nothing: name a new file' });
  });
  const stream = handle.createWriteStream();
  const startedMs = now();
  let failure: string | undefined;
  let skipped = 0;
  let hasAnswer = false;
  stream.on('error', (error) => {
    failure ??= error.message;
  });
  const header: RecordingHeader = { schema: recordingSchema, version: version(), startedAt: Date.now() };
  stream.write(`${JSON.stringify(header)}\n`);
  return {
    record(item) {
      if (failure !== undefined || stream.writableEnded) return;
      if (stream.writableLength > mostWaiting) skipped++;
      else {
        hasAnswer ||= item.type === 'sample';
        stream.write(`${JSON.stringify({ at: Math.round(now() - startedMs), ...item })}\n`);
      }
    },
    get failure() {
      return failure;
    },
    get skipped() {
      return skipped;
    },
    async close() {
      if (!stream.destroyed) {
        const closed = new Promise((resolve) => stream.once('close', resolve));
        stream.end();
        await closed;
      }
      if (!hasAnswer) await rm(file, { force: true });
    },
  };
}
