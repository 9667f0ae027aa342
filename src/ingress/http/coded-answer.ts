import type { FastifyReply, FastifyRequest } from 'fastify';
import { YunqueError } from '../../api/errors.ts';
import type { HttpIngressOptions } from './options.ts';
import { refuse, wordsOf } from './refusal.ts';

/** The shape of the yunque-socket and CIM families: `{"code":200,"message":"success","data":…}`, or the HTTP status of a refusal as `code`. */
export function sendSuccess(reply: FastifyReply, data: unknown): FastifyReply {
  return send(reply, 200, 'success', data);
}

export function createErrorHandler(options: HttpIngressOptions) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refuse(options, error, request, reply);
    return send(reply, refusal.row.status, wordsOf(refusal), null);
  };
}

export function sendWrongMethod(reply: FastifyReply): FastifyReply {
  const { row, message } = new YunqueError('method_not_allowed');
  return send(reply, row.status, message, null);
}

function send(reply: FastifyReply, code: number, message: string, data: unknown): FastifyReply {
  const body = JSON.stringify({ code, message, data });
  return reply.code(code).type('application/json; charset=utf-8').send(body);
}
