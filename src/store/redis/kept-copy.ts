import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { StartError } from '../../util/start-error.ts';
import { nothingStored, StoreTables } from '../replica/tables.ts';
import type { KeptHistory } from './history.ts';
import { missingFrom } from './merge.ts';
import { readChanges, writeChanges } from './records.ts';

/** Another number is refused where it is greater: there is no older one yet. */
const fileSchema = 1;
/** The newest changes are kept as such: who gives less back is told them, a key that was taken away above all. */
export const stepsKept = 200;
const retryMs = 10_000;
const leastPauseMs = 100;

export interface Known {
  readonly tables: StoreTables;
  readonly history: KeptHistory;
}

export interface KeptCopyOptions {
  /** In the data directory. */
  readonly file: string;
  /** Why it cannot be written; undefined: it can again. */
  readonly onFailure?: (failure: string | undefined) => void;
  /** It was no good, and is `path` now. */
  readonly onSetAside?: (path: string, reason: string) => void;
}

/**
 * What this node knows of systems, keys (their digests) and bans, in a file (0600) that is complete at any time: a line with the schema and the
 * SHA-256 of the rest, and JSON. It is behind by some milliseconds, and of a great many records by a twentieth of the time.
 */
export class KeptCopy {
  readonly #options: KeptCopyOptions;
  #damage: string | undefined;
  #make: (() => Known) | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: string | undefined;
  #isClosed = false;

  constructor(options: KeptCopyOptions) {
    this.#options = options;
  }

  /** Why the file is no good; undefined: it is, or there is none. */
  get damage(): string | undefined {
    return this.#damage;
  }

  get file(): string {
    return this.#options.file;
  }

  /** Undefined: nothing is known. Throws `StartError` (78) for what a newer version wrote. */
  read(): Known | undefined {
    const { file } = this.#options;
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unreadable(file, error as Error);
    }
    try {
      return parseKnown(file, text);
    } catch (error) {
      if (error instanceof StartError) throw error;
      this.#damage = (error as Error).message;
      return undefined;
    }
  }

  /** Soon; of several times in a row the last. A damaged file is set aside first. Never throws: what fails is told, and tried again. */
  save(make: () => Known): void {
    this.#make = make;
    if (this.#writing === undefined && this.#timer === undefined && !this.#isClosed) this.#writing = this.#write();
  }

  /** What was to be saved is, or cannot be. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    if (this.#make !== undefined) await this.#write();
  }

  async #write(): Promise<void> {
    const begun = performance.now();
    const make = this.#make;
    this.#make = undefined;
    // After what the caller still has to do.
    await undefined;
    let pauseMs = retryMs;
    try {
      await this.#setAside();
      if (make !== undefined) await replaceFile(this.#options.file, formatKnown(make()));
      pauseMs = Math.max(leastPauseMs, 20 * (performance.now() - begun));
      this.#fail(undefined);
    } catch (error) {
      this.#make ??= make;
      this.#fail((error as Error).message);
    }
    this.#writing = undefined;
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#make !== undefined) this.#writing = this.#write();
    }, pauseMs).unref();
  }

  async #setAside(): Promise<void> {
    if (this.#damage === undefined) return;
    const aside = `${this.#options.file}.damaged`;
    await rename(this.#options.file, aside);
    this.#options.onSetAside?.(aside, this.#damage);
    this.#damage = undefined;
  }

  #fail(failure: string | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.#options.onFailure?.(failure);
  }
}

function formatKnown({ tables, history }: Known): string {
  const { steps, ...more } = history;
  const content = JSON.stringify({
    ...more,
    tables: writeChanges(missingFrom(new StoreTables(nothingStored), tables, 0)),
    steps: steps.map(({ changes, ...step }) => ({ ...step, changes: writeChanges(changes) })),
  });
  return `${JSON.stringify({ schema: fileSchema, sha256: digestOf(content) })}\n${content}\n`;
}

/** Throws where it is damaged. */
function parseKnown(file: string, text: string): Known {
  const end = text.indexOf('\n');
  const header = JSON.parse(text.slice(0, end)) as { readonly schema: number; readonly sha256: string };
  if (header.schema > fileSchema) throw newer(file, header.schema);
  const content = text.slice(end + 1, -1);
  if (header.schema !== fileSchema || digestOf(content) !== header.sha256) throw new Error('its checksum is wrong');
  const { position, lineage, tables: records, steps } = JSON.parse(content) as KeptContent;
  const tables = new StoreTables(nothingStored);
  for (const change of readChanges(records)) tables.apply(change);
  const read = steps.map(({ changes, ...step }) => ({ ...step, changes: readChanges(changes) }));
  return { tables, history: { position, lineage, steps: read } };
}

interface KeptContent extends Omit<KeptHistory, 'steps'> {
  readonly tables: string;
  readonly steps: readonly { readonly revision: number; readonly head: string; readonly changes: string }[];
}

/** Complete or as it was, also after a crash. */
async function replaceFile(file: string, text: string): Promise<void> {
  const unfinished = `${file}.unfinished`;
  const handle = await open(unfinished, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function newer(file: string, schema: number): StartError {
  return new StartError(`${file} was written by a newer yunque (schema ${schema}, this one knows ${fileSchema})`, {
    hint: 'start the newer version, or name another data directory with --data-dir',
    exitCode: 78,
  });
}

function unreadable(file: string, cause: Error): StartError {
  return new StartError(`cannot read ${file}: ${cause.message}`, { hint: 'check its owner and its mode', cause });
}
