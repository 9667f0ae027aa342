/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Of the deliveries of one interval; absent where there were none. */
export interface Latency {
  /** From the message to the socket. */
  readonly flush?: Percentiles;
  /** Over all receivers of one message. */
  readonly fanout?: Percentiles;
}
