import { isObject, isString, splitTexts, unquote } from '../util/raw-json.ts';
import type { ReplyData } from './codec.ts';
import { mapJson } from './map-json.ts';

/** Whoever made the text has judged how deep it may be nested. */
const anyDepth = 10_000;

/** As the map of a ReplyBodyProto. */
export function replyTexts(data: ReplyData): ReadonlyMap<string, string> {
  if (typeof data !== 'string') return data;
  const json = data.trim();
  if (isObject(json)) return splitTexts(json, anyDepth);
  return json === 'null' ? new Map() : new Map([['data', isString(json) ? unquote(json) : json]]);
}

/** As JSON text. */
export function replyJson(data: ReplyData): string {
  return typeof data === 'string' ? data : mapJson(data);
}
