import type { AdminClient } from '../client/admin-client.ts';
import { ClientError } from '../client/client-error.ts';
import type { TopSource } from './feed.ts';

/** The part of the admin API that the dashboard looks at. */
export function createAdminSource(client: AdminClient): TopSource {
  const { tail } = client as Partial<Pick<TopSource, 'tail'>>;
  return {
    snapshot: (query) => client.snapshot(query),
    events: (query) => client.events(query),
    tail(query) {
      if (!tail) throw new ClientError('refused', 'this server has no copies of its messages');
      return tail(query);
    },
  };
}
