import { isUtf8 } from 'node:buffer';
import { YunqueError } from '../../api/errors.ts';
import { nearest, suggestion } from '../../config/nearest.ts';
import { faultOfJson } from '../../util/json-faults.ts';
import { isArray, isObject, isString, skipValue, splitObject, unquote, walkArray } from '../../util/raw-json.ts';
import { clip, int64Of, notAnObject, type RawFields, readString, wrong } from '../json-fields.ts';
import { findMessageProtos, parsePushFields } from '../message-json.ts';
import { tooManyMessages } from './proto-publication.ts';
import {
  type ActPublication,
  type Publication,
  type PublicationRules,
  type PushPublication,
  type PushReceivers,
  type SendAct,
  sendActs,
  sendTypes,
} from './publication.ts';

const actFields = ['Uid', 'Sid', 'Cid', 'msg', 'act', 'type', 'system'] as const;
const receiverFields = ['clientId', 'clientIds', 'groupName'] as const;
const pushFields = ['systemId', ...receiverFields, 'sendUserId', 'code', 'msg', 'data'] as const;

/**
 * One MessagesPubProto or one push of go-websocket as a JSON object, or several of them as an array. Fields of neither are refused, so that a name that is mistyped never
 * means everyone; those of a MessageProto are read as `POST /send` reads them. Throws `bad_request` naming the field.
 */
export function parsePublications(body: Buffer, rules: PublicationRules): Publication[] {
  if (!isUtf8(body)) throw new YunqueError('bad_request', 'the body is not UTF-8; compressed bodies are not taken');
  const text = body.toString();
  let publications: Publication[];
  try {
    publications = isArray(text) ? parseList(text, rules) : [parseOne(text, '', rules)];
  } catch (error) {
    if (error instanceof SyntaxError) throw new YunqueError('bad_request', error.message, { cause: error });
    throw error;
  }
  const fault = faultOfJson(text);
  if (fault !== undefined) throw new YunqueError('bad_request', fault);
  return publications;
}

function parseList(text: string, rules: PublicationRules): Publication[] {
  const found: string[] = [];
  walkArray(text, rules.jsonDepth, (at, levels) => {
    const end = skipValue(text, at, levels);
    if (found.length === rules.batch) throw tooManyMessages('the list', rules.batch);
    found.push(text.slice(at, end));
    return end;
  });
  if (found.length === 0) throw new YunqueError('bad_request', 'the list is empty');
  let left = rules.batch;
  return found.map((raw, index) => {
    const publication = parseOne(raw, `[${index}].`, { ...rules, batch: left });
    left -= publication.form === 'act' ? publication.messages.length : 1;
    if (left < 0) throw tooManyMessages('the list', rules.batch);
    return publication;
  });
}

function parseOne(raw: string, at: string, rules: PublicationRules): Publication {
  if (!isObject(raw.trimStart())) throw wrong(at.slice(0, -1), 'an object', raw);
  let fields: RawFields;
  try {
    fields = splitObject(raw, rules.jsonDepth);
  } catch (error) {
    throw notAnObject(error, at.slice(0, -1));
  }
  const rawMsg = fields.get('msg');
  const isAct =
    (rawMsg !== undefined && (isArray(rawMsg) || isObject(rawMsg))) ||
    actFields.some((name) => name !== 'msg' && fields.has(name));
  checkNames(fields, at, isAct);
  return isAct ? actOf(fields, at, rules) : pushOf(fields, at, rules);
}

function checkNames(fields: RawFields, at: string, isAct: boolean): void {
  const [own, others] = (isAct ? [actFields, pushFields] : [pushFields, actFields]) as readonly (readonly string[])[];
  for (const name of fields.keys()) {
    if (own?.includes(name) === true) continue;
    const field = `${at}${clip(name)}`;
    const whose = isAct ? 'MessagesPubProto' : 'go-websocket’s push';
    if (others?.includes(name) === true) {
      const hint = `the other fields are those of ${whose}: a body is one or the other`;
      throw new YunqueError('bad_request', `${field} is no field of ${whose}`, { field, hint });
    }
    const near = nearest(name, [...new Set([...(own ?? []), ...(others ?? [])])]);
    throw new YunqueError('bad_request', `${field} is not known${suggestion(near)}`, { field });
  }
}

function actOf(fields: RawFields, at: string, rules: PublicationRules): ActPublication {
  const raw = fields.get('msg') ?? '[]';
  if (!isArray(raw)) throw wrong(`${at}msg`, 'an array of messages', raw);
  const found = findMessageProtos(raw, rules.batch, rules.jsonDepth);
  if (found.length > rules.batch) throw tooManyMessages(`${at}msg`, rules.batch);
  const messages = Array.from({ length: found.length }, (_, index) => {
    const message = found.parse(index, rules.newMessageId(), `${at}msg`);
    return { message, receiver: message.receiver };
  });
  enumOf(sendTypes, fields, 'type', at);
  return {
    form: 'act',
    at,
    system: given(fields, 'system') ? readString(fields, 'system', at) : undefined,
    uids: readString(fields, 'Uid', at),
    sids: readString(fields, 'Sid', at),
    cid: int64Of(fields.get('Cid'), 'Cid', at),
    act: enumOf(sendActs, fields, 'act', at) as SendAct | undefined,
    messages,
  };
}

/** By name or by number, as protobuf's JSON has it. */
function enumOf(
  known: Readonly<Record<string, string | number>>,
  fields: RawFields,
  name: string,
  at: string,
): string | undefined {
  if (!given(fields, name)) return undefined;
  const raw = fields.get(name) ?? '';
  const value = isString(raw) ? unquote(raw) : raw;
  const other = known[value];
  // An enumeration has both ways: a number gives its name, and a name its number. A string is a name.
  if (typeof other === 'string' && !isString(raw)) return other;
  if (typeof other === 'number') return value;
  const names = Object.keys(known).filter((key) => typeof known[key] === 'number');
  const near = suggestion(nearest(value, names));
  throw new YunqueError('bad_request', `${at}${name} has no value ${clip(raw)}${near}`, {
    field: at + name,
    hint: `one of ${names.join(', ')}, or its number`,
  });
}

function pushOf(fields: RawFields, at: string, rules: PublicationRules): PushPublication {
  const system = given(fields, 'systemId') ? readString(fields, 'systemId', at) : undefined;
  const to = receiversOf(fields, at);
  if (to === undefined && system === undefined) {
    throw new YunqueError('bad_request', `${at}systemId is missing, and no field says whom the push is for`, {
      field: `${at}systemId`,
      hint: 'give clientId, clientIds or groupName, or systemId alone for everyone in the system',
    });
  }
  const message = { kind: 'push', messageId: rules.newMessageId(), ...parsePushFields(fields, at) } as const;
  return { form: 'push', at, system, to, message };
}

/** A field that is there names somebody: one that is null or empty would make the push one to everyone. */
function receiversOf(fields: RawFields, at: string): PushReceivers {
  const [name, second] = receiverFields.filter((field) => fields.has(field));
  if (name === undefined) return undefined;
  const field = at + name;
  if (second !== undefined) {
    throw new YunqueError(
      'bad_request',
      `${at}${second} and ${field} are both given: one of them says whom it is for`,
      {
        field: at + second,
      },
    );
  }
  const raw = fields.get(name) ?? '';
  if (name === 'clientIds') {
    const values: unknown = isArray(raw) ? JSON.parse(raw) : undefined;
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      throw wrong(field, 'an array of strings', raw);
    }
    return { clientIds: values };
  }
  const value = isString(raw) ? unquote(raw) : '';
  if (value === '') throw wrong(field, 'a string that is not empty', raw);
  return name === 'clientId' ? { clientId: value } : { groupName: value };
}

function given(fields: RawFields, name: string): boolean {
  return (fields.get(name) ?? 'null') !== 'null';
}
