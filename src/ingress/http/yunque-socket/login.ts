import type { FastifyInstance, FastifyRequest } from 'fastify';
import { YunqueError } from '../../../api/errors.ts';
import { sendSuccess } from '../coded-answer.ts';
import { createGate } from '../gate.ts';
import { readFields } from '../json-fields.ts';
import type { HttpIngressOptions } from '../options.ts';
import { english } from '../wording.ts';
import { createDemoAccounts } from './demo-accounts.ts';

/** Demo accounts: only under `serve --demo`. Upstream leaves them to the business backend and prints no shapes: these are ours. */
export function addLogin(scope: FastifyInstance, options: HttpIngressOptions): void {
  const accounts = createDemoAccounts();
  const onRequest = createGate(options, 'login');
  const readAccount = (request: FastifyRequest) => {
    const fields = readFields(request.body, { wording: english, limits: options.limits });
    return [fields.id('username'), fields.id('password')] as const;
  };
  scope.post('/login/register', { onRequest }, async (request, reply) => {
    return sendSuccess(reply, await accounts.register(...readAccount(request)));
  });
  scope.post('/login', { onRequest }, async (request, reply) => {
    return sendSuccess(reply, await accounts.login(...readAccount(request)));
  });
  scope.get('/login/getUserinfo', { onRequest }, async (request, reply) => {
    return sendSuccess(reply, accounts.find(readToken(request)));
  });
}

function readToken(request: FastifyRequest): string {
  const { authorization } = request.headers;
  if (authorization?.startsWith('Bearer ')) return authorization.slice('Bearer '.length);
  const { token } = request.query as { token?: unknown };
  if (typeof token === 'string') return token;
  throw new YunqueError('unauthorized', undefined, {
    hint: 'Authorization: Bearer TOKEN, with the token of POST /login',
  });
}
