import { YunqueError } from '../../api/errors.ts';
import { isArray, isString, unquote } from '../../util/raw-json.ts';
import { readObject } from './json-body.ts';
import type { HttpLimits } from './options.ts';
import type { Wording } from './wording.ts';

export interface FieldRules {
  readonly wording: Wording;
  readonly limits: HttpLimits;
}

/** Reads a JSON object's text. Throws `MalformedBody`. */
export function readFields(body: unknown, rules: FieldRules): JsonFields {
  return new JsonFields(readObject(body, rules.limits.jsonDepth), rules);
}

/**
 * The members of a JSON object by name, each still as the text the sender wrote. `null` counts as absent, as it does for
 * Go's decoder; no type is ever turned into another. What is wrong throws `bad_request` with the field's name.
 */
export class JsonFields {
  readonly members: ReadonlyMap<string, string>;
  readonly #rules: FieldRules;

  constructor(members: ReadonlyMap<string, string>, rules: FieldRules) {
    this.members = members;
    this.#rules = rules;
  }

  /** The member's text, byte for byte; undefined where absent or `null`. */
  raw(name: string): string | undefined {
    const raw = this.members.get(name);
    return raw === 'null' ? undefined : raw;
  }

  string(name: string): string | undefined {
    const raw = this.raw(name);
    if (raw === undefined) return undefined;
    if (!isString(raw)) throw this.#wrong(name, this.#rules.wording.wrongType(name, 'string'));
    return unquote(raw);
  }

  /** Not empty, and not longer than an id may be. */
  id(name: string): string {
    return this.optionalId(name) ?? this.missing(name);
  }

  /** The empty string counts as absent. */
  optionalId(name: string): string | undefined {
    const value = this.string(name);
    return value === undefined || value === '' ? undefined : this.#checked(name, value);
  }

  ids(name: string): string[] {
    const raw = this.raw(name) ?? this.missing(name);
    const values: unknown = isArray(raw) ? JSON.parse(raw) : undefined;
    if (!isStrings(values)) throw this.#wrong(name, this.#rules.wording.wrongType(name, 'strings'));
    const { batch } = this.#rules.limits;
    if (values.length > batch) throw this.#wrong(name, this.#rules.wording.tooMany(name, batch));
    for (const value of values) this.#checked(name, value);
    return values;
  }

  missing(name: string): never {
    throw this.#wrong(name, this.#rules.wording.missing(name));
  }

  #checked(name: string, id: string): string {
    if (isLongerThan(id, this.#rules.limits.idBytes)) {
      throw this.#wrong(name, this.#rules.wording.tooLong(name, this.#rules.limits.idBytes));
    }
    return id;
  }

  #wrong(field: string, message: string): YunqueError {
    return new YunqueError('bad_request', message, { field });
  }
}

export function isLongerThan(id: string, maxBytes: number): boolean {
  return id.length * 3 > maxBytes && Buffer.byteLength(id) > maxBytes;
}

function isStrings(values: unknown): values is string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}
