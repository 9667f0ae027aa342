import type { FastifyInstance } from 'fastify';
import { YunqueError } from '../../../api/errors.ts';
import type { NodeEvent } from '../../../api/event.ts';
import type { AddEndpoints, AdminContext } from './context.ts';
import { createEventStream, createEventText, type EventStream } from './event-stream.ts';

interface EventsRoute {
  Querystring: { system?: string; type?: string; backlog?: number };
}

/** At one time, of this node: each may have a mebibyte waiting, and takes its share of the loop with every event. */
const mostStreams = 64;

/** Server-sent events (HTML Living Standard, section 9.2): one `NodeEvent` each, until the client or the node goes. */
export const addEvents: AddEndpoints = (scope, context) => {
  const streams = new Set<EventStream>();
  scope.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  addRoute(scope, context, streams);
};

function addRoute(
  scope: FastifyInstance,
  { options, schemas, systemOf }: AdminContext,
  streams: Set<EventStream>,
): void {
  const description = 'Server-sent events. A jump of `sequence` in an unfiltered stream is a gap.';
  const textOf = createEventText();
  const schema = { summary: 'What happens, as it happens', description, querystring: schemas.events };
  scope.get<EventsRoute>('/events', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { query, asker } = request;
    if (query.system !== undefined) await systemOf(query);
    if (streams.size >= mostStreams) throw tooMany();
    reply.hijack();
    const mayRead = async () => asker !== null && options.access.stands(asker.principal);
    const stream = createEventStream(reply.raw, mayRead, textOf);
    streams.add(stream);
    const isWanted = createFilter(query);
    const unsubscribe = options.subscribe((event) => {
      if (isWanted(event)) stream.push(event);
      if (event.type === 'key_removed' || event.type === 'key_rotated') stream.judge();
    }, query.backlog ?? 0);
    stream.onEnd(() => {
      unsubscribe();
      streams.delete(stream);
    });
  });
}

function createFilter({ system, type }: EventsRoute['Querystring']): (event: NodeEvent) => boolean {
  const types = type === undefined || type === '' ? undefined : new Set(type.split(','));
  return (event) => {
    if (types !== undefined && !types.has(event.type)) return false;
    return system === undefined || ('system' in event && event.system === system);
  };
}

function tooMany(): YunqueError {
  const hint = 'end one of them, or ask another node';
  return new YunqueError('limit_reached', `${mostStreams} streams of events are open on this node already`, { hint });
}
