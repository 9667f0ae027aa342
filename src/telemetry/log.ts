import { type DestinationStream, type Logger, pino } from 'pino';
import { escapeControls, escapeControlsOfJson } from '../util/control-characters.ts';

export type { Logger } from 'pino';

const levelNames: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const levelColours: Readonly<Record<number, number>> = { 10: 90, 20: 90, 30: 32, 40: 33, 50: 31, 60: 31 };
const secrets = ['token', 'key', 'password', 'authorization', '*.token', '*.key', '*.password', '*.authorization'];

export interface LogStreamOptions {
  readonly format: 'json' | 'pretty';
  readonly colour?: boolean;
  readonly destination: DestinationStream;
  /** Gets the lines of level error and fatal as well. */
  readonly errorDestination?: DestinationStream | undefined;
}

/** For lines that another process' `createLogger` has made as JSON: they are written as its own would be here. */
export function createLineWriter({ format, colour = false, destination, errorDestination }: LogStreamOptions) {
  const formed = (to: DestinationStream) => (format === 'pretty' ? readable(to, colour) : escaped(to));
  const main = formed(destination);
  const errors = errorDestination && formed(errorDestination);
  return (line: string): void => {
    const level = /^{"level":(\d+)/.exec(line)?.[1];
    // Not a line of a log: a broken end.
    if (level === undefined) return;
    main.write(`${line}\n`);
    if (Number(level) >= 50) errors?.write(`${line}\n`);
  };
}

/** JSON lines, or one readable line each. Secrets are masked and control characters escaped in both. */
export function createLogger(
  options: LogStreamOptions & {
    readonly level: string;
    /** On every line. */
    readonly node?: string;
  },
): Logger {
  const { destination, errorDestination, format, colour = false } = options;
  const formed = (to: DestinationStream) => (format === 'pretty' ? readable(to, colour) : escaped(to));
  const stream =
    errorDestination === undefined
      ? formed(destination)
      : pino.multistream([
          { level: 'trace', stream: formed(destination) },
          { level: 'error', stream: formed(errorDestination) },
        ]);
  return pino(
    {
      level: options.level,
      base: options.node === undefined ? null : { node: options.node },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secrets, censor: '***' },
    },
    stream,
  );
}

/** JSON escapes C0 by itself; C1, DEL and the line separators still reach a terminal, so they are escaped here. */
function escaped(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(escapeControlsOfJson(line)) };
}

/** Not pino-pretty, which prints what the JSON held unescaped: a uid could then move the operator's cursor. */
function readable(destination: DestinationStream, colour: boolean): DestinationStream {
  return {
    write: (line) => {
      const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const name = (levelNames[level as number] ?? 'info').toUpperCase().padEnd(5);
      const shown = colour ? `\u001b[${levelColours[level as number] ?? 0}m${name}\u001b[0m` : name;
      const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${fieldText(value)}`);
      destination.write(
        `${String(time).slice(11, 23)} ${shown} ${escapeControls(String(msg ?? ''))}${fields.join('')}\n`,
      );
    },
  };
}

function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return escapeControls(/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text));
}
