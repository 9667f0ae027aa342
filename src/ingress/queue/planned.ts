import type { PushListItem } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import { decodeBody } from '../../wire/pub/decode-body.ts';
import type { DoorOptions } from './options.ts';
import { planPublication } from './plan.ts';
import type { QueueRecord } from './source.ts';

/** What one record asks for: most are for one system. */
export type Planned = ReadonlyMap<string, readonly PushListItem[]>;

type Rules = Pick<DoorOptions, 'name' | 'system' | 'trusted' | 'newMessageId' | 'limits'>;

/** Reads the record. Throws `bad_request` naming the field, and nothing else. */
export function planRecord({ body, headers, defect }: QueueRecord, rules: Rules): Planned {
  const { limits, newMessageId } = rules;
  if (defect !== undefined) throw wrong(defect);
  if (body.length > limits.recordBytes) {
    throw wrong(`the record has ${body.length} bytes; at most ${limits.recordBytes} are allowed (limits.body)`);
  }
  const publications = decodeBody(body, { batch: limits.batch, jsonDepth: limits.jsonDepth, newMessageId });
  const [only] = publications;
  if (only !== undefined && publications.length === 1) {
    return new Map([[systemOf(only, headers?.system, rules), planPublication(only, limits)]]);
  }
  const planned = new Map<string, PushListItem[]>();
  for (const publication of publications) {
    const system = systemOf(publication, headers?.system, rules);
    const items = planned.get(system);
    if (items === undefined) planned.set(system, planPublication(publication, limits));
    else items.push(...planPublication(publication, limits));
  }
  return planned;
}

interface Naming {
  readonly at: string;
  readonly form: 'act' | 'push';
  readonly system: string | undefined;
}

function systemOf({ at, form, system: inBody }: Naming, inHeader: string | undefined, rules: Rules): string {
  const field = `${at}${form === 'act' ? 'system' : 'systemId'}`;
  if (inBody === undefined && inHeader === undefined) return rules.system;
  if (inBody !== undefined && inHeader !== undefined && inBody !== inHeader) {
    throw wrong(`${field} is ${quote(inBody)}, and the header beside the body names ${quote(inHeader)}`, field);
  }
  const named = inBody ?? inHeader ?? '';
  const where = inBody === undefined ? 'system' : field;
  if (named === '') throw wrong(`${where} must not be empty`, where);
  const { idBytes } = rules.limits;
  if (Buffer.byteLength(named) > idBytes)
    throw wrong(`${where} is longer than ${idBytes} bytes (limits.idBytes)`, where);
  if (!rules.trusted && named !== rules.system) {
    throw wrong(
      `${where} names ${quote(named)}, and the door ${rules.name} is bound to ${quote(rules.system)}`,
      where,
      'a door that is trusted may be told the system',
    );
  }
  return named;
}

/** As it can stand in a reason. */
function quote(name: string): string {
  return JSON.stringify(name.length <= 64 ? name : `${name.slice(0, 64)}…`);
}

function wrong(message: string, field?: string, hint?: string): YunqueError {
  return new YunqueError('bad_request', message, {
    ...(field !== undefined && { field }),
    ...(hint !== undefined && { hint }),
  });
}
