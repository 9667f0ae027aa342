import type { TailCopy } from '../../api/tail.ts';
import type { Target } from '../../api/target.ts';
import { escapeControls } from '../../util/control-characters.ts';
import { formatBytes, formatCount } from '../../util/figures.ts';
import { cutTo, fit } from '../../util/text-width.ts';

export interface LineForm {
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly width: number | undefined;
  /** Copies may be of several systems. */
  readonly systems: boolean;
}

/** From here on there is room for milliseconds and long names. */
const wideFrom = 120;

/** One copy as one line for people: when, which way, through which door, for whom, what, how large, how many of how many got it, and the body. */
export function copyLine(copy: TailCopy, { width, systems }: LineForm): string {
  const isWide = width === undefined || width >= wideFrom;
  const time = new Date(copy.time);
  const clock = `${time.toTimeString().slice(0, 8)}${isWide ? `.${String(time.getMilliseconds()).padStart(3, '0')}` : ''}`;
  const system = systems && copy.system !== 'default' ? `${copy.system}/` : '';
  const line = [
    clock,
    copy.direction === 'out' ? '→' : '←',
    fit(copy.door ?? 'node', isWide ? 8 : 6),
    fit(oneLine(`${system}${whoOf(copy)}`), isWide ? 28 : 16),
    fit(oneLine(copy.kind), isWide ? 9 : 6),
    fit(formatBytes(copy.bytes), isWide ? 8 : 7, 'right'),
    fit(fateOf(copy), isWide ? 11 : 7, 'right'),
    `${oneLine(copy.body)}${copy.isCut ? '…' : ''}`,
  ].join(' ');
  return width === undefined ? line : cutTo(line, width);
}

/** The same for programs: time, node, system, direction, door, receiver or sender, kind, bytes, matched, delivered, body. */
export function copyValues(copy: TailCopy): string[] {
  const { time, node, system, direction, door = '', kind, bytes, matched = '', delivered = '', body } = copy;
  const values = [time, node, system, direction, door, whoOf(copy), kind, bytes, matched, delivered, body];
  return values.map((value) => oneLine(String(value)));
}

/** What a client sent is told by who it is, everything else by whom it is for. */
function whoOf({ target, targets, cid, uid }: TailCopy): string {
  if (target === undefined) return uid === undefined ? `client ${cid ?? ''}` : uid;
  const more = targets === undefined ? '' : ` +${targets - 1}`;
  return `${receiverOf(target, targets)}${more}`;
}

function receiverOf(target: Target, targets: number | undefined): string {
  const short = (names: readonly string[]) => (targets === undefined ? names.join(',') : (names[0] ?? ''));
  switch (target.to) {
    case 'system':
      return 'all';
    case 'groups':
      return `#${short(target.groups)}`;
    case 'users':
      return short(target.uids);
    case 'device':
      return `${target.uid}@${target.deviceId}`;
    case 'connections':
      return `client ${short(target.ids)}`;
    case 'userConnections':
      return `${short(target.uids)} ${short(target.ids)}`;
    default:
      return target satisfies never;
  }
}

/** Delivered of matched. */
function fateOf({ matched, delivered }: TailCopy): string {
  return matched === undefined || delivered === undefined ? '' : `${formatCount(delivered)}/${formatCount(matched)}`;
}

/** JSON may be written over several lines; what a terminal obeys is shown. */
function oneLine(text: string): string {
  // A pattern with blanks before the line end takes a second where a body is nothing but blanks.
  const lines = text.split(/[\r\n]+/);
  const line = lines.length === 1 ? text : lines.map((each) => each.trim()).join(' ');
  return escapeControls(line.replaceAll('\t', ' '), text.length).toWellFormed();
}
