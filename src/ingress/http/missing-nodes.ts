import type { MissingNodes } from '../../api/listing.ts';

/**
 * What an answer says beside the rest where living nodes did not answer in time: what they hold is in none of it, and whoever is not found
 * may be with them. Nothing where all answered: the answer then is as it is documented upstream.
 */
export function missed({ missingNodes = [] }: { readonly missingNodes?: MissingNodes }): {
  readonly missingNodes?: MissingNodes;
} {
  return missingNodes.length > 0 ? { missingNodes } : {};
}
