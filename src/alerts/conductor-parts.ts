import type { IncidentSettings } from '../core/alert-settings.ts';
import type { IncidentView } from '../core/incident.ts';
import type { IncidentReporter } from '../core/incident-ports.ts';
import type { IncidentStore } from '../core/incident-store.ts';
import type { Engine, Origin } from '../core/ports.ts';
import type { Actor, Intervention, RunStatus } from '../core/run.ts';
import type { Runbook } from '../core/runbook.ts';
import type { Site } from '../core/site.ts';
import type { Doubt } from './doubts.ts';
import type { Topology } from './latest-topology.ts';
import type { Judged } from './offers.ts';

/** Points between two durable writes or effects: a crash at any of them must be survived, and a test kills at each. */
export type ConductorBoundary =
  | 'incident-opened'
  | 'incident-joined'
  | 'run-started'
  | 'run-remembered'
  | 'cause-written'
  | 'incident-merged'
  | 'offer-withheld'
  | 'run-withdrawn'
  | 'quiet-written'
  | 'incident-closed'
  | 'incident-shown'
  | 'shown-written';

export interface ConductorLog {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** A run, without what came of it. */
export interface StartedRun {
  readonly status: RunStatus;
  readonly runbook: string;
  readonly arguments: readonly string[];
  readonly origin: Origin;
  readonly startedAt: number;
  /** Who stopped it, and why the bot offers nothing more in it. */
  readonly cancelled: Intervention | null;
  readonly withdrawn: string | null;
}

/** What is needed of runs and presses beside the incidents. */
export interface RunStore {
  readonly run: (run: string) => StartedRun | undefined;
  readonly claim: (key: string, at: number) => boolean;
  readonly isClaimed: (key: string) => boolean;
  readonly subscribe: (listener: (run: string) => void) => void;
}

export interface ConductorOptions {
  readonly store: IncidentStore & RunStore;
  readonly engine: Pick<Engine, 'start' | 'view' | 'withdraw' | 'decide'>;
  readonly runbooks: readonly Runbook[];
  readonly topology: Topology;
  readonly site: Site;
  readonly settings: IncidentSettings;
  readonly report: IncidentReporter;
  /** Why nothing is offered now, in words; undefined when repairs are. */
  readonly maintenance?: () => string | undefined;
  /** Whether an incident that nobody was shown yet is not shown now. */
  readonly holdsBack?: (incident: IncidentView) => boolean;
  /** Why this person may not look after incidents; anybody may unless given. */
  readonly whyNot?: (actor: Actor) => Promise<string | undefined>;
  /** Why silence of alerts proves nothing now; it always does unless given. */
  readonly doubt?: Doubt;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: ConductorLog;
  /** Called at each point where a crash must be survived; for tests. */
  readonly onBoundary?: (name: ConductorBoundary) => void;
}

/** What the parts of one conductor share. */
export interface Conducting extends Required<Omit<ConductorOptions, 'onBoundary'>> {
  readonly boundary: (name: ConductorBoundary) => void;
  /** Incidents of which a run looks different since it was last judged. */
  readonly toJudge: Set<string>;
  /** By run: what was offered, as it was last judged. */
  readonly offers: Map<string, Judged>;
  readonly doubted: Doubted;
}

/** What silence of alerts did not prove when it was last asked. */
export interface Doubted {
  /** When it last proved nothing. */
  at?: number;
  why: string | undefined;
  /** Incidents that do not end because of it. */
  incidents: ReadonlySet<string>;
}

/** From when an incident opens, or is opened again, until what its diagnosis found is written down. */
export function isDiagnosing(
  {
    store,
    toJudge,
  }: { readonly store: Pick<Conducting['store'], 'wantsDiagnosis' | 'run'>; readonly toJudge: ReadonlySet<string> },
  { id, runs }: Pick<IncidentView, 'id' | 'runs'>,
): boolean {
  const last = runs.at(-1);
  return store.wantsDiagnosis(id) || toJudge.has(id) || (last !== undefined && store.run(last)?.status === 'looking');
}
