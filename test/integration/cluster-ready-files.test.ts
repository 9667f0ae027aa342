import { test } from 'node:test';
import { startRedis } from '../support/services/redis.ts';
import { sharedService } from '../support/services/shared.ts';
import { openMachine, serveAll, walk } from '../support/walk.ts';

for (const engine of ['redis', 'rabbitmq', 'kafka'] as const) {
  test(`configs/cluster-${engine}.yaml, as it is, is three nodes on one machine`, async (t) => {
    const redis = await startRedis(t);
    const machine = await openMachine(t, {
      YUNQUE_REDIS_PORT: String(redis.port),
      ...(engine === 'rabbitmq' && { YUNQUE_RABBITMQ_URL: (await sharedService(t, 'rabbitmq')).url }),
      ...(engine === 'kafka' && { YUNQUE_KAFKA_BROKERS: (await sharedService(t, 'kafka')).url }),
    });
    await walk(machine, await serveAll(machine, 3, `configs/cluster-${engine}.yaml`), engine);
  });
}
