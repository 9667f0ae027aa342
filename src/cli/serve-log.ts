import { resolve } from 'node:path';
import type { Config } from '../config/schema.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import { createLogFile, type LogFile } from '../telemetry/log-file.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import type { CliContext } from './context.ts';

/** The log of a node, and the files below it. */
export interface ServeLog {
  readonly log: Logger;
  /** Lines go to standard output. */
  readonly isOnOutput: boolean;
  /** Undefined where there are no files. */
  readonly reopen: (() => void) | undefined;
  close(): Promise<void>;
}

export function openServeLog(context: CliContext, config: Config['log']): ServeLog {
  const onFile = (path: string | undefined): LogFile | undefined => {
    if (path === undefined) return undefined;
    const file = resolve(path);
    return createLogFile({
      path: file,
      maxBytes: config.maxSizeBytes,
      maxFiles: config.maxFiles,
      onLosing: (reason) => {
        const line = `the log file ${file} cannot be written, so lines are lost: ${reason}`;
        context.stderr.write(`${sanitizeLine(line)}\n`);
      },
      onRecovered: (lost) => log.warn({ file, lost }, 'the log file can be written again; lines were lost'),
    });
  };
  const main = onFile(config.file);
  const errors = onFile(config.errorFile);
  const files = [main, errors].filter((file) => file !== undefined);
  const isTerminal = main === undefined && context.stdout.isTTY === true;
  const isPretty = config.format === 'pretty' || (config.format === 'auto' && isTerminal);
  const log = createLogger({
    level: config.level,
    format: isPretty ? 'pretty' : 'json',
    colour: isTerminal && context.globals.color && !context.env['NO_COLOR'],
    destination: main ?? { write: (line) => void context.stdout.write(line) },
    errorDestination: errors,
  });
  const reopen = () => {
    for (const file of files) file.reopen();
    log.info('log files opened again');
  };
  return {
    log,
    isOnOutput: main === undefined,
    reopen: files.length === 0 ? undefined : reopen,
    close: async () => void (await Promise.all(files.map((file) => file.close()))),
  };
}
