import { YunqueError } from '../api/errors.ts';
import type { Systems } from '../store/systems.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Listeners } from './listeners.ts';
import type { Probe } from './probe.ts';
import type { ReloadPart } from './reload.ts';
import { type TlsPair, tlsFilesOf } from './tls-files.ts';
import type { NodeTokens } from './tokens.ts';

/** `log.level`. */
export function logLevelPart(log: Logger): ReloadPart {
  return {
    keys: ['log.level'],
    prepare: (next) => ({
      commit: () => {
        log.level = next.log.level;
      },
    }),
  };
}

/** How log files are turned is read when they are opened. */
export function logFilesPart(reopen: () => void): ReloadPart {
  return { keys: ['log.maxSize', 'log.maxFiles'], prepare: () => ({ commit: reopen }) };
}

/** `probe.interval`: the round that is waited for would come as late as before. */
export function probePart(probe: Pick<Probe, 'retime'>): ReloadPart {
  return { keys: ['probe.interval'], prepare: () => ({ commit: () => probe.retime() }) };
}

/**
 * Systems that are named are added; one that is no longer named stays until `yunque system rm`, with its connections, and that is
 * said. `listed`: as it is in force.
 */
export function systemsPart(systems: Pick<Systems, 'addAll' | 'has'>, listed: () => readonly string[]): ReloadPart {
  return {
    keys: ['systems.list'],
    async prepare({ systems: { list } }) {
      const staying: string[] = [];
      for (const system of listed()) if (!list.includes(system) && (await systems.has(system))) staying.push(system);
      return {
        store: () => systems.addAll(list, Date.now()).catch(rethrowUnwritten),
        commit: () => {},
        warnings: staying.map(
          (system) => `systems.list only adds: ${system} stays until it is removed with yunque system rm ${system}`,
        ),
      };
    },
  };
}

function rethrowUnwritten(cause: unknown): never {
  if (!(cause instanceof YunqueError)) throw cause;
  const { code, message, hint } = cause;
  throw new YunqueError(code, `nothing was reloaded: ${message}`, { ...(hint !== undefined && { hint }), cause });
}

/** Certificate and key, each time: they are renewed in their files. Another certificate is told by its fingerprint. */
export function tlsPart(
  listeners: Pick<Listeners, 'certificate' | 'prepareTls'>,
  onRenewed: (pair: TlsPair) => void = () => {},
): ReloadPart {
  return {
    prepare(next) {
      const old = listeners.certificate()?.fingerprint;
      const fresh = listeners.prepareTls(tlsFilesOf(next.tls));
      if (fresh === undefined) return { commit: () => {} };
      const { fingerprint, warnings } = fresh.pair;
      const change = { key: 'tls.cert (SHA-256)', old, new: fingerprint, effect: 'applied' } as const;
      const commit = () => {
        fresh.commit();
        onRenewed(fresh.pair);
      };
      return { commit, warnings, changes: fingerprint === old ? [] : [change] };
    },
  };
}

/** `auth.tokens`, each time: their keys are changed in files. Connections that are there stay. */
export function tokensPart(tokens: Pick<NodeTokens, 'prepare'>): ReloadPart {
  return { prepare: (next) => tokens.prepare(next) };
}
