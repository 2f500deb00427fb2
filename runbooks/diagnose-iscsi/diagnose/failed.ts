import type { DaemonFact } from '../../../src/commands/iscsi-node.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { bad } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { IscsiLook } from '../../../src/topology/iscsi-look.ts';
import type { SessionLook } from '../../../src/topology/iscsi-sessions.ts';
import { backingOfTarget, describe, isNeeded, needOf, portalOf, subjectOf } from '../../../src/topology/iscsi-sessions.ts';
import { found, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import { targetCause } from './target.ts';

/** A leaked session is left alone for so long after its last sign of life. */
const GRACE_S = 15 * 60;

/** Why one session is dead although nothing larger explains it. Each cause needs all that rules the others out. */
export function failed(look: IscsiLook, about: SessionLook): Diagnosis<Code> {
  const { session, node, proofs } = about;
  const is = `The session to ${session.iqn} on ${node.name} is dead: ${describe(about)}`;
  const seen = told(bad(is, ...proofs));
  const portal = portalOf(about);
  const need = needOf(look, about);
  if (portal?.state.known !== true || portal.state.value !== 'open' || portal.listed?.known !== true || need === undefined)
    return seen;
  // A server that does not even list targets may be on its way down: nothing is called leaked then.
  if (portal.listed.value.answer !== 'listed') return seen;
  const answers = [portal.state, portal.listed] as const;
  if (!isNeeded(need)) return leaked(about, { is, proofs: [...answers, ...need.proofs] }) ?? seen;
  const isListed = portal.listed.value.targets.some(({ iqn }) => iqn === session.iqn);
  const cause = targetCause(look, about, { isListed, listed: portal.listed });
  if (cause === 'unknown') return seen;
  if (cause !== undefined) return { ...cause, evidence: [...seen.evidence, ...cause.evidence] };
  const backing = backingOfTarget(look, session.iqn);
  const log = about.initiator.log;
  if (backing === undefined || !log.known) return seen;
  return found<Code>({
    code: 'session-failed',
    subject: subjectOf(about),
    says: `${is}; the server answers ${node.name} and offers the target, its volume is there`,
    remedy: `Restart this one session behind stopped writers: /storage restart iscsi ${node.name} ${session.iqn}`,
    doNot:
      'Do not run iscsiadm -m node -u: it logs out of every target of the node. Do not log out while its file system is mounted.',
    seen: [...proofs, ...answers, ...need.proofs, ...backing.proofs, log],
  });
}

interface Leak {
  readonly is: string;
  readonly proofs: readonly Known<unknown>[];
}

/** Nothing needs it, its disk is given up, and it has been so for a while. */
function leaked(about: SessionLook, { is, proofs }: Leak): Diagnosis<Code> | undefined {
  const { session, live, node, initiator } = about;
  const { log, clock } = initiator;
  if (session.iscsid !== 'REOPEN' || !log.known || !clock.known) return undefined;
  if (live?.disks.some(({ state }) => state !== 'transport-offline') ?? true) return undefined;
  const wait = whyWait(about, clock.value, log.value);
  if (wait !== undefined) return told(bad(`${is}; nothing needs it, ${wait}`, ...about.proofs, log, clock));
  return found<Code>({
    code: 'leaked-session',
    subject: subjectOf(about),
    says: `${is}. No pod, attachment, mount or device on ${node.name} needs it, and the server answers: the session was leaked`,
    remedy: 'Log this one session out: it holds a disk name and reconnects for ever.',
    doNot: 'Do not log sessions out while the server is away: then all of them look like this one.',
    seen: [...about.proofs, ...proofs, log, clock],
  });
}

/** Its age is proven by a log that reaches back so far, and that is silent about it and its server since. */
export function whyWait({ session, initiator }: SessionLook, nowS: number, log: readonly DaemonFact[]): string | undefined {
  const ages = log.map(({ atS }) => (atS === undefined ? 0 : nowS - atS));
  if (log.some((fact, index) => isAbout(fact, session) && (ages[index] ?? 0) < GRACE_S))
    return 'and it lived less than 15 minutes ago: wait';
  if (log.some((fact, index) => fact.is === 'cannot-connect' && fact.portal === session.portal && (ages[index] ?? 0) < GRACE_S))
    return `and ${session.portal} did not answer less than 15 minutes ago: wait`;
  if (hasTwin({ session, initiator }))
    return 'and the node has another session to the same target, which a logout could end as well: a person looks';
  return ages.some((age) => age >= GRACE_S)
    ? undefined
    : 'and the log of iscsid does not reach back 15 minutes: its age is not known';
}

/** Another session of the node to the same target: a logout by target and portal may end both. */
function hasTwin({ session, initiator: { details } }: Pick<SessionLook, 'session' | 'initiator'>): boolean {
  return details.known && details.value.some(({ sid, iqn }) => iqn === session.iqn && sid !== session.sid);
}

function isAbout(fact: DaemonFact, { sid, iqn }: SessionLook['session']): boolean {
  if ('connection' in fact) return fact.connection.startsWith(`${sid}:`);
  return 'iqn' in fact && fact.iqn === iqn;
}
