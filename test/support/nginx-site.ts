import type { NginxPlace } from './services/nginx.ts';
import { adjusted, shipped } from './unit-file.ts';

/** The shipped configs/nginx.conf; only addresses and the folder of the logs are the test's. One node may stand for all three. */
export function shippedSite(first: number, second = first, third = second) {
  return ({ port, logs }: NginxPlace): string => {
    const nodes = [first, second, third].flatMap((node, index) => {
      const shippedAddress = `server 127.0.0.1:700${index + 1} max_fails=`;
      return [0, 1].map((fails) => [`${shippedAddress}${fails}`, `server 127.0.0.1:${node} max_fails=${fails}`]);
    });
    return adjusted(shipped('configs/nginx.conf'), {
      ...Object.fromEntries(nodes),
      '    listen 80;': `    listen 127.0.0.1:${port};`,
      '/var/log/nginx/yunque.access.log': `${logs}/yunque.access.log`,
      '/var/log/nginx/yunque.error.log': `${logs}/yunque.error.log`,
    });
  };
}

/** The balancing example of go-websocket's README: its directives as they stand there. */
const goWebsocketExample = `upstream ws_cluster {
    server 127.0.0.1:666;
    server 127.0.0.1:667;
}

server {
    listen  660;
    server_name ws.example.com;

    access_log /logs/access.log;
    error_log /logs/error.log;

    location / {
        proxy_pass http://ws_cluster;
        proxy_http_version 1.1;

        proxy_read_timeout 60s;

        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
}
`;

/** It, with addresses and the folder of the logs of the test, and what else the test changes. */
export const goWebsocketSite =
  (first: number, second: number, changes: Readonly<Record<string, string>> = {}) =>
  ({ port, logs }: NginxPlace): string =>
    adjusted(goWebsocketExample, {
      'server 127.0.0.1:666;': `server 127.0.0.1:${first};`,
      'server 127.0.0.1:667;': `server 127.0.0.1:${second};`,
      'listen  660;': `listen 127.0.0.1:${port};`,
      '/logs/access.log': `${logs}/access.log`,
      '/logs/error.log': `${logs}/error.log`,
      ...changes,
    });
