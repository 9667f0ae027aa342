import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { YunqueError } from '../../api/errors.ts';
import { escapeControls } from '../../util/control-characters.ts';
import { errorBodyOf } from './error-body.ts';
import type { HttpIngressOptions } from './options.ts';

/**
 * What a public port answers to plain requests where the HTTP doors have a listener of their own: 404 to all alike, without routing, and without reading
 * a byte of the body.
 */
export function createWebSocketOnly({
  onRefused,
  clientAddress,
}: Pick<HttpIngressOptions, 'onRefused' | 'clientAddress'>): RequestListener {
  const refusal = new YunqueError('not_found', 'this port carries WebSocket only', {
    hint: 'HTTP is served by the internal listener (internal.listen) and the operator socket',
  });
  const body = JSON.stringify(errorBodyOf(refusal));
  return (request: IncomingMessage, response: ServerResponse) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    onRefused({
      error: refusal.code,
      what: `${request.method} ${escapeControls(path, 200)}`,
      remoteAddress: clientAddress(request),
    });
    response
      .writeHead(refusal.row.status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' })
      .end(body);
  };
}
