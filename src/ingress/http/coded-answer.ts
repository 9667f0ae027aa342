import type { FastifyReply, FastifyRequest } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import type { JsonRefusal } from './endpoints.ts';
import type { Asked } from './gate.ts';
import type { HttpIngressOptions } from './options.ts';
import { type Headed, refuse, wordsOf } from './refusal.ts';

/** The shape of the yunque-socket and CIM families: `{"code":200,"message":"success","data":…}`, or the HTTP status of a refusal as `code`. */
export function sendSuccess(reply: FastifyReply, data: unknown): FastifyReply {
  return send(reply, { status: 200, body: successText(data) });
}

export function successText(data: unknown): string {
  return textOf(200, 'success', data);
}

export function createErrorHandler(options: HttpIngressOptions) {
  const refuseCoded = createRefuse(options);
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    send(reply, refuseCoded(error, request, reply));
}

export function createRefuse(options: HttpIngressOptions) {
  return (error: unknown, asked: Asked, headed: Headed): JsonRefusal => {
    const refusal = refuse(options, error, asked, headed);
    const { status } = refusal.row;
    return { status, body: textOf(status, wordsOf(refusal), null) };
  };
}

export function sendWrongMethod(reply: FastifyReply): FastifyReply {
  const { row, message } = new YunqueError('method_not_allowed');
  return send(reply, { status: row.status, body: textOf(row.status, message, null) });
}

function textOf(code: number, message: string, data: unknown): string {
  return JSON.stringify({ code, message, data });
}

function send(reply: FastifyReply, { status, body }: JsonRefusal): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}
