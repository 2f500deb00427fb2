import { isRuleActor, ruleActor } from '../core/actors.ts';
import type { Incident } from '../core/incident.ts';
import type { OfferedStep } from '../core/offer-guard.ts';
import { stepsOf } from '../core/plan.ts';
import type { RoundView, RunView, StepStatus, StepView } from '../core/run.ts';
import type { Conducting } from './conductor-parts.ts';
import { atThisMoment, obstacleTo } from './guarding.ts';
import type { Judged, Offered } from './offers.ts';
import { withhold } from './withheld.ts';

/** Ends an offer that must not stand now, or lets it wait; gives it its approval where a rule of the configuration does. */
export async function judgeOffer(conducting: Conducting, id: string, view: RunView): Promise<void> {
  const incident = conducting.store.incident(id);
  const offer = offerOf(view, view.status === 'waiting' ? 'waiting' : 'withdrawn');
  if (incident === undefined || incident.closed !== undefined || offer === undefined) return;
  const isBegun = offer.round.steps.some(({ status }) => status === 'done');
  const offered = { runbook: view.runbook.id, steps: offer.steps, isBegun };
  const obstacle = obstacleTo(conducting, incident, offered);
  const { expiresAt } = offer.state;
  if (view.status !== 'waiting') {
    // Of use to whoever recalls it: this may be another bot than the one that withdrew it.
    if (incident.withheldBy !== undefined) conducting.offers.set(view.id, { incident: id, offered, expiresAt });
    return;
  }
  note(conducting, view.id, { incident: id, offered, expiresAt, ...(obstacle && { obstacle }) });
  if (obstacle === undefined) return approveByRule(conducting, { incident, view, offer });
  const waits = obstacle.is === 'looking' || isBegun;
  if (waits && !endsSoon(conducting, expiresAt)) return;
  // What came after it is judged by itself.
  if (view.id === incident.runs.at(-1)) withhold(conducting, id, obstacle.by);
  conducting.boundary('offer-withheld');
  if (await conducting.engine.withdraw(view.id, `${obstacle.says} ${AGAIN}`)) conducting.boundary('run-withdrawn');
}

const AGAIN = 'It is diagnosed anew then.';

/** People read in the incident's message why an offer waits. */
function note({ store, offers }: Conducting, run: string, judged: Judged): void {
  const before = offers.get(run)?.obstacle?.says;
  offers.set(run, judged);
  if (before !== judged.obstacle?.says) store.touchIncidents([judged.incident]);
}

const ENDS_SOON_MS = 20_000;

/** It would end unseen while it waits. */
function endsSoon({ clock }: Conducting, expiresAt: number): boolean {
  return expiresAt - clock() < ENDS_SOON_MS;
}

/** Incidents of which an offer that stands must not stand any more, or one that waits need not: that happens to other incidents, or with time alone. */
export function otherwiseNow(conducting: Conducting): readonly string[] {
  const { store, offers } = conducting;
  if (offers.size === 0) return [];
  const now = atThisMoment(conducting);
  const open = new Map(now.store.openHeads().map((head) => [head.id, head]));
  return [...offers].flatMap(([run, { incident: id, offered, obstacle, expiresAt }]) => {
    const incident = open.get(id);
    if (incident?.withheldBy !== undefined) return [];
    if (incident === undefined || store.run(run)?.status !== 'waiting') {
      offers.delete(run);
      return [];
    }
    const other = obstacleTo(now, incident, offered);
    const isSame = other?.is === obstacle?.is && other?.by === obstacle?.by;
    return isSame && !(other !== undefined && endsSoon(conducting, expiresAt)) ? [] : [id];
  });
}

/** Withdraws what closed incidents still offer, whoever closed them, also before a crash; but for the rest of a plan that was begun. */
export async function withdrawOfClosed({ store, engine, boundary, log }: Conducting): Promise<void> {
  for (const { run, incident, closed } of store.offersOfClosed()) {
    if (!(await engine.withdraw(run, overWords(incident, closed)))) continue;
    boundary('run-withdrawn');
    log.info({ incident, run }, 'the offer of a closed incident was withdrawn');
  }
}

function overWords(id: string, { because, by, into }: NonNullable<Incident['closed']>): string {
  if (because === 'merged') return `Incident ${id} goes on as ${into ?? 'another one'}, where it is diagnosed.`;
  const how = by === undefined ? 'all its alerts have ended' : `${by.name} closed it`;
  return `Incident ${id} is over: ${how}. Ask for a new run if this is needed after all.`;
}

/** Asked where an approval is written down: nothing can come between the two. */
export function whyNotApprove(conducting: Conducting, { run, runbook, steps, actor, isBegun }: OfferedStep): string | undefined {
  const id = conducting.store.incidentOfRun(run);
  const incident = id === undefined ? undefined : conducting.store.incident(id);
  if (id === undefined || incident === undefined) return undefined;
  const isOver = incident.closed !== undefined && (!isBegun || isRuleActor(actor));
  if (isOver) return `Incident ${id} is over, and this was offered for it. Ask for a new run.`;
  if (!isRuleActor(actor)) return obstacleTo(conducting, incident, { runbook, steps, isBegun })?.says;
  if (incident.taken !== undefined)
    return `${incident.taken.by.name} looks after incident ${id}, so no rule approves anything in it.`;
  return obstacleTo(conducting, incident, { runbook, steps: [steps[0]] })?.says;
}

interface Offer {
  readonly round: RoundView;
  readonly steps: Offered['steps'];
  readonly index: number;
  readonly state: StepView;
}

/** The first step that stands so, and those after it: what people are asked about; or what was withdrawn, which a last look may have followed. */
function offerOf({ rounds }: RunView, wanted: StepStatus): Offer | undefined {
  const round = rounds.findLast(({ steps }) => steps.some(({ status }) => status === wanted));
  const index = round?.steps.findIndex(({ status }) => status === wanted) ?? -1;
  const state = round?.steps[index];
  const [first, ...more] = round === undefined || index < 0 ? [] : stepsOf(round.plan).slice(index);
  return round === undefined || state === undefined || first === undefined
    ? undefined
    : { round, steps: [first, ...more], index, state };
}

interface Asked {
  readonly incident: Incident;
  readonly view: RunView;
  readonly offer: Offer;
}

/** Who looks after an incident decides; rules stay out of it then. */
async function approveByRule(conducting: Conducting, { incident, view, offer }: Asked): Promise<void> {
  const { settings, engine, log } = conducting;
  const rule = settings.autoApply.find(({ runbook }) => runbook === view.runbook.id);
  const { round, steps, index, state } = offer;
  const [step] = steps;
  if (rule === undefined || step.change.risk !== 'normal' || incident.taken !== undefined) return;
  // It may be the first of a plan of which only a later step mends what is ill.
  if (obstacleTo(conducting, incident, { runbook: view.runbook.id, steps: [step] }) !== undefined) return;
  const key = `rule ${view.id} ${round.number} ${index} ${state.digest}`;
  const about = { run: view.id, round: round.number, step: index, digest: state.digest };
  const answer = await engine.decide({ ...about, actor: ruleActor(rule), verdict: 'approve', key });
  if (answer.accepted) log.info({ incident: incident.id, run: view.id, allowedBy: rule.allowedBy }, 'a rule approved a step');
}
