import { examineBacklog } from './checks/backlog.ts';
import { examineCertificates } from './checks/certificates.ts';
import { examineClock } from './checks/clock.ts';
import { examineConfig } from './checks/config.ts';
import { examineDataDirectory } from './checks/data-directory.ts';
import { examineDescriptors } from './checks/descriptors.ts';
import { examineEndpoints } from './checks/endpoints.ts';
import { examineKafka } from './checks/kafka.ts';
import { examineMemory } from './checks/memory.ts';
import { examinePlatform } from './checks/platform.ts';
import { examinePortRange } from './checks/port-range.ts';
import { examinePorts } from './checks/ports.ts';
import { examineRabbitmq } from './checks/rabbitmq.ts';
import { examineRedis } from './checks/redis.ts';
import { examineSecrets } from './checks/secrets.ts';
import { examineVersion } from './checks/version.ts';
import type { Examine } from './finding.ts';

/** Every check, in the order it is shown: one file and one row each. */
export const checks = {
  platform: examinePlatform,
  version: examineVersion,
  config: examineConfig,
  descriptors: examineDescriptors,
  backlog: examineBacklog,
  'port range': examinePortRange,
  memory: examineMemory,
  clock: examineClock,
  'data directory': examineDataDirectory,
  ports: examinePorts,
  redis: examineRedis,
  rabbitmq: examineRabbitmq,
  kafka: examineKafka,
  endpoints: examineEndpoints,
  certificates: examineCertificates,
  secrets: examineSecrets,
} as const satisfies Readonly<Record<string, Examine>>;
export type CheckName = keyof typeof checks;
