import { isIP } from 'node:net';

/**
 * What counts as one address where connections are counted: an IPv4 address itself, and the first 64 bits of an IPv6 one, of
 * which everybody has a whole network of addresses.
 */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::', 2);
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...right];
  return `${all.slice(0, 4).join(':')}::/64`;
}

/** Lower case, without leading zeros; an IPv4 tail is two groups, which are never among the first four that count. */
function groupsOf(text: string): string[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return ['0', '0'];
    return [Number.parseInt(group, 16).toString(16)];
  });
}
