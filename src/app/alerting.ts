import { setTimeout as sleep } from 'node:timers/promises';
import { type Conductor, createConductor } from '../alerts/conductor.ts';
import type { Doubt } from '../alerts/doubts.ts';
import { createIntake, type Intake } from '../alerts/intake.ts';
import { createTopology } from '../alerts/latest-topology.ts';
import { createReceivers } from '../alerts/receivers.ts';
import type { MembersOf } from '../approval/groups.ts';
import { mayAsk } from '../approval/permission.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import type { AlertSettings } from '../config/alert-schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Alert } from '../core/alert.ts';
import type { ChannelWatch, IncidentReporter, Incidents } from '../core/incident-ports.ts';
import type { Announcing, QuietReporter } from '../core/maintenance.ts';
import type { OfferGuard } from '../core/offer-guard.ts';
import type { Engine, Targets } from '../core/ports.ts';
import { readerOver } from '../core/reading.ts';
import type { Runbook } from '../core/runbook.ts';
import type { Site } from '../core/site.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { type FoundationsIndex, readFoundations } from '../topology/foundations.ts';
import { openAlertListener } from './alert-listener.ts';
import { createAlertmanagerLooks } from './alertmanager-looks.ts';
import { openDoubt } from './doubts.ts';
import { openQuiet, type RunningQuiet } from './quiet.ts';
import { answerTo, openReconciled, openWatch } from './reconciled.ts';
import { createSenderProblems } from './sender-problems.ts';
import { openSilenceEnds, type SlackOrigin } from './silence-ends.ts';
import { openWatchdog, type RunningWatchdog } from './watchdog.ts';

/** How people are told of incidents. */
export interface AlertReporters {
  readonly incident: IncidentReporter;
  readonly quiet: QuietReporter;
  /** Says in the channel of incidents what somebody must put right at a sender. */
  readonly problem: (says: string, where?: SlackOrigin) => Promise<void>;
}

export interface AlertingParts {
  readonly settings: AlertSettings;
  readonly engine: Engine;
  readonly store: Store;
  readonly runbooks: readonly Runbook[];
  readonly site: Site;
  readonly targets: Pick<Targets, 'read'>;
  /** False where the configuration names no Prometheus. */
  readonly hasPrometheus: boolean;
  readonly policy: ApprovalPolicy;
  readonly membersOf: MembersOf;
  readonly secrets: Secrets;
  readonly clean: (text: string) => string;
  readonly log: Log;
  readonly reporters: AlertReporters;
}

/** Alerts that become incidents, as far as people have to do with them. */
export interface Alerting {
  readonly incidents: Incidents;
  readonly maintenance: Announcing;
  /** Absent where no channel is watched. */
  readonly watch?: ChannelWatch;
  /** What fires, as Alertmanager says it now; absent where it may not be asked. */
  readonly firing?: () => Promise<readonly Alert[]>;
  /** Has a say where a step of a run of an incident is approved. */
  readonly guard: OfferGuard;
  /** What somebody must put right at a sender, one sentence each. */
  readonly notices: () => readonly string[];
  /** Takes no more alerts, and shows nothing more; what was taken is on disk. */
  readonly close: () => Promise<void>;
}

const clock = Date.now;

/** Takes in alerts from now on, and goes on with those that an earlier process has left. Rejects with a sentence when nobody can be heard. */
export async function openAlerting(parts: AlertingParts): Promise<Alerting> {
  const { settings, secrets, log } = parts;
  const { quiet, conductor, intake, looks, problems, periodics, watch } = partsOf(parts);
  await warmUp(parts);
  const listener = await openAlertListener(settings, { secrets, accept: intake.accept, tell: intake.tell, log });
  intake.start();
  conductor.start();
  quiet.start(conductor.look);
  for (const each of periodics) each.start();
  return {
    incidents: conductor.incidents,
    maintenance: quiet.announcing,
    ...(watch && { watch }),
    ...(settings.alertmanager && { firing: looks.now }),
    guard: conductor.whyNotApprove,
    notices: problems.notices,
    async close() {
      await listener?.close();
      await Promise.all([quiet, ...periodics].map((each) => each.stop()));
      await intake.stop();
      await conductor.stop();
    },
  };
}

/** All of it, before anything is heard. */
function partsOf(parts: AlertingParts) {
  const { settings, store, log, reporters } = parts;
  const quiet = openQuiet({ ...parts, report: reporters.quiet, clock });
  const own: { watchdog?: RunningWatchdog; intake?: Intake } = {};
  const doubt = openDoubt({ ...parts, watchdog: () => own.watchdog?.doubt(), clock });
  const conductor = conductorOf(parts, { ...quiet, doubt });
  const looks = createAlertmanagerLooks({ ...parts, clock });
  const receivers = createReceivers({ memory: store, log });
  const { changed } = conductor;
  const toldOnce = (problem: string) => own.intake?.tell(problem);
  const reconciled = openReconciled({ ...parts, looks, receivers, doubt, changed, tell: toldOnce, clock });
  const problems = createSenderProblems({ ...parts, say: reporters.problem, clock });
  const intake = createIntake({
    ...parts,
    clock,
    changed,
    heard: (alerts, at) => {
      own.watchdog?.heard(alerts, at);
      reconciled?.soon();
    },
    tell: problems.tell,
    heardFor: receivers.heard,
    ...(settings.alertmanager && { ask: (question) => answerTo(question, looks, receivers), isAnswering: looks.answering }),
  });
  const firing = looks.recent;
  const watchdog = openWatchdog({ settings, firing, memory: store, takeIn: intake.takeIn, clock, log });
  Object.assign(own, { watchdog, intake });
  const tell = (says: string, where?: SlackOrigin) => reporters.problem(parts.clean(says), where);
  const silenceEnds = openSilenceEnds({ ...parts, firing, doubt, tell, clock });
  const watch = reconciled && openWatch({ settings, intake, receivers, reconciled });
  const periodics = [watchdog, reconciled, silenceEnds].filter((each) => each !== undefined);
  return { quiet, conductor, intake, looks, problems, periodics, watch };
}

const WARM_WITHIN_MS = 5_000;

/** The first look at the cluster, and at what the store holds, takes long; who sends an alert meanwhile would wait: so they are made before. */
async function warmUp({ store, targets, site }: AlertingParts): Promise<void> {
  store.openIncidents();
  const looked = readFoundations(readerOver(targets.read), site).catch(() => undefined);
  await Promise.race([looked, sleep(WARM_WITHIN_MS, undefined, { ref: false })]);
}

function conductorOf(
  parts: AlertingParts,
  { maintenance, holdsBack, doubt }: Pick<RunningQuiet, 'maintenance' | 'holdsBack'> & { readonly doubt: Doubt },
): Conductor {
  const { store, site, targets, policy, membersOf, reporters, log } = parts;
  const read = (before: FoundationsIndex) => readFoundations(readerOver(targets.read), site, before);
  return createConductor({
    ...parts,
    topology: createTopology({ read, memory: store, clock, log }),
    report: reporters.incident,
    maintenance,
    holdsBack,
    doubt,
    whyNot: (actor) => mayAsk(policy, membersOf, actor),
    clock,
  });
}
