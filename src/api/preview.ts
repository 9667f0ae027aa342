import type { Dialect } from './dialect.ts';
import type { ConnectionRef, Exclusion, Target } from './target.ts';

export interface PreviewRequest {
  /** Default `default`. */
  readonly system?: string;
  readonly target: Target;
  readonly exclude?: Exclusion;
}

/** Who would get a message that is sent now. Nothing is sent, and nothing counted. Connections are counted, over the whole cluster. */
export interface SendPreview {
  readonly matched: number;
  /** Of each node that has any. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Of each dialect that any speaks. */
  readonly dialects: Readonly<Partial<Record<Dialect, number>>>;
  /** Users without a connection; present when the target names users. */
  readonly offline?: readonly string[];
  /** Refs that name no connection in this system; present when the target names connections. */
  readonly unknown?: readonly ConnectionRef[];
  /** Nodes that did not answer, so that what they hold is not counted. */
  readonly missingNodes: readonly string[];
}
