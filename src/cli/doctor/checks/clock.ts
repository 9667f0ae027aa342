import { type Examine, type Finding, failed, ok, skipped, warning } from '../finding.ts';
import type { ClockSeen } from '../patient.ts';

const unwiseMs = 1000;
const wrongMs = 30_000;
const remedy = 'let NTP set the clocks: timedatectl set-ntp true, or chrony';

/** Tokens end, bans end and leases are counted by the clock: it should be the same everywhere. */
export const examineClock: Examine = async ({ node, redis }) => {
  const [seen, servers] = await Promise.all([node().catch(() => undefined), redis().catch(() => [])]);
  const found = [
    ...(seen === undefined ? [] : [judgeClock(`the node at ${seen.where}`, seen.clock)]),
    ...servers.flatMap((server) => ('failure' in server ? [] : [judgeClock(`Redis at ${server.where}`, server.clock)])),
  ];
  return found.length > 0 ? found : [skipped('nobody to compare it with: no node runs, and there is no Redis')];
};

export function judgeClock(whose: string, { aheadMs, uncertainMs }: ClockSeen): Finding {
  const away = Math.abs(aheadMs) - uncertainMs;
  if (away < unwiseMs) return ok(`the same as that of ${whose}`);
  const text = `that of ${whose} is ${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this one`;
  return away < wrongMs ? warning(text, remedy) : failed(text, remedy);
}
