import type { Alert } from '../core/alert.ts';

/** What one notification says. */
export interface Delivered {
  readonly alerts: readonly Alert[];
  /** Why some others cannot be read, each. */
  readonly unreadable: readonly string[];
  /** How many more its sender left out because they were too many for one notification. */
  readonly truncated: number;
  /** Not unique over time. */
  readonly groupKey: string;
  /** The sender's name for whom it told. */
  readonly receiver: string;
}
