import type { HeldPlace } from './held-places.ts';
import type { RouteName } from './route-store.ts';

export interface PlaceNews {
  readonly out: boolean;
  readonly place: HeldPlace;
}

/** What is told of a name while something about it is asked for. */
export interface Note {
  readonly news: PlaceNews[];
  end(): void;
}

/** An answer that was written before something was told must not undo it: whoever waits for one notes what is told meanwhile. */
export class PlaceNotes {
  readonly #notes = new Map<string, Set<Note>>();

  begin(name: RouteName): Note {
    const key = keyOf(name);
    const notes = this.#notes.get(key) ?? new Set();
    this.#notes.set(key, notes);
    const note: Note = {
      news: [],
      end: () => {
        notes.delete(note);
        if (notes.size === 0 && this.#notes.get(key) === notes) this.#notes.delete(key);
      },
    };
    notes.add(note);
    return note;
  }

  tell(name: RouteName, news: PlaceNews): void {
    if (this.#notes.size === 0) return;
    for (const note of this.#notes.get(keyOf(name)) ?? []) note.news.push(news);
  }
}

function keyOf({ kind, system, name }: RouteName): string {
  return `${kind}:${system.length}:${system}${name}`;
}

/** The places after what was told of them. */
export function withNews(places: readonly HeldPlace[], news: readonly PlaceNews[]): readonly HeldPlace[] {
  return news.reduce((left, { out, place }) => (out ? withoutPlace(left, place) : withPlace(left, place)), places);
}

/** A newer login of the same connection stays. */
export function withPlace(places: readonly HeldPlace[], place: HeldPlace): readonly HeldPlace[] {
  const known = places.find((each) => isSame(each, place));
  if (known?.holder === place.holder && known.sequence >= place.sequence) return places;
  return [...places.filter((each) => each !== known), place];
}

export function withoutPlace(places: readonly HeldPlace[], place: HeldPlace): readonly HeldPlace[] {
  const left = places.filter((each) => !isSame(each, place) || each.sequence !== place.sequence);
  return left.length === places.length ? places : left;
}

/** Of groups each node has one. */
function isSame(a: HeldPlace, b: HeldPlace): boolean {
  return a.cid === b.cid && a.holder.id === b.holder.id;
}
