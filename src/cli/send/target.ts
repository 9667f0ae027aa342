import type { Exclusion, Target } from '../../api/target.ts';
import { CliError } from '../cli-error.ts';
import type { Texts } from '../text/en.ts';

/** The flags that say who a message is for. */
export interface TargetFlags {
  readonly uid?: readonly string[];
  readonly client?: readonly string[];
  /** `UID/DEVICE`. */
  readonly device?: string;
  readonly group?: readonly string[];
  readonly all?: boolean;
}

/** Exactly one kind of receiver, so that a forgotten flag never widens a message. Throws `CliError`. */
export function targetOf(flags: TargetFlags, text: Texts): Target {
  const { uid, client, device, group, all } = flags;
  const targets: Target[] = [];
  if (uid !== undefined) targets.push({ to: 'users', uids: uid });
  if (client !== undefined) targets.push({ to: 'connections', ids: client });
  if (device !== undefined) targets.push(deviceTarget(device));
  if (group !== undefined) targets.push({ to: 'groups', groups: group });
  if (all === true) targets.push({ to: 'system' });
  const [target] = targets;
  if (target === undefined || targets.length > 1) throw new CliError(text.line.oneTarget);
  return target;
}

/** A uid may contain `/`, so the last one separates. */
function deviceTarget(device: string): Target {
  const at = device.lastIndexOf('/');
  if (at <= 0 || at === device.length - 1) throw new CliError(`--device: "${device}" is not UID/DEVICE`);
  return { to: 'device', uid: device.slice(0, at), deviceId: device.slice(at + 1) };
}

const clientPrefix = 'client:';

/** Uids, and connections written as `client:ID`. */
export function exclusionOf(names: readonly string[] | undefined): Exclusion | undefined {
  if (names === undefined) return undefined;
  const uids = names.filter((name) => !name.startsWith(clientPrefix));
  const ids = names.filter((name) => name.startsWith(clientPrefix)).map((name) => name.slice(clientPrefix.length));
  return { ...(uids.length > 0 && { uids }), ...(ids.length > 0 && { ids }) };
}
