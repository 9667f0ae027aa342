import { type Examine, linuxOnly, ok, skipped, warning } from '../finding.ts';

/** What a node asks for when it listens. */
const wanted = 4096;
const settings = ['net.core.somaxconn', 'net.ipv4.tcp_max_syn_backlog'] as const;

/** Connections that may wait to be accepted: a crowd that comes again at once waits there. */
export const examineBacklog: Examine = ({ platform, read }) => {
  if (platform !== 'linux') return linuxOnly;
  return settings.map((name) => {
    const text = read(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim();
    if (text === undefined) return skipped(`${name} cannot be read here`);
    if (Number(text) >= wanted) return ok(`${name} is ${text}`);
    return warning(
      `${name} is ${text}: when many connect at once, some have to try again`,
      `sysctl -w ${name}=${wanted}, and the same in /etc/sysctl.d/`,
    );
  });
};
