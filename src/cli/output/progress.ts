import { sanitizeLine } from '../../util/control-characters.ts';
import type { CliOutput } from '../context.ts';

const barCells = 24;
/** Where there is no terminal, a line is written when so much more has been done. */
const toldStep = 0.1;

/** How far something is: a bar that is drawn over itself on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** `done` from 0 to 1. */
  show(done: number, text: string): void;
  /** Takes the bar away. */
  clear(): void;
}

export function createProgress(stderr: Pick<CliOutput, 'write' | 'isTTY' | 'columns'>, isQuiet = false): Progress {
  if (isQuiet) return { show: () => {}, clear: () => {} };
  if (stderr.isTTY === true) return createBar(stderr);
  let told: number | undefined;
  let toldText = '';
  return {
    show(done, text) {
      if (text === toldText || (told !== undefined && done < 1 && done - told < toldStep)) return;
      told = done;
      toldText = text;
      stderr.write(`${sanitizeLine(text)}\n`);
    },
    clear: () => {},
  };
}

function createBar(stderr: Pick<CliOutput, 'write' | 'columns'>): Progress {
  let drawn = '';
  const draw = (line: string) => {
    if (line !== drawn) stderr.write(`\r\x1b[2K${line}`);
    drawn = line;
  };
  return {
    show(done, text) {
      const filled = Math.round(Math.min(1, Math.max(0, done)) * barCells);
      const bar = `[${'#'.repeat(filled)}${'-'.repeat(barCells - filled)}]`;
      draw(`${bar} ${sanitizeLine(text)}`.slice(0, (stderr.columns || 80) - 1));
    },
    clear: () => draw(''),
  };
}
