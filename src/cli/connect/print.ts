import type { CloseMeaning } from '../../api/close-code.ts';
import type { Dialect } from '../../api/dialect.ts';
import { escapeControlsOfJson, sanitizeLine } from '../../util/control-characters.ts';
import type { Printer } from '../output/printer.ts';
import type { HeardFrame } from './dialects.ts';

/** Prints frames, one a line: an object with `schema` as JSON, else a time, the kind of frame, and the frame. */
export interface FramePrinter {
  frame(frame: HeardFrame): void;
  closed(code: number, reason: string, meaning: CloseMeaning): void;
}

export function createFramePrinter(printer: Printer, dialect: Dialect): FramePrinter {
  // Put together as text: the frame's own JSON goes through byte for byte, whatever numbers it has in it.
  const jsonLine = (type: string, members: string) =>
    printer.raw(
      `${escapeControlsOfJson(`{"schema":"yunque.frame/1","time":${Date.now()},"dialect":${JSON.stringify(dialect)},"type":"${type}",${members}}`)}\n`,
    );
  return {
    frame({ type, json }) {
      if (printer.isJson) jsonLine(type, `"frame":${json}`);
      else printer.raw(`${new Date().toTimeString().slice(0, 8)} ${type.padEnd(8)} ${sanitizeLine(json)}\n`);
    },
    closed(code, reason, { name, retryable }) {
      if (!printer.isJson) return;
      jsonLine(
        'closed',
        `"code":${code},"name":${JSON.stringify(name)},"reason":${JSON.stringify(reason)},"retryable":${retryable}`,
      );
    },
  };
}
