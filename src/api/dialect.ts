/** The four languages a connection can speak. A connection has exactly one for life. */
export const dialects = ['json', 'yunque', 'cim', 'cim-json'] as const;
export type Dialect = (typeof dialects)[number];

/** WebSocket subprotocols that override the path (RFC 6455 section 1.9; the names are ours). */
export const subprotocols: Readonly<Record<string, Dialect>> = {
  'yunque.json': 'json',
  'yunque.protobuf': 'yunque',
  'cim.protobuf': 'cim',
  'cim.json': 'cim-json',
};
