import { ClientError } from './client-error.ts';
import type { HttpExchange, Outgoing } from './http-exchange.ts';

/** Questions that are asked with a POST, for their bodies or because they must not be asked twice. */
const questions = /^\/admin\/v1\/(?:send\/preview|users\/online|nodes\/[^/?]+\/ping)$/;

/** Whether a request to the admin API leaves everything as it is. */
export function isRead({ method, path }: Pick<Outgoing, 'method' | 'path'>): boolean {
  return method === 'GET' || (method === 'POST' && questions.test(path));
}

/** An exchange of which nothing goes out that could change anything: the promise rejects, and no byte is sent. */
export function readOnlyExchange(exchange: HttpExchange): HttpExchange {
  const refused = (outgoing: Outgoing) => Promise.reject(notRead(outgoing));
  return {
    where: exchange.where,
    json: (outgoing) => (isRead(outgoing) ? exchange.json(outgoing) : refused(outgoing)),
    stream: (outgoing, signal) => (isRead(outgoing) ? exchange.stream(outgoing, signal) : refused(outgoing)),
    close: () => exchange.close(),
  };
}

function notRead({ method, path }: Outgoing): ClientError {
  const [place = ''] = path.split('?');
  return new ClientError('refused', { is: 'would_change', values: [`${method} ${place}`] });
}
