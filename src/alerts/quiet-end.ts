import type { IncidentView } from '../core/incident.ts';
import type { QuietReporter } from '../core/maintenance.ts';
import type { Quiet } from './quiet.ts';

export interface QuietEndOptions {
  readonly quiet: Quiet;
  readonly incident: (id: string) => IncidentView | undefined;
  readonly report: QuietReporter;
  /** Called once they were told: from now on those that are open are shown. */
  readonly released: () => void;
  readonly clock: () => number;
}

/** Tells once, when quiet hours have ended, what was held back in them; false where there is nothing. Rejects when it could not be told. */
export function createQuietEnd(options: QuietEndOptions): () => Promise<boolean> {
  const { quiet, incident, report, released, clock } = options;
  return async () => {
    const held = quiet.due();
    if (held === undefined) return false;
    const [first, ...rest] = held.incidents.flatMap((id) => incident(id) ?? []);
    if (first !== undefined) await report({ since: held.since, until: clock(), incidents: [first, ...rest] });
    quiet.told(held);
    released();
    return true;
  };
}
