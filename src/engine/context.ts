import type { MembersOf } from '../approval/groups.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import type { Targets } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import type { Site } from '../core/site.ts';
import type { Store } from '../store/store.ts';
import type { EngineLog } from './log.ts';
import type { Looks } from './looks.ts';
import type { Turns } from './turns.ts';

/** Points between two durable writes or effects: a crash at any of them must be survived, and a test kills at each. */
export type Boundary =
  | 'run-written'
  | 'scheduled'
  | 'gathered'
  | 'round-written'
  | 'offered'
  | 'pausing'
  | 'decision-written'
  | 'woken'
  | 'before-checked'
  | 'started-written'
  | 'change-answered'
  | 'after-checked'
  | 'outcome-written'
  | 'run-ended'
  | 'reported';

/** What the parts of the engine share. */
export interface Context {
  readonly runbooks: ReadonlyMap<string, Runbook>;
  readonly site: Site;
  readonly targets: Targets;
  readonly store: Store;
  readonly policy: ApprovalPolicy;
  readonly membersOf: MembersOf;
  readonly buildVersion: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly looks: Looks;
  /** Changes of one target wait for each other, so that the second sees what the first has done. */
  readonly turns: Turns;
  readonly log: EngineLog;
  readonly boundary: (name: Boundary) => void;
}
