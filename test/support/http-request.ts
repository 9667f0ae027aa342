import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Instead of TCP to `port` of this machine. */
  readonly socketPath?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request on a connection of its own, with exactly these headers. An event stream is left as soon as it has begun. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, socketPath }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const to = socketPath === undefined ? { port, host: '127.0.0.1' } : { socketPath };
    const request = httpRequest({ ...to, path, method, headers: { ...headers }, agent: false }, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status, headers: answered, text: Buffer.concat(chunks).toString() }));
      if (answered['content-type']?.startsWith('text/event-stream')) {
        resolve({ status, headers: answered, text: '' });
        response.removeListener('error', reject).on('error', () => {});
        request.destroy();
      }
    });
    request.on('error', reject);
    request.end(body);
  });
}
