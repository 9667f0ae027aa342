import type { RedisClient } from '../../../backends/redis-script.ts';

export interface GroupPlace {
  readonly stream: string;
  readonly group: string;
}

/** Makes the group, and the stream, where they are missing: what is in the stream already is read. Whether it was missing. */
export async function declareGroup(client: RedisClient, { stream, group }: GroupPlace): Promise<boolean> {
  try {
    await client.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
    return true;
  } catch (error) {
    if (!/BUSYGROUP/.test((error as Error).message)) throw error;
    return false;
  }
}
