import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface PageServer extends AsyncDisposable {
  readonly port: number;
  /** Where WebSocket upgrades are passed on to, byte for byte and without a word of our own; undefined: refused. */
  nodePort: number | undefined;
  /** What `/token` answers, as the page's backend would. */
  token: () => Promise<string>;
}

/** Serves one HTML page at every path, and passes WebSocket upgrades on: page and node have one origin then. */
export async function startPageServer(html: string): Promise<PageServer> {
  const server = createServer((request, response) => {
    if (request.url === '/token') return void self.token().then((token) => response.end(token));
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  server.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (self.nodePort === undefined) return socket.destroy();
    const upstream = connect(self.nodePort, '127.0.0.1');
    upstream.on('error', () => socket.destroy());
    const lines = [`${method} ${url} HTTP/1.1`];
    for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self: PageServer = {
    port: (server.address() as AddressInfo).port,
    nodePort: undefined,
    token: async () => '',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return self;
}
