import { YunqueError } from '../../../api/errors.ts';
import type { TailQuery } from '../../../api/tail.ts';
import { type Asker, actorOf } from '../gate.ts';
import type { AddEndpoints } from './context.ts';
import { checkIds } from './id-lengths.ts';
import { createTailStream, type TailStream } from './tail-stream.ts';

/** At one time, of this node. */
const mostTails = 32;

const description = `Server-sent events (copy, lost). Bodies without their values for a key that may only read, and with redact; \
with them it is written to the audit log.`;

/** Copies of the traffic over all nodes, until the client or the node goes. */
export const addTail: AddEndpoints = (scope, { options, schemas, systemOf }) => {
  const streams = new Set<TailStream>();
  scope.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  const schema = { summary: 'A live copy of the traffic', description, querystring: schemas.tail };
  scope.get<{ Querystring: TailQuery }>('/tail', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { asker } = request;
    const query = await queryFor(asker, request.query);
    if (streams.size >= mostTails) throw tooMany();
    reply.hijack();
    const mayRead = async () => asker !== null && options.access.stands(asker.principal);
    const stream = createTailStream(reply.raw, options.version.node, mayRead);
    streams.add(stream);
    const stopTail = options.tail(query, actorOf(options, request), (item) => stream.push(item));
    const stopEvents = options.subscribe(({ type }) => {
      if (type === 'key_removed' || type === 'key_rotated') stream.judge();
    }, 0);
    stream.onEnd(() => {
      stopTail();
      stopEvents();
      streams.delete(stream);
    });
  });

  /** Ids are of one system. Who may only read sees no bodies. */
  async function queryFor(asker: Asker | null, asked: TailQuery): Promise<TailQuery> {
    for (const field of ['client', 'uid', 'group'] as const) checkIds(field, asked[field], options.limits);
    const { client, uid, group } = asked;
    const isOfOne = asked.system !== undefined || (client ?? uid ?? group) !== undefined;
    const system = isOfOne ? await systemOf(asked.system === undefined ? {} : { system: asked.system }) : undefined;
    const principal = asker?.principal;
    const maySeeBodies = principal?.kind === 'operator' && principal.role !== 'read';
    return { ...asked, system, redact: asked.redact === true || !maySeeBodies };
  }
};

function tooMany(): YunqueError {
  const hint = 'end one of them, or ask another node';
  return new YunqueError('limit_reached', `${mostTails} tails are open on this node already`, { hint });
}
