import { type Examine, type Finding, failed, ok, skipped, warning } from '../finding.ts';
import type { RedisSeen } from '../redis-seen.ts';

export const examineRedis: Examine = async ({ config, redis }) => {
  const seen = await redis();
  if (seen.length === 0) return [skipped('not configured')];
  return seen.flatMap((server) => judgeRedis(server, config.cluster.enabled));
};

/** `isShared`: a cluster keeps its systems, keys, bans and leases there. */
export function judgeRedis(seen: RedisSeen, isShared: boolean): readonly Finding[] {
  const { where } = seen;
  if ('failure' in seen) {
    return [
      failed(`${where}: ${seen.failure}`, 'correct redis.*, or start it; its password can be in YUNQUE_REDIS_PASSWORD'),
    ];
  }
  const { info, saves, ms } = seen;
  if (info.size === 0) return [ok(`${where} answers in ${ms} ms; this user may not ask more`)];
  const policy = info.get('maxmemory_policy') ?? '';
  const isBounded = Number(info.get('maxmemory') ?? 0) > 0;
  const hasLog = info.get('aof_enabled') === '1';
  const found: Finding[] = [];
  if (info.get('role') === 'slave') {
    found.push(
      failed(`${where} is a replica, and takes no writes`, 'name its primary, or Sentinels with redis.sentinels'),
    );
  }
  if (isShared && isBounded && policy !== 'noeviction') {
    found.push(
      warning(
        `${where} may throw away what the cluster keeps there, when its memory is full (${policy})`,
        'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
      ),
    );
  }
  if (isShared && !hasLog && saves === '') {
    found.push(
      warning(
        `${where} keeps nothing over a restart; the nodes give back what they have copies of`,
        'CONFIG SET appendonly yes, and the same in redis.conf',
      ),
    );
  }
  if (info.get('rdb_last_bgsave_status') === 'err' || info.get('aof_last_write_status') === 'err') {
    found.push(warning(`${where} could not write its data to disk the last time`, 'see its log: a full disk, mostly'));
  }
  if (found.length > 0) return found;
  const keeps = hasLog ? 'append-only file' : saves === '' ? 'no persistence' : 'snapshots';
  return [
    ok(
      `${where}: Redis ${info.get('redis_version')}, ${ms} ms, ${isBounded ? policy : 'memory without limit'}, ${keeps}`,
    ),
  ];
}
