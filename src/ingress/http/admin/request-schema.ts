import { type TProperties, Type } from '@sinclair/typebox';
import { validity } from '../../../api/keys.ts';
import { pageSize } from '../../../api/listing.ts';
import { keyRoles, operatorRoles } from '../../../api/principal.ts';
import { snapshotLists } from '../../../api/snapshot.ts';
import type { HttpLimits } from '../options.ts';

/** What the admin API takes. An unknown field is an error: a typo must not become a push to somebody else. */
const closed = <T extends TProperties>(properties: T, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description !== undefined && { description }) });

const int64 = Type.Union([Type.Integer(), Type.String({ pattern: '^-?[0-9]{1,19}$' })], {
  description: 'an integer, or its digits as a string where it is beyond 2^53',
});
const anything = Type.Record(Type.String(), Type.Unknown());

const push = closed({
  sendUserId: Type.Optional(Type.String()),
  code: Type.Optional(Type.Integer()),
  msg: Type.Optional(Type.String()),
  data: Type.Optional(Type.Unknown({ description: 'any JSON, passed on byte for byte' })),
});

const message = closed({
  id: Type.Optional(int64),
  action: Type.Optional(Type.String()),
  content: Type.Optional(anything),
  sender: Type.Optional(Type.String()),
  receiver: Type.Optional(Type.String()),
  extra: Type.Optional(anything),
  title: Type.Optional(Type.String()),
  sendTime: Type.Optional(int64),
  image: Type.Optional(Type.String()),
});

/** Each of them is asked of every row. */
const mostConditions = 32;

const roleOf = (roles: readonly string[]) =>
  Type.Union(
    roles.map((role) => Type.Literal(role)),
    { description: `one of ${roles.join(', ')}` },
  );

const millisWithin = ({ least, most }: { readonly least: number; readonly most: number }, words: string) =>
  Type.Integer({ minimum: least, maximum: most, description: `milliseconds, ${words}` });

const rotation = {
  now: Type.Optional(Type.Boolean({ description: 'no older key stays valid' })),
  ttlMs: Type.Optional(millisWithin(validity.key, 'from 1000 (a second) to 315360000000 (ten years)')),
};

export type RequestSchemas = ReturnType<typeof createRequestSchemas>;

export function createRequestSchemas(limits: HttpLimits) {
  const id = Type.String({ minLength: 1, maxLength: limits.idBytes });
  const ids = Type.Array(id, { minItems: 1, maxItems: limits.batch });
  const target = Type.Union(
    [
      closed({ to: Type.Literal('connections'), ids }),
      closed({ to: Type.Literal('users'), uids: ids }),
      closed({ to: Type.Literal('userConnections'), uids: ids, ids }),
      closed({ to: Type.Literal('device'), uid: id, deviceId: id }),
      closed({ to: Type.Literal('groups'), groups: ids }),
      closed({ to: Type.Literal('system') }),
    ],
    { description: 'target.to is one of connections, users, userConnections, device, groups and system' },
  );
  const exclude = Type.Optional(closed({ uids: Type.Optional(ids), ids: Type.Optional(ids) }));
  const system = Type.Optional(id);
  const reason = Type.Optional(Type.String({ maxLength: 100 }));
  const list = {
    system,
    search: Type.Optional(Type.String()),
    where: Type.Optional(
      Type.Array(Type.String(), {
        maxItems: mostConditions,
        description: `field=value, field!=value, field~part, field>number, field<number; ${mostConditions} at most`,
      }),
    ),
    sort: Type.Optional(Type.String()),
    descending: Type.Optional(Type.Boolean()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageSize.largest })),
    cursor: Type.Optional(Type.String()),
  };
  return {
    send: closed({
      system,
      target,
      exclude,
      class: Type.Optional(
        Type.String({ minLength: 1, maxLength: 64, description: 'a message class of outbox.classes' }),
      ),
      key: Type.Optional(
        Type.String({ maxLength: limits.idBytes, description: 'what a message of a conflated class is about' }),
      ),
      qos: Type.Optional(Type.Integer({ description: '0; durable messages are planned' })),
      push: Type.Optional(push),
      message: Type.Optional(message),
    }),
    preview: closed({ system, target, exclude }),
    members: closed({
      system,
      ids: Type.Optional(ids),
      uids: Type.Optional(ids),
      userId: Type.Optional(Type.String()),
      extend: Type.Optional(Type.String()),
    }),
    online: closed({ system, uids: ids }),
    system: closed({ system: id }),
    rotateKey: Type.Union(
      [
        closed({ owner: Type.Literal('system'), system, role: roleOf(keyRoles), ...rotation }),
        closed({ owner: Type.Literal('operator'), role: roleOf(operatorRoles), ...rotation }),
      ],
      { description: 'owner is system or operator' },
    ),
    ban: closed({
      system,
      forMs: millisWithin(validity.ban, 'from 1000 (a second) to 31536000000 (365 days)'),
      reason,
    }),
    stop: closed({
      now: Type.Optional(Type.Boolean({ description: 'clients are closed at once' })),
      drainMs: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 86_400_000,
          description: 'clients are spread over all of it, instead of drain.duration',
        }),
      ),
    }),
    drain: closed({
      perSecond: Type.Optional(
        Type.Number({
          minimum: 0.001,
          maximum: 1_000_000,
          description: 'clients closed in a second, from 0.001 to 1000000',
        }),
      ),
    }),
    history: closed({ id: Type.String({ minLength: 1, maxLength: Math.max(limits.idBytes, 88) }), system }),
    nothing: closed({}),
    inSystem: closed({ system }),
    kick: closed({ system, reason }),
    list: closed(list),
    snapshot: closed({
      ...list,
      list: Type.Optional(
        Type.Union(
          snapshotLists.map((kind) => Type.Literal(kind)),
          { description: `one of ${snapshotLists.join(', ')}; the other parameters are of that list` },
        ),
      ),
    }),
    tail: closed({
      system,
      client: Type.Optional(id),
      uid: Type.Optional(id),
      group: Type.Optional(id),
      direction: Type.Optional(
        Type.Union([Type.Literal('in'), Type.Literal('out')], { description: 'in: from clients; out: to them' }),
      ),
      sample: Type.Optional(
        Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'the share that is copied: above 0, at most 1' }),
      ),
      perSecond: Type.Optional(
        Type.Number({ minimum: 0.001, maximum: 10_000, description: 'copies a second and node, 10000 at most' }),
      ),
      redact: Type.Optional(Type.Boolean({ description: 'true: bodies without their values' })),
    }),
    events: closed({
      system,
      type: Type.Optional(Type.String({ description: 'types of events, separated by commas' })),
      backlog: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
    }),
  };
}
