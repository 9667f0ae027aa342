import type { KafkaServer } from '../../../app/servers-of.ts';
import { type Examine, type Finding, failed, ok, skipped } from '../finding.ts';
import { serversOf } from '../servers.ts';

export const examineKafka: Examine = async ({ config, timeoutMs }) => {
  const { kafka } = serversOf(config);
  if (kafka.length === 0) return [skipped('not configured')];
  return await Promise.all(kafka.map((server) => examineServer(server, timeoutMs)));
};

async function examineServer(server: KafkaServer, timeoutMs: number): Promise<Finding> {
  const { KafkaLink } = await import('../../../backends/kafka.ts');
  const where = server.brokers.join(', ');
  let brokers = 0;
  const started = performance.now();
  const link = new KafkaLink({
    ...server,
    clientId: 'yunque-doctor',
    requestTimeoutMs: timeoutMs,
    async setup(admin) {
      brokers = (await admin.metadata({ topics: [] })).brokers.size;
    },
  });
  try {
    const state = await link.settled();
    const ms = Math.round(performance.now() - started);
    if (state === 'ready')
      return ok(`${where}: ${brokers} ${brokers === 1 ? 'broker' : 'brokers'}, answered in ${ms} ms`);
    return failed(`${where}: ${link.failure}`, 'correct kafka.*, or start it');
  } finally {
    await link.close();
  }
}
