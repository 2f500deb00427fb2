import type { EpisodeKey } from '../core/alert.ts';
import type { Incidents } from '../core/incident-ports.ts';
import type { OfferGuard } from '../core/offer-guard.ts';
import type { Conducting, ConductorOptions } from './conductor-parts.ts';
import { createDesk } from './desk.ts';
import { diagnose } from './diagnosing.ts';
import { judgeRuns } from './judging.ts';
import { whyNotApprove, withdrawOfClosed } from './offering.ts';
import { place } from './placing.ts';
import { lookAtRest } from './rest.ts';
import { settle } from './settling.ts';
import { createShowing } from './showing.ts';
import { recall } from './withheld.ts';

export type { ConductorBoundary, ConductorOptions } from './conductor-parts.ts';

export interface Conductor {
  /** Goes on from what is written down, and from then on with whatever changes. */
  readonly start: () => void;
  /** One round of everything: places alerts, starts and judges diagnoses, ends incidents, shows what changed. Never rejects. */
  readonly tick: () => Promise<void>;
  /** Hears of episodes that began, ended or fire again, once they are in the store. */
  readonly changed: (episodes: readonly EpisodeKey[]) => void;
  /** Hears that maintenance or quiet hours began or ended. */
  readonly look: () => void;
  readonly incidents: Incidents;
  /** For the engine: why a step of a run of an incident must not be approved now. */
  readonly whyNotApprove: OfferGuard;
  readonly stop: () => Promise<void>;
}

/** Alerts come in crowds: what comes within this time is placed at once. */
const PAUSE_MS = 500;
/** So many times as long as it took, nothing is done after a round. */
const REST = 5;
const LONGEST_REST_MS = 2_000;
/** What nothing tells of is looked for so often. */
const IDLE_MS = 10_000;

/** Makes incidents of alerts, and lets each be diagnosed. All that it knows is in the store, so that it goes on after any crash. */
export function createConductor(options: ConductorOptions): Conductor {
  const conducting = sharedOf(options);
  const { store, toJudge } = conducting;
  const life: Life = { stopped: false, wakeAt: 0, restUntil: 0 };
  const wake = (ms = PAUSE_MS) => wakeIn(life, ms, () => void tick());
  const showing = createShowing(conducting, () => wake());
  const tick = oneAtATime(async () => {
    const began = performance.now();
    const lookAt = await oneRound(conducting, showing.look);
    // In a storm a round is long, and others have to be heard between two of them.
    const now = performance.now();
    life.restUntil = now + Math.min(LONGEST_REST_MS, REST * (now - began));
    wake(Math.min(IDLE_MS, Math.max(PAUSE_MS, (lookAt ?? Infinity) - conducting.clock())));
  });
  store.subscribe((run) => {
    guarded(conducting, () => {
      const incident = store.incidentOfRun(run);
      if (incident === undefined) return;
      toJudge.add(incident);
      store.touchIncidents([incident]);
    });
  });
  store.subscribeIncidents(() => wake());
  const lookAgain = () => {
    const open = store.openHeads().map(({ id }) => id);
    for (const id of open) toJudge.add(id);
    if (open.length > 0) store.touchIncidents(open);
    wake();
  };
  return {
    // A bot that died between two writes may have left something that nobody was told of.
    start: lookAgain,
    tick,
    changed(episodes) {
      guarded(conducting, () => store.touchMembers(episodes));
      wake();
    },
    look: lookAgain,
    incidents: createDesk(conducting),
    whyNotApprove: (offered) => whyNotApprove(conducting, offered),
    async stop() {
      life.stopped = true;
      clearTimeout(life.timer);
      await tick.idle();
      await showing.stop();
    },
  };
}

/** What was committed is not undone because it cannot be shown now: the next change, or a restart, shows it. */
function guarded({ log }: Conducting, touch: () => void): void {
  try {
    touch();
  } catch (error) {
    log.error({ err: error }, 'an incident could not be marked to be shown again');
  }
}

function sharedOf({ onBoundary, ...options }: ConductorOptions): Conducting {
  return {
    maintenance: () => undefined,
    holdsBack: () => false,
    whyNot: async () => undefined,
    doubt: async () => undefined,
    ...options,
    boundary: onBoundary ?? (() => undefined),
    toJudge: new Set(),
    offers: new Map(),
    doubted: { why: undefined, incidents: new Set() },
  };
}

/** Returns when to look again. */
async function oneRound(conducting: Conducting, show: () => void): Promise<number | undefined> {
  const { log } = conducting;
  const attempt = async <T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.error({ err: error }, `${what}; it is tried again`);
      return undefined;
    }
  };
  await attempt('diagnoses could not be judged', () => judgeRuns(conducting));
  const placeAt = await attempt('alerts could not be placed', () => place(conducting));
  await attempt('offers that were withdrawn could not be wanted again', () => recall(conducting));
  await attempt('what is left of old proofs could not be found', () => lookAtRest(conducting));
  await attempt('diagnoses could not be started', () => diagnose(conducting));
  const settleAt = await attempt('incidents could not be ended', () => settle(conducting));
  await attempt('offers of closed incidents could not be withdrawn', () => withdrawOfClosed(conducting));
  await attempt('incidents could not be shown', show);
  return Math.min(placeAt ?? Infinity, settleAt ?? Infinity);
}

interface Turns {
  (): Promise<void>;
  /** Resolves when nothing is in hand. */
  readonly idle: () => Promise<void>;
}

/** A call during another one is done after it, so that nothing that happens meanwhile is missed. */
function oneAtATime(work: () => Promise<void>): Turns {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const turn = () => {
    next ??= last.then(() => {
      next = undefined;
      return work();
    });
    last = next;
    return last;
  };
  return Object.assign(turn, { idle: () => last });
}

interface Life {
  stopped: boolean;
  timer?: NodeJS.Timeout;
  wakeAt: number;
  restUntil: number;
}

/** The earliest of several wishes counts. */
function wakeIn(life: Life, ms: number, work: () => void): void {
  const now = performance.now();
  const at = Math.max(now + ms, life.restUntil);
  if (life.stopped || (life.timer !== undefined && life.wakeAt <= at)) return;
  clearTimeout(life.timer);
  life.wakeAt = at;
  life.timer = setTimeout(() => {
    delete life.timer;
    work();
  }, at - now);
}
