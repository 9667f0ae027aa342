import { RedisLeases } from '../../src/directory/redis/leases.ts';
import { infoOf } from './leases.ts';
import { connectRedis } from './redis-client.ts';

/** A process that holds a lease and prints what it hears, a line of JSON each: PORT ID DIRECTORY BEAT_MS LEASE_MS. */
const [port = '', nodeId = '', dataDirectory = '', beatMs = '', leaseMs = ''] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const leases = new RedisLeases({
  client: connectRedis({ after: () => {} }, Number(port)),
  cluster: 'test',
  nodeId,
  dataDirectory,
  terms: [{ key: 'crypto.key', value: 'k'.repeat(32), secret: true }],
  beatMs: Number(beatMs),
  leaseMs: Number(leaseMs),
});
leases.watch({ onReentry: (reentry) => say({ reentry }) });
const { incarnation } = await leases.claim();
await leases.publish(infoOf(1666));
say({ incarnation });
process.on('SIGTERM', async () => {
  await leases.release();
  process.exit();
});
