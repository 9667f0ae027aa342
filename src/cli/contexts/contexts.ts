import { CliError } from '../cli-error.ts';

/** A server with all that is needed to talk to it, under a name. Files are absolute paths; no secret is in it. */
export interface ServerContext {
  /** As after `-s`. */
  readonly server: string;
  readonly system?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
}

/** What the file of contexts holds. */
export interface Contexts {
  /** The one that is used where no server and no context is named. */
  readonly current: string | undefined;
  readonly byName: ReadonlyMap<string, ServerContext>;
}

export const contextFields = [
  'server',
  'system',
  'keyFile',
  'caFile',
] as const satisfies readonly (keyof ServerContext)[];

export const noContexts: Contexts = { current: undefined, byName: new Map() };

/** Letters and digits of any script; nothing that a shell or a path would take for more than a name. */
export function isContextName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(name);
}

/** Reads the text of the file. Throws `CliError` (exit 78) that says the line, or the field, and what was expected there. */
export function parseContexts(text: string, file: string): Contexts {
  const whole = objectOf(parseJson(text, file), { file, field: 'the file' }, ['current', 'contexts']);
  const byName = new Map<string, ServerContext>();
  const at = { file, field: 'contexts' };
  for (const [name, value] of Object.entries(objectOf(whole['contexts'] ?? {}, at))) {
    const field = `contexts.${JSON.stringify(name)}`;
    if (!isContextName(name)) throw wrong({ file, field }, 'a name of letters, digits, ".", "_" and "-"', name);
    byName.set(name, contextOf(value, { file, field }));
  }
  const current = whole['current'];
  if (current === undefined) return { current, byName };
  const place = { file, field: 'current' };
  if (typeof current !== 'string') throw wrong(place, 'the name of a context', current);
  if (!byName.has(current))
    throw wrong(place, `one of its contexts (${[...byName.keys()].join(', ') || 'it has none'})`, current);
  return { current, byName };
}

/** The text that `parseContexts` reads. */
export function formatContexts({ current, byName }: Contexts): string {
  return `${JSON.stringify({ current, contexts: Object.fromEntries(byName) }, undefined, 2)}\n`;
}

interface Place {
  readonly file: string;
  readonly field: string;
}

function contextOf(value: unknown, place: Place): ServerContext {
  const object = objectOf(value, place, contextFields);
  for (const [name, each] of Object.entries(object)) {
    if (typeof each === 'string' && each !== '') continue;
    throw wrong({ ...place, field: `${place.field}.${name}` }, 'a text that is not empty', each);
  }
  if (object['server'] === undefined)
    throw wrong({ ...place, field: `${place.field}.server` }, 'a server as after -s', undefined);
  return object as unknown as ServerContext;
}

function objectOf(value: unknown, place: Place, known?: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(place, 'an object', value);
  for (const name of Object.keys(value)) {
    // A key written in here by hand would be read by nobody, and lie open.
    if (known?.includes(name) === false) throw wrong(place, `no fields but ${known.join(', ')}`, name);
  }
  return value as Record<string, unknown>;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const told = /\(line (\d+) column (\d+)\)/.exec(message);
    const place = told === null ? String(text.split('\n').length) : `${told[1]}:${told[2]}`;
    throw bad(
      `${file}:${place}: this is not JSON: ${message.replace(/ in JSON at position .*$/s, '').replace(/\s+/g, ' ')}`,
    );
  }
}

function wrong({ file, field }: Place, expected: string, found: unknown): CliError {
  const shown = found === undefined ? 'nothing' : JSON.stringify(found)?.slice(0, 80);
  return bad(`${file}: ${field}: expected ${expected}, found ${shown}`);
}

function bad(message: string): CliError {
  return new CliError(message, {
    exit: 78,
    hint: 'mend the file, or move it away and add its contexts again with `yunque ctx add`',
  });
}
