import type { ConnectionInfo } from '../../api/listing.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatAge, formatBytes, formatExact, unknown } from '../../util/figures.ts';
import { formatMoment } from '../draw/format.ts';
import type { Detail } from './detail.ts';

export function clientDetails(row: ConnectionInfo): readonly Detail[] {
  return [
    ['uid', sanitizeLine(row.uid ?? '') || 'not bound', 'title'],
    ['clientId', sanitizeLine(row.clientId) || 'not made yet'],
    ['cid', row.cid],
    ['system', sanitizeLine(row.system)],
    ['node', sanitizeLine(row.node)],
    ['dialect', row.dialect],
    ['remote address', sanitizeLine(row.remoteAddress)],
    ['device', sanitizeLine([row.deviceName, row.deviceId].filter(Boolean).join(', ')) || unknown],
    ['channel', sanitizeLine(row.channel ?? '') || unknown],
    ['connected', `${formatMoment(row.connectedAt)} (${formatAge(row.ageSeconds)} ago)`],
    ['bound', row.boundAt === undefined ? unknown : formatMoment(row.boundAt)],
    ['last frame from it', `${formatAge(row.idleSeconds)} ago`],
    ['delivered', `${formatExact(row.delivered)} messages`],
    ['dropped', `${formatExact(row.dropped)} messages`, row.dropped > 0 ? 'bad' : undefined],
    ['queue', formatBytes(row.queueBytes), row.queueBytes > 0 ? 'warn' : undefined],
    ['groups', sanitizeLine(row.groups.join(', ')) || 'none'],
  ];
}
