import { volumeAttachments } from '../commands/block-attachments.ts';
import { pods } from '../commands/cluster.ts';
import { diskMounts, openersOf } from '../commands/iscsi-node.ts';
import type { KnownTarget } from '../commands/iscsi-portals.ts';
import { listedTargets } from '../commands/iscsi-portals.ts';
import { HARDENED, HARDENED_RECOVERY_S, isDigest, recordOf, SETTINGS, softIn } from '../commands/iscsi-records.ts';
import type { LiveSession, Session } from '../commands/iscsi-sessions.ts';
import { liveSessions, sessionDetails } from '../commands/iscsi-sessions.ts';
import type { Host } from '../core/command.ts';
import { commandLine, show } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import type { Check, CheckResult, Verification } from '../core/plan.ts';
import { check, verify, within } from '../core/plan.ts';
import type { Reader } from '../core/reading.ts';

/** One target as one node uses it. */
export interface Concern {
  readonly because: Finding;
  readonly host: Host;
  readonly target: KnownTarget;
  /** The volumes on it: one for each LUN that Kubernetes knows. */
  readonly volumes: readonly ConcernedVolume[];
}

export interface ConcernedVolume {
  readonly name: string;
  readonly claimRef?: { readonly namespace: string; readonly name: string } | undefined;
}

/** What proves that a logout takes the disk away from nothing. */
export function nothingUses(concern: Concern): readonly [Check, ...Check[]] {
  const { host, volumes } = concern;
  return [
    nothingHolds(concern),
    ...volumes.flatMap(({ name, claimRef }) => [notAttached(host, name), ...(claimRef === undefined ? [] : [noPodOf(claimRef)])]),
  ];
}

/** Whatever its disks are called by now: no mount in any namespace, nothing of the kernel on them, no process that has them open. */
export function nothingHolds({ host, target }: Concern): Check {
  const [live, details, mounts] = [liveSessions(host), sessionDetails(host), diskMounts(host)];
  return {
    says: `Nothing on ${host.name} mounts, holds or opens a disk of ${target.iqn}`,
    line: [live, details, mounts].map(({ command }) => commandLine(command)).join('; '),
    holds: async (read) => {
      const [kernel, shown, table] = await Promise.all([read(live), read(details), read(mounts)]);
      if (!kernel.known) return { answer: 'unknown', seen: kernel };
      if (!shown.known) return { answer: 'unknown', seen: shown };
      if (!table.known) return { answer: 'unknown', seen: table };
      const own = kernel.value.filter(({ iqn }) => iqn === target.iqn).flatMap(({ disks }) => disks);
      if (own.some(({ holders, fileSystems }) => holders.length + fileSystems.length > 0)) return { answer: 'no', seen: kernel };
      const listed = shown.value.filter(({ iqn }) => iqn === target.iqn).flatMap(({ disks }) => disks);
      const names = [...new Set([...own, ...listed].map(({ name }) => name))];
      if (table.value.some(({ disk }) => names.includes(disk))) return { answer: 'no', seen: table };
      return nobodyOpened(read, { host, disks: names }, { answer: 'yes', seen: kernel });
    },
  };
}

async function nobodyOpened(
  read: Reader,
  { host, disks }: { readonly host: Host; readonly disks: readonly string[] },
  yes: CheckResult,
): Promise<CheckResult> {
  const opened = await Promise.all(disks.map((disk) => read(openersOf(host, disk))));
  const unseen = opened.find(({ known }) => !known);
  if (unseen !== undefined) return { answer: 'unknown', seen: unseen };
  const some = opened.find((each) => each.known && each.value.length > 0);
  return some === undefined ? yes : { answer: 'no', seen: some };
}

function notAttached(host: Host, volume: string): Check {
  return check(`${volume} is not attached to ${host.name}`, volumeAttachments(), (all) =>
    all.every(({ node, persistentVolume }) => node !== host.name || persistentVolume !== volume),
  );
}

function noPodOf({ namespace, name }: { readonly namespace: string; readonly name: string }): Check {
  return check(`No pod that has not ended names the claim ${namespace}/${name}`, pods(), (all) =>
    all.every(
      (pod) =>
        pod.namespace !== namespace ||
        pod.phase === 'Succeeded' ||
        pod.phase === 'Failed' ||
        pod.spec.volumes.every(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName !== name),
    ),
  );
}

export function isListed({ host, target }: Concern): Check {
  return check(
    `The server lists ${target.iqn} to ${host.name}`,
    listedTargets(host, target.portal),
    (list) => list.answer === 'listed' && list.targets.some(({ iqn }) => iqn === target.iqn),
  );
}

/** It is the only one to its target: a logout by target and portal would end its twins as well. */
export function stands({ host, target }: Concern, { sid, state, iscsid }: Session): Check {
  return check(`Session ${sid} is still the only one to ${target.iqn}, ${state}, ${iscsid}`, sessionDetails(host), (all) => {
    const [own, ...more] = all.filter(({ iqn }) => iqn === target.iqn);
    return more.length === 0 && own?.sid === sid && own.state === state && own.iscsid === iscsid;
  });
}

const ACTS_WITHIN_MS = 60_000;

export function isGone({ host, target }: Concern): Verification {
  const is = verify(`${host.name} has no session to ${target.iqn}`, sessionDetails(host), (all) =>
    all.every(({ iqn }) => iqn !== target.iqn),
  );
  return within(ACTS_WITHIN_MS, is);
}

/** Logged in with running disks. */
export function isIn({ host, target }: Concern): Verification {
  const is = verify(`The session to ${target.iqn} on ${host.name} is LOGGED_IN, and its disks run`, liveSessions(host), (all) =>
    all.some((each) => each.iqn === target.iqn && runs(each)),
  );
  return within(ACTS_WITHIN_MS, is);
}

export function isInHardened({ host, target }: Concern): Verification {
  const how = `it waits ${HARDENED_RECOVERY_S} s for the server, pings it as hardened, and both digests are CRC32C`;
  const says = `The session to ${target.iqn} on ${host.name} is LOGGED_IN, its disks run, ${how}`;
  const is = verify(says, liveSessions(host), (all) =>
    all.some((each) => each.iqn === target.iqn && runs(each) && softIn(each).length === 0),
  );
  return within(ACTS_WITHIN_MS, is);
}

function runs({ state, disks }: LiveSession): boolean {
  return state === 'LOGGED_IN' && disks.length > 0 && disks.every((disk) => disk.state === 'running');
}

/** Logged in, with the hardened record that the login used: pings are of a login, digests the server may have declined. */
export function isRenewed(concern: Concern): Check {
  return renewal(concern, `${concern.host.name} is logged in to ${concern.target.iqn} with the hardened settings`, (is) => is);
}

/** Taking back has come so far that the writers may run as before. */
export function isNotRenewed(concern: Concern): Check {
  return renewal(
    concern,
    `${concern.host.name} is not logged in to ${concern.target.iqn} with the hardened settings any more`,
    (is) => !is,
  );
}

function renewal({ host, target }: Concern, says: string, isSo: (isRenewed: boolean) => boolean): Check {
  const [live, record] = [liveSessions(host), recordOf(host, target)];
  return {
    says,
    line: `${show(live.command)}; ${commandLine(record.command)}`,
    holds: async (read) => {
      const [sessions, settings] = await Promise.all([read(live), read(record)]);
      if (!sessions.known) return { answer: 'unknown', seen: sessions };
      if (!settings.known) return { answer: 'unknown', seen: settings };
      const { found } = settings.value;
      const isHard = found !== undefined && SETTINGS.every((name) => found[name] === HARDENED[name]);
      const isLoggedIn = sessions.value.some(
        (each) => each.iqn === target.iqn && each.state === 'LOGGED_IN' && softIn(each).every(isDigest),
      );
      return { answer: isSo(isHard && isLoggedIn) ? 'yes' : 'no', seen: sessions };
    },
  };
}
