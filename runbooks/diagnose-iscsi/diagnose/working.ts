import type { DaemonFact, KernelFact } from '../../../src/commands/iscsi-node.ts';
import { sinceAttached } from '../../../src/commands/iscsi-node.ts';
import type { Soft } from '../../../src/commands/iscsi-records.ts';
import { HARDENED, HARDENED_RECOVERY_S, isDigest, SETTINGS, softIn } from '../../../src/commands/iscsi-records.ts';
import type { LiveSession } from '../../../src/commands/iscsi-sessions.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { bad, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { IscsiLook } from '../../../src/topology/iscsi-look.ts';
import type { Need, SessionLook } from '../../../src/topology/iscsi-sessions.ts';
import {
  describe,
  disksOf,
  fullUnder,
  isNeeded,
  needOf,
  recordIn,
  subjectOf,
  zvolUnder,
} from '../../../src/topology/iscsi-sessions.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import { whyWait } from './failed.ts';

/** A session that is logged in: its disk, its file system, its settings. */
export function working(look: IscsiLook, about: SessionLook): Diagnosis<Code> {
  const { session, node, proofs } = about;
  const is = `The session to ${session.iqn} on ${node.name} works: ${describe(about)}`;
  const need = needOf(look, about);
  if (disksOf(about).length === 0) return withoutDisk(about, need);
  return together([
    told(ok(is, ...proofs)),
    ...disksOf(about).map((disk) => ofDisk(look, about, { disk, need })),
    settings(about),
  ]);
}

/** The driver finds its session by the disk: without one it never logs out. */
function withoutDisk(about: SessionLook, need: Need | undefined): Diagnosis<Code> {
  const { session, node, proofs } = about;
  const { log, clock } = about.initiator;
  const is = `The session to ${session.iqn} on ${node.name} is logged in and has no disk`;
  if (need === undefined || isNeeded(need) || !log.known || !clock.known)
    return told(bad(`${is}, which something may need`, ...proofs));
  const wait = whyWait(about, clock.value, log.value);
  if (wait !== undefined) return told(bad(`${is}; nothing needs it, ${wait}`, ...proofs, log, clock));
  return found<Code>({
    code: 'session-without-disk',
    subject: subjectOf(about),
    says: `${is}; no pod, attachment or mount needs it: the driver looks for a session by its disk, and so never logs this one out`,
    remedy: 'Log this one session out.',
    doNot: 'Do not restart the driver for it: it would not find the session either.',
    seen: [...proofs, ...need.proofs, log, clock],
  });
}

interface Disk {
  readonly disk: string;
  readonly need: Need | undefined;
}

function ofDisk(look: IscsiLook, about: SessionLook, { disk, need }: Disk): Diagnosis<Code> {
  const { kernel, log } = about.initiator;
  if (!kernel.known || !log.known) return NOTHING;
  const facts = sinceAttached(kernel.value, disk);
  // Errors push the line about the connection out of the kernel's last lines; the daemon logs few.
  const ofConnection = [...kernel.value, ...log.value].some(
    (fact) => 'connection' in fact && fact.connection.startsWith(`${about.session.sid}:`),
  );
  const fails = facts.includes('no-space') || (facts.includes('io-error') && !ofConnection);
  return together([fails ? ioErrors(look, about, { disk, kernel, log }) : NOTHING, fileSystem(about, { disk, need, kernel })]);
}

interface Failing {
  readonly disk: string;
  readonly kernel: Known<readonly KernelFact[]>;
}

interface Erring extends Failing {
  readonly log: Known<readonly DaemonFact[]>;
}

/** A pool without space answers writes with errors, which look like those of a cut connection. */
function ioErrors(look: IscsiLook, about: SessionLook, { disk, kernel, log }: Erring): Diagnosis<Code> {
  const { session, node, proofs } = about;
  const { targets, devices, stored } = look.server ?? {};
  const is = `${disk} of ${node.name} fails reads or writes, while its session to ${session.iqn} is logged in`;
  if (targets?.known !== true || devices?.known !== true || stored?.known !== true) return told(bad(is, ...proofs, kernel));
  const zvol = zvolUnder(look, session.iqn);
  const pool = zvol?.split('/', 1)[0];
  const full = fullUnder(look, session.iqn);
  const seen = [...proofs, kernel, ...(full === undefined ? [log] : []), targets, devices, stored] as const;
  if (full !== undefined)
    return found<Code>({
      code: 'pool-full',
      subject: full.dataset,
      says: `${is}: its volume ${zvol} lies in ${full.dataset}, in which nothing more can be written`,
      remedy: `Free ${full.dataset}: snapshots and data that nobody needs, or its quota. /storage diagnose zfs shows what takes the room.`,
      doNot: 'Do not log the session in again and do not raise its time-outs: the session is healthy, the pool is full.',
      seen,
    });
  return found<Code>({
    code: 'io-errors',
    subject: subjectOf(about),
    says: `${is}, no loss of its connection was logged, and ${pool === undefined ? 'no pool of ZFS is known under it' : 'its volume has room now'}`,
    remedy: `Look at the pool and its disks on the NAS: /storage diagnose zfs${pool === undefined ? '' : ` ${pool}`}.`,
    doNot: 'Do not log the session in again: it is healthy.',
    seen,
  });
}

function fileSystem(about: SessionLook, { disk, need, kernel }: Failing & Disk): Diagnosis<Code> {
  const { mounts } = about.initiator;
  const { session, node, proofs } = about;
  if (need === undefined || !mounts.known) return NOTHING;
  const own = need.mounts.filter((mount) => mount.disk === disk);
  const isAborted = sinceAttached(kernel.value, disk).includes('aborted');
  const readOnly = own.filter(({ isReadOnly }) => isReadOnly);
  if (own.length === 0) return told(ok(`${disk} of ${node.name} is not mounted`, mounts));
  if (!isAborted && readOnly.length === 0)
    return told(
      ok(`${disk} of ${node.name} is mounted, and the kernel's last lines report no error of its file system`, mounts, kernel),
    );
  if (!isAborted)
    return told(bad(`${disk} of ${node.name} is mounted read-only, and the kernel's log does not say why`, mounts, kernel));
  const shown = readOnly.length === 0 ? ', although the table of mounts still says rw' : '';
  return found<Code>({
    code: 'filesystem-aborted',
    subject: subjectOf(about),
    says: `${disk} of ${node.name} works again, and its file system gave up its journal: nothing is written any more${shown}`,
    remedy: `Stop what uses it (/storage restart iscsi ${node.name} ${session.iqn} does so in order), let it be unmounted, look with e2fsck -n, and let a person decide on the repair. What was written during the cut is lost.`,
    doNot: 'Do not remount it rw, do not run fsck while it is mounted, and do not restart the pod again and again.',
    seen: [...proofs, kernel, ...need.proofs],
  });
}

/** The record decides about the next login, the live session about now: each is told for itself. */
function settings(about: SessionLook): Diagnosis<Code> {
  return together([ofRecord(about), about.live === undefined ? NOTHING : ofLive(about, about.live)]);
}

function ofRecord(about: SessionLook): Diagnosis<Code> {
  const { session, node, proofs } = about;
  const record = recordIn(about)?.record;
  const own = record?.known === true ? record.value.found : undefined;
  const other = own === undefined ? [] : SETTINGS.filter((name) => own[name] !== HARDENED[name]);
  if (record?.known !== true || own === undefined) return NOTHING;
  if (other.length === 0) return told(ok(`The record of ${session.iqn} has the hardened settings`, record));
  return found<Code>({
    code: 'record-defaults',
    subject: subjectOf(about),
    says: `The record of ${session.iqn} on ${node.name} has ${listed(other.map((name) => ({ name, value: own[name] })))}`,
    remedy:
      'Set the values in the record: they count from the next login on. /etc/iscsi/iscsid.conf only seeds records that are made later.',
    doNot: 'Do not restart iscsid or log out for it: that changes nothing in the record.',
    seen: [...proofs, record],
  });
}

function listed(soft: readonly Soft[]): string {
  return soft.map(({ name, value }) => `${name} = ${value} (hardened ${HARDENED[name]})`).join(', ');
}

function ofLive(about: SessionLook, live: LiveSession): Diagnosis<Code> {
  const { session, node, proofs } = about;
  const is = `The live session to ${session.iqn} on ${node.name}`;
  const soft = softIn(live).filter(({ name }) => name !== 'node.session.timeo.replacement_timeout');
  const parts: Diagnosis<Code>[] = [];
  if (live.recoveryTimeoutS !== HARDENED_RECOVERY_S)
    parts.push(
      found({
        code: 'live-defaults',
        subject: subjectOf(about),
        says: `${is} ${live.recoveryTimeoutS === 'off' ? 'never gives up its disk' : `gives up its disk after ${live.recoveryTimeoutS} s`} without the server; hardened it does after ${HARDENED_RECOVERY_S} s`,
        remedy:
          'Set recovery_tmo of the live session: nothing is logged out for it. Pings and digests change with the next login only.',
        doNot: 'Do not log out for it while it is mounted.',
        seen: proofs,
      }),
    );
  if (soft.length > 0)
    parts.push(
      found({
        code: 'login-defaults',
        subject: subjectOf(about),
        says: `${is} has ${listed(soft)} since its login`,
        remedy: `Only its next login changes that: /storage restart iscsi ${node.name} ${session.iqn} makes one behind stopped writers, when they may stop.${soft.every(isDigest) ? ' If its digests are None after that, the server declines them: allow CRC32C there.' : ''}`,
        doNot: 'Do not log out for it while it is mounted.',
        seen: proofs,
      }),
    );
  return together(parts);
}
