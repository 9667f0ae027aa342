/** What a message meets where its receiver does not keep up. */
export const slowPolicies = ['disconnect', 'drop-oldest', 'drop-newest', 'conflate'] as const;
export type SlowPolicy = (typeof slowPolicies)[number];

/** The class a push names, and what it is about: of a class that is conflated only the newest message of a key waits. */
export interface MessageClass {
  readonly name: string;
  readonly key?: string;
}

/** A message class with the policy the configuration gives it. */
export interface SlowRule {
  readonly class: string;
  readonly key: string;
  readonly policy: Exclude<SlowPolicy, 'disconnect'>;
}
