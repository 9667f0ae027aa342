import type { Panel, Row } from './panel.ts';
import { type Place, panelJson, rowJson } from './panel-json.ts';

const columns = 24;

/** All panels with ids and places, as Grafana has them: row after row, from left to right, and nothing over anything else. */
export function layOut(rows: readonly Row[]): object[] {
  let id = 0;
  let top = 0;
  const next = () => {
    id += 1;
    return id;
  };
  return rows.flatMap((row) => {
    const heading = { id: next(), place: { x: 0, y: top, w: columns, h: 1 } };
    top += 1;
    const places = placesOf(row.panels, top);
    const panels = row.panels.map((panel, index) => panelJson(panel, next(), places[index] as Place));
    // What is folded away takes no room.
    if (!row.isCollapsed) top = Math.max(top, ...places.map(({ y, h }) => y + h));
    const inside = row.isCollapsed ? panels : [];
    return [
      rowJson(row.title, heading.id, heading.place, row.isCollapsed, inside),
      ...(inside.length > 0 ? [] : panels),
    ];
  });
}

/** Lines of panels; each as high as its highest. */
function placesOf(panels: readonly Panel[], top: number): readonly Place[] {
  let [x, y, height] = [0, top, 0];
  return panels.map(({ width, height: h }) => {
    if (x + width > columns) [x, y, height] = [0, y + height, 0];
    const place = { x, y, w: width, h };
    x += width;
    height = Math.max(height, h);
    return place;
  });
}
