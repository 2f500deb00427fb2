import type { MembersOf } from '../approval/groups.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import type { AutoApply } from '../core/alert-settings.ts';
import type { OfferGuard } from '../core/offer-guard.ts';
import type { Reporter, Targets } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import type { Site } from '../core/site.ts';
import type { Store } from '../store/store.ts';
import type { Boundary, Context } from './context.ts';
import type { KillSwitch } from './freeze.ts';
import { createKillSwitch, frozenWords } from './freeze.ts';
import type { HeldState } from './lock.ts';
import type { EngineLog } from './log.ts';
import { stderrLog } from './log.ts';
import { createLooks } from './looks.ts';
import { undoRunbook } from './undo.ts';

export interface EngineOptions {
  readonly runbooks: readonly Runbook[];
  readonly site: Site;
  readonly targets: Targets;
  /** Only who holds it may run an engine: two at once could both continue one run. The engine releases it when it stops. */
  readonly state: HeldState;
  /** Opened on the same state directory. */
  readonly store: Store;
  readonly policy: ApprovalPolicy;
  /** Needed where the policy names Slack user groups; without it such a group has no members. */
  readonly membersOf?: MembersOf;
  /** What is approved without a person; nothing unless given. */
  readonly autoApply?: readonly AutoApply[];
  /** Has a say wherever a step is approved; none unless given. */
  readonly guard?: OfferGuard;
  readonly report: Reporter;
  /** Part of every approval: another build cannot honour it. */
  readonly buildVersion: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly log?: EngineLog;
  /** Takes secrets out of what people type. */
  readonly clean: (text: string) => string;
  /** What else keeps the bot from changing anything now, one sentence each: a full disk, an audit trail that cannot be written. */
  readonly obstacles?: () => readonly string[];
  /** How often the state that an offer is bound to is looked at again; one minute unless given. */
  readonly recheckMs?: number;
  /** How often runs are looked for that nothing continues; half a minute unless given. */
  readonly reviveMs?: number;
  /** Called at each point where a crash must be survived; for tests. */
  readonly onBoundary?: (name: Boundary) => void;
}

const RECHECK_MS = 60_000;

/** What the parts of one engine share; `life` says when it is to end. */
export function createContext(options: EngineOptions, life: { readonly stopping: boolean }): Context {
  const { site, targets, store, policy, buildVersion, obstacles } = options;
  const runbooks = new Map(options.runbooks.map((runbook) => [runbook.id, runbook]));
  const looks = createLooks({ runbooks, site, store });
  const undo = undoRunbook({ store, looks, buildVersion });
  const killSwitch = createKillSwitch(options.state.directory, options.clean);
  return {
    runbooks: runbooks.set(undo.id, undo),
    site,
    targets,
    store,
    policy,
    buildVersion,
    membersOf: options.membersOf ?? (async () => []),
    autoApply: options.autoApply ?? [],
    guard: options.guard ?? (() => undefined),
    clock: options.clock ?? Date.now,
    looks,
    killSwitch,
    obstacles: () => [...frozenIn(killSwitch), ...(obstacles?.() ?? [])],
    lookedAt: new Map(),
    recheckMs: options.recheckMs ?? RECHECK_MS,
    clean: options.clean,
    stopping: () => life.stopping,
    log: options.log ?? stderrLog,
    boundary: options.onBoundary ?? (() => undefined),
  };
}

function frozenIn({ state }: KillSwitch): readonly string[] {
  const frozen = state();
  return frozen === undefined ? [] : [frozenWords(frozen)];
}
