import type { Member } from '../../directory/leases.ts';
import type { Events } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { textOfPlace } from '../server-files.ts';

export interface MemberNewsOptions {
  readonly self: string;
  readonly events: Pick<Events, 'emit'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Says which nodes came, went in order, or died. Of a node that is started again at once it says both. */
export class MemberNews {
  readonly #options: MemberNewsOptions;
  #known: ReadonlyMap<string, Member>;
  /** Nodes whose lease ended without a word, since this one started. */
  died = 0;

  /** `members`: of whom nothing is said. */
  constructor(options: MemberNewsOptions, members: readonly Member[]) {
    this.#options = options;
    this.#known = byId(members);
  }

  /** All that are alive now. */
  learn(members: readonly Member[]): void {
    const { self } = this.#options;
    const before = this.#known;
    this.#known = byId(members);
    for (const [id, member] of before) {
      if (id !== self && this.#known.get(id)?.incarnation !== member.incarnation) this.#went(member);
    }
    for (const [id, member] of this.#known) {
      if (id !== self && before.get(id)?.incarnation !== member.incarnation) this.#say('node_joined', member);
    }
  }

  #went(member: Member): void {
    if (member.state === 'draining') this.#say('node_left', member);
    else {
      this.died += 1;
      this.#say('node_down', member);
    }
  }

  #say(type: 'node_joined' | 'node_left' | 'node_down', member: Member): void {
    const { events, log } = this.#options;
    const address = textOfPlace(member);
    events.emit({ type, peer: member.id, incarnation: member.incarnation, address });
    const fields = { peer: member.id, address, version: member.version };
    if (type === 'node_joined') log.info(fields, 'a node joined the cluster');
    else if (type === 'node_left') log.info(fields, 'a node left the cluster');
    else log.warn(fields, 'a node of the cluster is down: its lease has ended');
  }
}

function byId(members: readonly Member[]): ReadonlyMap<string, Member> {
  return new Map(members.map((member) => [member.id, member]));
}
