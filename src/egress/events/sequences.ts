/**
 * Gives each event its number: below 2^53, and greater than any earlier one in the cluster, so that what is known of a user is put into order by it, whichever
 * node tells it. It is near the time in microseconds since the epoch.
 */
export interface Sequences {
  /** The first of `count` numbers in a row that nobody else is given. Never rejects. */
  take(count: number): Promise<number>;
  /** Numbers that had to be taken from this machine's clock, since what the cluster shares could not be asked. */
  readonly local: number;
}
