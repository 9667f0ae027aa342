import { type Examine, linuxOnly, ok, skipped, warning } from '../finding.ts';
import { placesOf } from '../places.ts';

const file = '/proc/sys/net/ipv4/ip_local_port_range';
const reservedFile = '/proc/sys/net/ipv4/ip_local_reserved_ports';
const few = 16_000;

/** Ports that outgoing connections take: none of ours should be among them, and a proxy here needs one for each client. */
export const examinePortRange: Examine = ({ platform, config, read }) => {
  if (platform !== 'linux') return linuxOnly;
  const [first, last] = (read(file) ?? '').trim().split(/\s+/).map(Number);
  if (first === undefined || last === undefined) return [skipped(`${file} cannot be read here`)];
  const reserved = (read(reservedFile) ?? '').trim().split(',');
  const isReserved = (port: number) =>
    reserved.some((part) => {
      const [from = Number.NaN, to = from] = part === '' ? [] : part.split('-').map(Number);
      return port >= from && port <= to;
    });
  const ours = placesOf(config).filter(({ port }) => port >= first && port <= last && !isReserved(port));
  const range = `outgoing connections take the ports ${first} to ${last}`;
  const taken = ours.map(({ port, setting }) =>
    warning(
      `${range}: ${port} (${setting}) is among them, and may be taken when the node starts`,
      `sysctl -w net.ipv4.ip_local_reserved_ports=${port}, or take a port below ${first}`,
    ),
  );
  if (taken.length > 0) return taken;
  if (last - first + 1 >= few) return [ok(range)];
  return [
    warning(
      `${range}, ${last - first + 1} of them: a proxy on this machine has no more connections to the node`,
      'sysctl -w net.ipv4.ip_local_port_range="10240 65535"',
    ),
  ];
};
