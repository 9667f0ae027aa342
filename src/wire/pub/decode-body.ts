import { YunqueError } from '../../api/errors.ts';
import { parsePublications } from './json-publication.ts';
import { decodePublication } from './proto-publication.ts';
import type { Publication, PublicationRules } from './publication.ts';

const openBrace = 0x7b;
const openBracket = 0x5b;

/** What the body of one record of a queue says, in its order. Throws `bad_request` naming the field, and nothing else, for any bytes whatever. */
export function decodeBody(body: Buffer, rules: PublicationRules): readonly Publication[] {
  if (body.length === 0) throw new YunqueError('bad_request', 'the body is empty');
  const isJson = body[0] === openBrace || body[0] === openBracket;
  return isJson ? parsePublications(body, rules) : [decodePublication(body, rules)];
}
