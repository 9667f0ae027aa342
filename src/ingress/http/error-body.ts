import type { FastifyReply } from 'fastify';
import type { ErrorBody, YunqueError } from '../../api/errors.ts';

/** The admin API's shape of a refusal, used wherever no other family has a say. */
export function sendErrorBody(
  reply: FastifyReply,
  refusal: YunqueError,
  status: number = refusal.row.status,
): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBodyOf(refusal)));
}

export function errorBodyOf({ code, message, field, hint, problems, missingNodes }: YunqueError): ErrorBody {
  return {
    error: {
      code,
      message,
      ...(field !== undefined && { field }),
      ...(hint !== undefined && { hint }),
      ...(problems !== undefined && { problems }),
      ...(missingNodes !== undefined && { missingNodes }),
    },
  };
}
