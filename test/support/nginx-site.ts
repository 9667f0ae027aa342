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
