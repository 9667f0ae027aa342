import type { HttpIngressOptions } from '../ingress/http/options.ts';
import type { Taps } from '../routing/tail/taps.ts';
import type { Audit } from '../telemetry/audit.ts';

/** Whoever reads what people say to each other is written down; who gets no bodies is not. */
export function auditedTail(open: Taps['open'], audit: Pick<Audit, 'record'>): HttpIngressOptions['tail'] {
  return (query, actor, onItem) => {
    if (query.redact !== true) audit.record({ ...actor, action: 'tail', what: { ...query }, outcome: 'ok' });
    return open(query, onItem);
  };
}
