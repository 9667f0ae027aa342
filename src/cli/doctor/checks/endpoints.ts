import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Config } from '../../../config/schema.ts';
import { type Examine, type Finding, failed, ok, skipped } from '../finding.ts';

/** Where requests go: hooks of tokens, uplink and events, and keys of issuers. Connects, with TLS where that is asked for, and sends nothing. */
export const examineEndpoints: Examine = async ({ config, timeoutMs }) => {
  const origins = [...new Set(urlsOf(config).map((url) => new URL(url).origin))];
  if (origins.length === 0) return [skipped('not configured')];
  return await Promise.all(origins.map((origin) => examineOrigin(new URL(origin), timeoutMs)));
};

function urlsOf({ auth, uplink, events }: Config): readonly string[] {
  const settings = [...auth.tokens, ...uplink.routes, ...events.sinks];
  return settings.flatMap((setting) =>
    (setting.type === 'http' || setting.type === 'jwks') && setting.url !== undefined ? [setting.url] : [],
  );
}

async function examineOrigin({ origin, protocol, hostname, port }: URL, timeoutMs: number): Promise<Finding> {
  const isTls = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const place = { host, port: Number(port || (isTls ? 443 : 80)) };
  const started = performance.now();
  const failure = await new Promise<string | undefined>((resolve) => {
    const onReady = () => settle(undefined);
    const socket = isTls
      ? connectTls({ ...place, ...(isIP(host) === 0 && { servername: host }) }, onReady)
      : connect(place, onReady);
    const settle = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(timeoutMs, () => settle(`no connection within ${timeoutMs} ms`));
    socket.once('error', (error: Error) => settle(error.message));
  });
  if (failure === undefined) return ok(`${origin}: connected in ${Math.round(performance.now() - started)} ms`);
  return failed(`${origin}: ${failure}`, 'correct the url of the route, sink or token source, or start what is there');
}
