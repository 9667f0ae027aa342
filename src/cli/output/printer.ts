import { escapeControlsOfJson, isPrintableAscii, sanitizeLine } from '../../util/control-characters.ts';
import { csvRecord } from './csv.ts';
import type { OutputFormat } from './formats.ts';
import type { Column } from './table.ts';

/** How one kind of row is shown. */
export interface Listing<T> {
  /** Of the whole list, `yunque.clients/1`. */
  readonly schema: string;
  /** Of one row, `yunque.client/1`. */
  readonly rowSchema: string;
  readonly columns: readonly Column<T>[];
  /** The columns of csv and plain, by the names JSON and `--where` use. */
  readonly fields: readonly (keyof T & string)[];
}

export interface ListPart<T> {
  readonly items: readonly T[];
  readonly total?: number;
  readonly cursor?: string;
  /** Nodes whose rows are not among them. */
  readonly missingNodes?: readonly string[];
}

export interface PrinterOptions {
  readonly format: OutputFormat;
  /** Columns of the terminal; undefined in a pipe. */
  readonly width: number | undefined;
  readonly color: boolean;
  readonly write: (text: string) => void;
  /** Told after a table that had no room for so many of its columns. */
  readonly onHidden?: (columns: number) => void;
}

export interface RecordForms {
  /** The lines for people; absent: every field, the empty ones left out. */
  readonly shown?: readonly (readonly [string, string])[];
  /** The columns of csv and plain where some fields of the value may be missing; absent: those it has. */
  readonly fields?: readonly string[];
}

/** Writes results to standard output, in the form the operator chose. */
export interface Printer {
  readonly format: OutputFormat;
  readonly isJson: boolean;
  /** A list at once. */
  list<T extends object>(listing: Listing<T>, part: ListPart<T>): Promise<void>;
  /** One thing: `name  value` lines for people, one object as JSON. */
  record(schema: string, value: object, forms?: RecordForms): Promise<void>;
  /** One line of a stream: `value` as JSON, else `text`. */
  line(schema: string, value: object, text: string): void;
  /** Text as it is, whatever the format; the caller vouches for it. */
  raw(text: string): void;
}

/** Of the line that ends an ndjson list from which nodes are missing. */
const missingSchema = 'yunque.missing-nodes/1';

export function createPrinter(options: PrinterOptions): Printer {
  const { format, write } = options;
  const bold = options.color ? (text: string) => `\u001b[1m${text}\u001b[22m` : undefined;
  const json = (schema: string, value: object) => `${escapeControlsOfJson(JSON.stringify({ schema, ...value }))}\n`;
  /** What is not whole says so in its last line. */
  const ndjson = (rowSchema: string, { items, missingNodes }: ListPart<object>) =>
    items.map((item) => json(rowSchema, item)).join('') +
    (missingNodes === undefined ? '' : json(missingSchema, { missingNodes }));
  return {
    format,
    isJson: format === 'json' || format === 'ndjson',
    raw: write,
    line: (schema, value, text) =>
      write(format === 'json' || format === 'ndjson' ? json(schema, value) : `${sanitizeLine(text)}\n`),

    async list(listing, part) {
      const { fields, columns, schema, rowSchema } = listing;
      const values = (row: (typeof part.items)[number]) => fields.map((field) => flat(row[field]));
      if (format === 'json') write(json(schema, part));
      else if (format === 'ndjson') write(ndjson(rowSchema, part));
      else if (format === 'csv') write(csvRecord(fields) + part.items.map((item) => csvRecord(values(item))).join(''));
      else if (format === 'plain')
        write(part.items.map((item) => `${values(item).map(sanitizeLine).join('\t')}\n`).join(''));
      else {
        const { renderTable } = await import('./table.ts');
        const { lines, hidden } = renderTable(columns, part.items, { width: options.width, bold });
        write(`${lines.join('\n')}\n`);
        if (hidden > 0) options.onHidden?.(hidden);
      }
    },

    async record(schema, value, { shown, fields } = {}) {
      const present = Object.entries(value).filter(([, each]) => each !== undefined);
      const pairs = fields === undefined ? present : fields.map((name) => [name, Reflect.get(value, name)] as const);
      if (format === 'json' || format === 'ndjson') write(json(schema, value));
      else if (format === 'csv')
        write(csvRecord(pairs.map(([name]) => name)) + csvRecord(pairs.map(([, each]) => flat(each))));
      else if (format === 'plain')
        write(pairs.map(([name, each]) => `${name}\t${sanitizeLine(flat(each))}\n`).join(''));
      else {
        const all = shown ?? present.map(([name, each]) => [name, readable(name, each)] as const);
        const lines = all.filter(([, text]) => text !== '');
        const isPlain = lines.every(([name]) => isPrintableAscii(name));
        const widthOf = isPlain ? (name: string) => name.length : (await import('../../util/text-width.ts')).widthOf;
        const width = Math.max(0, ...lines.map(([name]) => widthOf(name)));
        write(
          lines
            .map(
              ([name, text]) => `${`${name}${' '.repeat(width - widthOf(name))}  ${sanitizeLine(text)}`.trimEnd()}\n`,
            )
            .join(''),
        );
      }
    },
  };
}

/** A value as one cell: lists by spaces, objects as JSON, nothing as nothing. */
function flat(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(flat).join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function readable(name: string, value: unknown): string {
  if (name.endsWith('At') && typeof value === 'number') return new Date(value).toISOString();
  return flat(value);
}
