import type { MemberNode, Membership } from '../../bus/cluster/membership.ts';
import type { RpcMembers, RpcNode } from '../../bus/rpc/members.ts';
import type { Leases, Member, MemberInfo } from '../../directory/leases.ts';

/** Whom the RPC links this node with: those that hold a lease. `info`: what this node tells of itself, but for where its RPC is. */
export function membersOfLeases(leases: Leases, info: () => Omit<MemberInfo, 'host' | 'port'>): RpcMembers {
  return {
    async enter({ host, port }: RpcNode) {
      await leases.publish({ ...info(), host, port });
      return leases.members.map(rpcNodeOf);
    },
    watch: (listener) => void leases.watch({ onMembers: (members) => listener(members.map(rpcNodeOf)) }),
  };
}

/** Who is alive, for the cluster: a member's version is that of its program, a peer's that of what it says. */
export function membershipOfLeases(leases: Leases): Membership {
  return {
    get members() {
      return leases.members.map(memberNodeOf);
    },
    watch: ({ onMembers }) => leases.watch({ onMembers: (members) => onMembers?.(members.map(memberNodeOf)) }),
  };
}

function memberNodeOf({ id, incarnation, state }: Member): MemberNode {
  return { id, incarnation, isStarting: state === 'starting' };
}

function rpcNodeOf({ id, incarnation, host, port }: Member): RpcNode {
  return { id, incarnation, host, port };
}
