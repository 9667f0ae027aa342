import type { Command, Execute, ResultOf } from '../api/command.ts';
import { YunqueError } from '../api/errors.ts';
import { handleBan, handleListBans, handleUnban } from './bans.ts';
import { handleDrainNode, handleResumeNode } from './drain-node.ts';
import { handleHistory } from './history.ts';
import { handleListKeys, handleRemoveKey, handleRotateKey } from './keys.ts';
import { handleKick } from './kick.ts';
import {
  handleListClientIds,
  handleListConnections,
  handleListGroups,
  handleListMembers,
  handleListSystems,
  handleListUsers,
} from './lists.ts';
import { handleJoin, handleLeave, handleRemoveGroup } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import { handleOnline } from './online.ts';
import { handlePingNode } from './ping-node.ts';
import { handlePreview } from './preview.ts';
import { handlePush } from './push.ts';
import { handlePushList } from './push-list.ts';
import { handleStats } from './stats.ts';
import { handleAddSystem, handleRemoveSystem } from './systems.ts';

/** The one behaviour behind every door. What a store or a directory throws becomes `internal`, with it as the cause. */
export function createExecute(node: NodeContext): Execute {
  return async <C extends Command>(command: C) => {
    try {
      // Each branch returns the result of its own command, which a generic function cannot express without the cast.
      return (await route(node, command)) as ResultOf<C>;
    } catch (error) {
      throw error instanceof YunqueError ? error : new YunqueError('internal', undefined, { cause: error });
    }
  };
}

async function route(node: NodeContext, command: Command): Promise<ResultOf<Command>> {
  switch (command.type) {
    case 'push':
      return handlePush(node, command);
    case 'pushList':
      return handlePushList(node, command);
    case 'preview':
      return handlePreview(node, command);
    case 'join':
      return handleJoin(node, command);
    case 'leave':
      return handleLeave(node, command);
    case 'removeGroup':
      return handleRemoveGroup(node, command);
    case 'kick':
      return handleKick(node, command);
    case 'addSystem':
      return handleAddSystem(node, command);
    case 'removeSystem':
      return handleRemoveSystem(node, command);
    case 'listSystems':
      return handleListSystems(node, command);
    case 'listGroups':
      return handleListGroups(node, command);
    case 'listMembers':
      return handleListMembers(node, command);
    case 'listClientIds':
      return handleListClientIds(node, command);
    case 'listConnections':
      return handleListConnections(node, command);
    case 'listUsers':
      return handleListUsers(node, command);
    case 'online':
      return handleOnline(node, command);
    case 'stats':
      return handleStats(node);
    case 'pingNode':
      return handlePingNode(node, command);
    case 'drainNode':
      return handleDrainNode(node, command);
    case 'resumeNode':
      return handleResumeNode(node, command);
    case 'history':
      return handleHistory(node, command);
    case 'rotateKey':
      return handleRotateKey(node, command);
    case 'removeKey':
      return handleRemoveKey(node, command);
    case 'listKeys':
      return handleListKeys(node, command);
    case 'ban':
      return handleBan(node, command);
    case 'unban':
      return handleUnban(node, command);
    case 'listBans':
      return handleListBans(node, command);
    default:
      return command satisfies never;
  }
}
