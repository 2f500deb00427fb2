import { createDoubt, type Doubt } from '../alerts/doubts.ts';
import { prometheusUptime, RULES_WAIT_S } from '../commands/alerts.ts';
import type { Targets } from '../core/ports.ts';
import { readerOver } from '../core/reading.ts';

export interface DoubtParts {
  /** False where the configuration names no Prometheus: then only the watchdog says whether silence of alerts is to be believed. */
  readonly hasPrometheus: boolean;
  readonly targets: Pick<Targets, 'read'>;
  /** What the alert that always fires says against it, where the configuration names one. */
  readonly watchdog: () => string | undefined;
  readonly clock: () => number;
}

export function openDoubt({ hasPrometheus, targets: { read }, watchdog, clock }: DoubtParts): Doubt {
  if (!hasPrometheus) return async () => watchdog();
  const ask = async () => {
    const seen = await readerOver(read)(prometheusUptime());
    return seen.known ? { upS: seen.value } : { why: `${seen.why.says} ${seen.why.toDo}` };
  };
  const ofPrometheus = createDoubt({ ask, clock, rulesWaitS: RULES_WAIT_S });
  return async () => (await ofPrometheus()) ?? watchdog();
}
