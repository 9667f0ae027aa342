import { existsSync, renameSync, statSync } from 'node:fs';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import { createLostLines, type LossListener } from './lost-lines.ts';

/** Read whenever the file is opened. */
export interface LogFileOptions extends LossListener {
  readonly path: string;
  /** The file is turned when it has grown to this, and at midnight. */
  readonly maxBytes: number;
  /** Older files kept: `path.1` is the youngest. */
  readonly maxFiles: number;
}

/** A file for log lines, which never throws, never blocks and never grows in memory: what cannot be written is counted. */
export interface LogFile {
  write(line: string): void;
  /** Opens the path anew, for a file that was moved away. */
  reopen(): void;
  /** Resolves when everything is written, or after a second. */
  close(): Promise<void>;
  /** Lines since the start that could not be written. */
  readonly lost: number;
}

const maxWaitingBytes = 4 * 1024 * 1024;
const retryMs = 1000;
const closeMs = 1000;

export function createLogFile(options: LogFileOptions): LogFile {
  let stream: RotatingFileStream | undefined;
  let retryAt = Number.NEGATIVE_INFINITY;
  const lines = createLostLines(options);
  /** Of streams that still write what they were given. */
  const closing = new Set<Promise<void>>();
  const open = () => {
    const { path, maxBytes, maxFiles } = options;
    turnOfEarlierDay(path, maxFiles);
    const opened = createStream(path, { size: `${maxBytes}B`, interval: '1d', rotate: maxFiles, mode: 0o600 });
    // Its lines are counted one by one where they were written. It is of no more use: a broken stream stays broken.
    opened.on('error', () => {
      if (stream !== opened) return;
      stream = undefined;
      retryAt = performance.now() + retryMs;
    });
    return opened;
  };
  const release = () => {
    if (stream === undefined) return;
    const end = closed(stream).then(() => void closing.delete(end));
    closing.add(end);
    stream = undefined;
  };
  return {
    write(line) {
      if (stream === undefined && performance.now() < retryAt) return lines.lose('it cannot be opened');
      stream ??= open();
      if (stream.writableLength > maxWaitingBytes) return lines.lose('the disk is too slow');
      stream.write(line, (error) => {
        if (error) lines.lose(error.message);
        else lines.wrote();
      });
    },
    reopen() {
      release();
      retryAt = Number.NEGATIVE_INFINITY;
    },
    async close() {
      release();
      await Promise.all(closing);
    },
    get lost() {
      return lines.count;
    },
  };
}

/** The library turns files at midnight only where it runs then (`initialRotation` is of no effect with `rotate`). */
function turnOfEarlierDay(path: string, maxFiles: number): void {
  try {
    const about = statSync(path, { throwIfNoEntry: false });
    if (about?.isFile() !== true || about.mtime.toDateString() === new Date().toDateString()) return;
    const name = (index: number) => (index === 0 ? path : `${path}.${index}`);
    for (let index = maxFiles; index > 0; index -= 1) {
      if (existsSync(name(index - 1))) renameSync(name(index - 1), name(index));
    }
  } catch {
    // The first line that is written says what is wrong.
  }
}

function closed(stream: RotatingFileStream): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, closeMs);
    const settle = () => {
      clearTimeout(timer);
      resolve();
    };
    if (stream.closed) return settle();
    stream.once('close', settle);
    stream.end();
  });
}
