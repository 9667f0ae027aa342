import type { ProfileNode } from './profile.ts';
import { escapeText } from './svg-text.ts';

const width = 960;
const rowHeight = 18;
const padding = 10;
const titleHeight = 30;
const characterWidth = 6.3;
const narrowest = 1;

/** A flame graph, callers below: the width of a box is its share of the busy time. A tooltip says what does not fit. */
export function flameSvg(profile: ProfileNode, title: string): string {
  const depth = depthOf(profile);
  const height = titleHeight + (depth + 1) * rowHeight + padding;
  const boxes: string[] = [];
  const draw = (node: ProfileNode, x: number, level: number) => {
    const boxWidth = node.total * (width - 2 * padding);
    if (boxWidth < narrowest) return;
    boxes.push(box(node, x, height - padding - (level + 1) * rowHeight, boxWidth));
    let from = x;
    for (const child of node.children) {
      draw(child, from, level + 1);
      from += child.total * (width - 2 * padding);
    }
  };
  draw(profile, padding, 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escapeText(title)}</title>
<style>
  text { font: 11px ui-monospace, monospace; fill: #24292f; pointer-events: none; }
  .heading { font: 600 14px system-ui, sans-serif; }
  .ground { fill: #ffffff; }
  .own { fill: #9ecbff; } .library { fill: #ffd8a8; } .native { fill: #d0d7de; }
  rect.box { stroke: #ffffff; stroke-width: 0.6; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .ground { fill: #0d1117; }
    .own { fill: #1f4b7a; } .library { fill: #6b4419; } .native { fill: #373e47; }
    rect.box { stroke: #0d1117; }
  }
</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
<text class="heading" x="${padding}" y="20">${escapeText(title)}</text>
${boxes.join('\n')}
</svg>
`;
}

function box({ name, place, total, self }: ProfileNode, x: number, y: number, boxWidth: number): string {
  const kind = place.startsWith('src/') || place.startsWith('test/') ? 'own' : place === '' ? 'native' : 'library';
  const share = (value: number) => `${(value * 100).toFixed(1)} %`;
  const characters = Math.floor((boxWidth - 6) / characterWidth);
  const label = name.length <= characters ? name : characters > 3 ? `${name.slice(0, characters - 1)}…` : '';
  const text = label && `<text x="${fixed(x + 3)}" y="${y + 12.5}">${escapeText(label)}</text>`;
  const tip = `${name} ${place}: ${share(total)}, itself ${share(self)}`;
  return (
    `<g><title>${escapeText(tip)}</title>` +
    `<rect class="box ${kind}" x="${fixed(x)}" y="${y}" width="${fixed(boxWidth)}" height="${rowHeight - 1}"/>${text}</g>`
  );
}

function depthOf({ children }: ProfileNode): number {
  return children.length === 0 ? 0 : 1 + Math.max(...children.map(depthOf));
}

function fixed(value: number): string {
  return value.toFixed(1);
}
