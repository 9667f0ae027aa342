import type { RabbitServer } from '../../../app/servers-of.ts';
import { type Examine, type Finding, failed, ok, skipped } from '../finding.ts';
import { serversOf } from '../servers.ts';

export const examineRabbitmq: Examine = async ({ config, timeoutMs }) => {
  const { rabbitmq } = serversOf(config);
  if (rabbitmq.length === 0) return [skipped('not configured')];
  return await Promise.all(rabbitmq.map((server) => examineServer(server, timeoutMs)));
};

async function examineServer({ url, tls }: RabbitServer, timeoutMs: number): Promise<Finding> {
  const { RabbitLink } = await import('../../../backends/rabbitmq.ts');
  const { host } = new URL(url);
  let version = '';
  const started = performance.now();
  const link = new RabbitLink({
    ...{ url, tls },
    name: 'yunque doctor',
    connectTimeoutMs: timeoutMs,
    async setup({ connection }) {
      version = String(connection.serverProperties.version);
    },
  });
  try {
    const state = await link.settled();
    if (state === 'ready')
      return ok(`${host}: RabbitMQ ${version}, connected in ${Math.round(performance.now() - started)} ms`);
    return failed(`${host}: ${link.failure}`, 'correct rabbitmq.*, or start it; the URL can be in YUNQUE_RABBITMQ_URL');
  } finally {
    await link.close();
  }
}
