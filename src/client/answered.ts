import { isLike, isListOf, isNumber, isText, type Shape } from '../util/shape.ts';
import { ClientError } from './client-error.ts';

const list = isListOf(() => undefined);
const anything = isLike({});
const stats = isLike({ nodes: isListOf(isLike({ node: isText })) });

/** What an answer has at least, by what was asked for. */
export const answerShapes = {
  object: anything,
  stats,
  snapshot: isLike({ stats }),
  page: isLike({ items: list, total: isNumber }),
  history: isLike({ items: list, connections: list, since: anything }),
} as const satisfies Record<string, Shape>;

/** Throws `ClientError` `not_yunque` where the answer is another service's: it may be any JSON. */
export function answered<T>(answer: unknown, shape: Shape, where: string): T {
  const place = shape(answer);
  if (place === undefined) return answer as T;
  const what = place === '' ? 'something' : `something (${place.slice(1, 100)})`;
  throw new ClientError('not_yunque', `${where} answered ${what} that no yunque node answers`, {
    hint: 'check the address: it must be the port (or the internal address) of a yunque node',
  });
}

/** The JSON of an event of a stream; throws as `answered`. */
export function answeredText<T>(text: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below.
  }
  return answered(value, isLike({ type: isText }), where);
}
