import { resolve } from 'node:path';
import type { LogFiles } from '../app/node.ts';
import type { Config } from '../config/schema.ts';
import { createLineWriter, createLogger, type Logger } from '../telemetry/log.ts';
import { createLogFile, type LogFile } from '../telemetry/log-file.ts';
import { createLogOutput } from '../telemetry/log-output.ts';
import type { LossListener } from '../telemetry/lost-lines.ts';
import { sanitizeLine } from '../util/control-characters.ts';
import type { CliContext } from './context.ts';

/** The log of a node, and what is below it. */
export interface ServeLog {
  readonly log: Logger;
  /** Lines go to standard output. */
  readonly isOnOutput: boolean;
  readonly hasFiles: boolean;
  readonly files: LogFiles;
  /** Writes a JSON line of another process' log. */
  readonly passOn: (line: string) => void;
  close(): Promise<void>;
}

/** `config` is read when a file is opened. */
export function openServeLog(context: CliContext, config: Config['log']): ServeLog {
  const told = (what: string): LossListener => ({
    onLosing: (reason) => {
      context.stderr.write(`${sanitizeLine(`${what} cannot be written, so lines are lost: ${reason}`)}\n`);
    },
    onRecovered: (lost) => log.warn({ lost }, `${what} can be written again; lines were lost`),
  });
  const onFile = (name: string | undefined): LogFile | undefined => {
    if (name === undefined) return undefined;
    const path = resolve(name);
    return createLogFile({
      path,
      get maxBytes() {
        return config.maxSizeBytes;
      },
      get maxFiles() {
        return config.maxFiles;
      },
      ...told(`the log file ${path}`),
    });
  };
  const file = onFile(config.file);
  const errorFile = onFile(config.errorFile);
  const files = [file, errorFile].filter((each) => each !== undefined);
  const main = file ?? createLogOutput(context.stdout, told('standard output'));
  const isTerminal = file === undefined && context.stdout.isTTY === true;
  const isPretty = config.format === 'pretty' || (config.format === 'auto' && isTerminal);
  const stream = {
    format: isPretty ? 'pretty' : 'json',
    colour: isTerminal && context.globals.color && !context.env['NO_COLOR'],
    destination: main,
    errorDestination: errorFile,
  } as const;
  const log = createLogger({ ...stream, level: config.level });
  return {
    log,
    isOnOutput: file === undefined,
    hasFiles: files.length > 0,
    passOn: createLineWriter(stream),
    files: {
      lost: () => ({
        [file === undefined ? 'output' : 'file']: main.lost,
        ...(errorFile !== undefined && { errorFile: errorFile.lost }),
      }),
      reopen: () => {
        for (const each of files) each.reopen();
      },
    },
    close: async () => {
      await Promise.all([main.close(), errorFile?.close()]);
      context.abandonOutput();
    },
  };
}
