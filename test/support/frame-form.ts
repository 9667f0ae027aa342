import type { Form } from './expected-forms.ts';
import type { DialectName, Received } from './ws-decode.ts';

const hex16 = /^[0-9a-f]{16}$/;

/** What came, in the form of `expected-forms`. `json` is compared byte for byte. */
export function formOf(dialect: DialectName, frame: Received): Form {
  return dialect === 'json' ? frame.raw.toString() : frame.body;
}

/** The messageId a `json` receiver sees; throws unless it has its form. */
export function messageIdOf(frame: Received): string {
  const id = frame.body['messageId'];
  if (typeof id !== 'string' || !hex16.test(id)) throw new Error(`not a messageId: ${String(id)}`);
  return id;
}
