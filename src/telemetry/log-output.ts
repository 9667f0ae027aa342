import { fstatSync, writeSync } from 'node:fs';
import { createLostLines, type LossListener } from './lost-lines.ts';

/** Standard output, or a stream of a test. */
export interface OutputStream {
  write(text: string, onWritten?: (error?: Error | null) => void): unknown;
  readonly fd?: number | undefined;
  readonly isTTY?: boolean | undefined;
  readonly writableLength?: number | undefined;
}

/** Standard output for log lines: never throws, and never grows in memory: what cannot be written is counted. */
export interface LogOutput {
  write(line: string): void;
  /** Resolves when everything is written, or after a second. */
  close(): Promise<void>;
  /** Lines since the start that could not be written. */
  readonly lost: number;
}

const maxWaitingBytes = 1024 * 1024;
const closeMs = 1000;
const pollMs = 10;

export function createLogOutput(stream: OutputStream, listener: LossListener): LogOutput {
  const lines = createLostLines(listener);
  const waiting = () => stream.writableLength ?? 0;
  const fd = fileBehind(stream);

  /** A file: the stream would end for ever with the first error, and a full disk does not stay full. */
  function writeToFile(file: number, line: string): void {
    try {
      writeSync(file, line);
      lines.wrote();
    } catch (error) {
      lines.lose((error as Error).message);
    }
  }

  function writeToStream(line: string): void {
    if (waiting() > maxWaitingBytes) lines.lose('nobody reads it');
    else stream.write(line, onWritten);
  }

  /** Lines are lost until half of what waits has been read: else it would begin and end with every other line. */
  function onWritten(error?: Error | null): void {
    if (error) lines.lose(error.message);
    else if (waiting() <= maxWaitingBytes / 2) lines.wrote();
  }

  return {
    write: fd === undefined ? writeToStream : (line) => writeToFile(fd, line),
    async close() {
      const deadline = performance.now() + closeMs;
      while (waiting() > 0) {
        if (performance.now() > deadline) return;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
    get lost() {
      return lines.count;
    },
  };
}

/** Undefined for terminals, pipes and sockets. */
function fileBehind({ fd, isTTY }: OutputStream): number | undefined {
  if (fd === undefined || isTTY === true) return undefined;
  const about = fstatSync(fd);
  return about.isFIFO() || about.isSocket() ? undefined : fd;
}
