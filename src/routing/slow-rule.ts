import { YunqueError } from '../api/errors.ts';
import type { MessageClass, SlowRule } from '../api/message-class.ts';
import type { NodeContext } from './node-context.ts';

/** What the class of a push says about receivers that do not keep up; undefined: they are disconnected. Throws `bad_request`. */
export function slowRuleOf(node: NodeContext, given: MessageClass | undefined): SlowRule | undefined {
  if (given === undefined) return undefined;
  const { name, key = '' } = given;
  const policy = Object.hasOwn(node.messageClasses, name) ? node.messageClasses[name] : undefined;
  if (policy === undefined) {
    const known = Object.keys(node.messageClasses);
    throw new YunqueError('bad_request', `there is no message class ${JSON.stringify(name)}`, {
      field: 'class',
      hint: `${known.length === 0 ? 'none is' : `${known.join(', ')} are`} configured: outbox.classes gives each its policy`,
    });
  }
  return policy === 'disconnect' ? undefined : { class: name, key, policy };
}
