import type { MembersOf } from '../approval/groups.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import type { AutoApply } from '../core/alert-settings.ts';
import type { OfferGuard } from '../core/offer-guard.ts';
import type { Targets } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import type { Site } from '../core/site.ts';
import type { Store } from '../store/store.ts';
import type { KillSwitch } from './freeze.ts';
import type { EngineLog } from './log.ts';
import type { Looks } from './looks.ts';

/** Points between two durable writes or effects: a crash at any of them must be survived, and a test kills at each. */
export type Boundary =
  | 'run-written'
  | 'scheduled'
  | 'gathered'
  | 'round-written'
  | 'offered'
  | 'reminded'
  | 'pausing'
  | 'decision-written'
  | 'woken'
  | 'before-checked'
  | 'started-written'
  | 'change-answered'
  | 'stop-sent'
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
  /** What is approved without a person. */
  readonly autoApply: readonly AutoApply[];
  readonly guard: OfferGuard;
  readonly buildVersion: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly looks: Looks;
  readonly killSwitch: KillSwitch;
  /** What keeps the bot from changing anything now, one sentence each. */
  readonly obstacles: () => readonly string[];
  /** When an offer whose state may have changed was last looked at, by step. */
  readonly lookedAt: Map<string, number>;
  /** How often the state that an offer is bound to is looked at again. */
  readonly recheckMs: number;
  /** What people typed, without secrets. */
  readonly clean: (text: string) => string;
  /** True once the bot is to end: nothing more is begun then. */
  readonly stopping: () => boolean;
  readonly log: EngineLog;
  readonly boundary: (name: Boundary) => void;
}
