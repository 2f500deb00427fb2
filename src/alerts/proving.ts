import type { Episode } from '../core/alert.ts';
import { type Diagnosis, verdictOf } from '../core/finding.ts';
import { byDepth, type Foundation, isSame } from '../core/foundation.ts';
import type { Cause, Cleared, Incident, IncidentView } from '../core/incident.ts';
import type { RunView } from '../core/run.ts';
import { causeOfFindings } from './causes.ts';
import type { Conducting } from './conductor-parts.ts';
import { standingOf } from './standing.ts';
import { looksAround, looksAtCause } from './ways.ts';

/** Writes down what the last look of an incident's diagnosis tells of its cause. */
export function prove(conducting: Conducting, incident: IncidentView, view: RunView): void {
  const { store, boundary, log } = conducting;
  const judged = judgedBy(conducting, incident, view);
  if (judged === undefined || !store.setCause(incident.id, judged.cause, judged.cleared)) return;
  boundary('cause-written');
  log.info({ incident: incident.id, cause: judged.cause }, 'a diagnosis told of the cause of an incident');
}

interface Judged {
  readonly cause: Cause;
  readonly cleared: readonly Cleared[];
}

/** Undefined where nothing is told of the cause that was not known from the same look. */
function judgedBy(conducting: Conducting, incident: IncidentView, view: RunView): Judged | undefined {
  const { site, clock } = conducting;
  const { cause, cleared = [] } = incident;
  const round = view.rounds.at(-1);
  const by = { run: view.id, round: round?.number ?? 0 };
  const isKnown = [cause.provedBy, ...cleared.map((each) => each.by)].some(
    (each) => each?.run === by.run && each.round === by.round,
  );
  if (isKnown) return undefined;
  const ill = lowest(incident, causeOfFindings(view.runbook.id, round?.diagnosis.findings ?? [], site));
  const others = cleared.filter((each) => !isSame(each, ill ?? cause));
  const at = clock();
  if (ill !== undefined) {
    const { kind, name } = ill;
    return { cause: { kind, name, because: 'proved', provedAt: at, provedBy: by }, cleared: others };
  }
  // The proof may be of another incident, and newer than this look.
  if (cause.provedBy !== undefined && cause.provedBy.run !== view.id && view.startedAt < (cause.provedAt ?? 0)) return undefined;
  if (!looksAtCause(conducting, incident, { runbook: view.runbook.id, arguments: view.arguments })) return undefined;
  const wasProved = cause.because === 'proved';
  // Who saw nothing says nothing of what was known before.
  if (round === undefined || verdictOf(round.diagnosis) === 'blind')
    return wasProved ? { cause: { ...cause, provedAt: at, provedBy: by }, cleared } : undefined;
  const next = wasProved ? unproved(conducting, incident) : cause;
  if (!isWell(cause, round.diagnosis, conducting)) return wasProved ? { cause: next, cleared } : undefined;
  const wasIll = wasProved || cleared.some((each) => isSame(each, cause) && each.wasIll);
  const { kind, name } = cause;
  return { cause: next, cleared: [{ kind, name, at, by, wasIll }, ...others] };
}

/** Whether nothing at all was found that is about it: what is no proof that it is ill may still be a symptom. */
function isWell({ kind, name }: Foundation, { findings }: Diagnosis, { site }: Conducting): boolean {
  const names = kind === 'hypervisor' ? [name] : [name, ...site.nas.nfsAddresses];
  const isAbout = (subject: string) => names.some((each) => subject === each || subject.startsWith(`${each} `));
  return findings.every(({ subject }) => looksAround(kind) && !isAbout(subject));
}

/** Of what was found ill, the lowest that all members stand on. */
function lowest({ candidates }: Incident, ill: readonly Foundation[]): Foundation | undefined {
  return ill.toSorted(byDepth).find((one) => candidates.some((each) => isSame(each, one)));
}

/** What the alerts themselves say of a cause that is well by now. */
function unproved({ topology, site }: Conducting, { cause: { kind, name }, members }: IncidentView): Cause {
  const standings = (of: readonly Episode[]) => of.map((member) => standingOf(member, topology.known(), site));
  const firing = members.filter(({ endsAt }) => endsAt === undefined);
  const isNamed = standings(firing).some(({ names }) => names.some((each) => isSame(each, { kind, name })));
  if (isNamed) return { kind, name, because: 'named' };
  const [first, ...more] = standings(firing.length === 0 ? members : firing).map(({ subject }) => subject);
  const isOne = first !== undefined && more.every((each) => isSame(each, first));
  return isOne ? { ...first, because: 'own' } : { kind, name, because: 'shared' };
}
