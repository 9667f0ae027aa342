/**
 * What an operator meets before any node has answered, in English; the command line has them in other languages under the
 * same names. Values are texts from elsewhere: addresses, ports, reasons.
 */
export const situations = {
  no_local_node: () => 'no node runs on this machine',
  several_nodes: (ports: string) => `several nodes run on this machine: ports ${ports}`,
  socket_of_other: (path: string) => `the operator socket ${path} belongs to another user`,
  no_permission: (where: string) => `${where}: permission denied`,
  cannot_connect: (where: string, reason: string) => `${where}: cannot connect (${reason})`,
  not_serving: (where: string) => `${where} does not serve yet, or no more (503)`,
  broke: (where: string, reason: string) => `${where}: the connection broke before an answer came (${reason})`,
  not_accepted: (where: string, ms: string) => `${where} did not accept a connection within ${ms} ms`,
  no_answer: (where: string, ms: string) => `${where} did not answer within ${ms} ms`,
  not_gone: (where: string, ms: string) => `${where} has not stopped within ${ms} ms`,
  no_handshake: (where: string, ms: string) => `${where} did not answer the WebSocket handshake within ${ms} ms`,
  nobody_listens: () => 'nobody listens there',
  no_socket: () => 'there is no such socket',
  unknown_name: () => 'the name is not known',
  no_lookup: () => 'the name cannot be looked up',
  no_way_to_host: () => 'no way to that host',
  no_way_to_network: () => 'no way to that network',
  reset: () => 'reset by the other side',
  cert_unknown_issuer: () => 'no authority that is known here vouches for its certificate',
  cert_expired: () => 'its certificate has expired',
  cert_not_yet_valid: () => 'its certificate is not valid yet',
  cert_other_name: () => 'its certificate is for another name',
  no_tls: () => 'no TLS is spoken there',
  would_change: (request: string) => `${request} may change something, and was not sent: this is --dry-run`,
} as const satisfies Readonly<Record<string, (...values: string[]) => string>>;

export type SituationName = keyof typeof situations;

/** Its name, and the values its sentence is made of; one of them may be a situation in turn. */
export interface Situation {
  readonly is: SituationName;
  readonly values: readonly (string | Situation)[];
}

export type Sentences = Readonly<Record<SituationName, (...values: string[]) => string>>;

export function sentenceOf({ is, values }: Situation, sentences: Sentences = situations): string {
  return sentences[is](...values.map((value) => (typeof value === 'string' ? value : sentenceOf(value, sentences))));
}

const reasonNames: Readonly<Record<string, SituationName>> = {
  ECONNREFUSED: 'nobody_listens',
  ENOENT: 'no_socket',
  ENOTFOUND: 'unknown_name',
  EAI_AGAIN: 'no_lookup',
  EHOSTUNREACH: 'no_way_to_host',
  ENETUNREACH: 'no_way_to_network',
  ECONNRESET: 'reset',
};

/** Why the system could not connect, in our words where we have some. */
export function reasonOf({ code, message }: NodeJS.ErrnoException): Situation | string {
  const is = code === undefined ? undefined : reasonNames[code];
  return is === undefined ? message : { is, values: [] };
}
