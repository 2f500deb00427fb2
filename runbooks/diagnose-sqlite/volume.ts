import type { Space } from '../../src/commands/sqlite-files.ts';
import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, isSome, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { provesBacking, type SqliteLook } from '../../src/topology/sqlite-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { claimOf, type Inside, insideOf } from './inside.ts';

/** What the database stands on. */
export function volume({ look, kernel }: Facts): Diagnosis<Code> {
  const its = insideOf(look);
  const space = its?.inside.space;
  const inside = its === undefined ? [] : [...readOnly(its, look), ...(space?.known === true ? room(its, space) : [])];
  return {
    evidence: [...(space?.known === true ? spaceSays(space) : []), ...kernelSays(kernel)],
    findings: [...inside, ...severalNodes(look), ...onNfs(look)],
  };
}

function spaceSays(space: Known<Space>): Evidence[] {
  const { type, availableBytes, sizeBytes } = space.value;
  return [ok(`Its file system (${type}) has ${sizeOf(availableBytes)} of ${sizeOf(sizeBytes)} free`, space)];
}

function kernelSays(kernel: Facts['kernel']): Evidence[] {
  if (kernel?.known !== true) return [];
  const last = kernel.value.slice(-3).map(({ says }) => `"${says}"`);
  return isSome(last) ? [bad(`The kernel said of file systems there: ${last.join(', ')}`, kernel)] : [];
}

function readOnly({ service, place, inside, backing, proof }: Inside, { sqlite }: SqliteLook): Finding<Code>[] {
  const { mount } = inside;
  if (mount?.known !== true || !mount.value.readOnly) return [];
  const asked =
    backing.workload.spec.volumes.find(({ name }) => name === sqlite.volume)?.persistentVolumeClaim?.readOnly === true;
  const kind = backing.volume.backing.kind;
  const why = asked
    ? `The template of ${backing.workload.kind} ${backing.workload.name} asks for that.`
    : kind === 'nfs'
      ? 'Its mount options or the server have made it so.'
      : 'Its kernel found an error and stopped writing to it.';
  const remedy = asked
    ? 'Take readOnly out of the template, if the application is to write.'
    : kind === 'nfs'
      ? `\`/storage diagnose nfs ${service}\``
      : `\`/storage diagnose block ${claimOf(backing)}\`: stop the pod, look at the file system unmounted (e2fsck -n), and mount it anew.`;
  return [
    {
      code: 'read-only',
      subject: service,
      says: `The volume of ${service} is mounted read-only on ${place.host.name}. ${why} The application then says "attempt to write a readonly database" (8) or "unable to open database file" (14).`,
      remedy,
      doNot:
        'Do not restore a backup: nothing could be written there either. Do not remount it with rw over an error, and do not run fsck while it is mounted.',
      seen: [mount, ...proof],
    },
  ];
}

const LEAST_BYTES = 8 * 1_048_576;

function room(its: Inside, space: Known<Space>): Finding<Code>[] {
  const { service, place, backing, proof } = its;
  const { availableBytes, sizeBytes, inodes, inodesFree } = space.value;
  const about = { subject: service, seen: [space, ...proof] } as const;
  const grow =
    backing.volume.backing.kind === 'nfs' ? '`/storage diagnose capacity`' : `\`/storage expand pvc ${claimOf(backing)}\``;
  const doNot = 'Do not delete the -wal or the -journal to make room: they are part of the database.';
  const full: Finding<Code> = {
    ...about,
    code: 'volume-full',
    says: `The file system of ${claimOf(backing)} on ${place.host.name} has ${sizeOf(availableBytes)} of ${sizeOf(sizeBytes)} left: SQLite then says "database or disk is full" (13) or "disk I/O error" (10).`,
    remedy: `Make room (old attachments, logs, copies), or let it grow: ${grow}.`,
    doNot,
  };
  const used: Finding<Code> = {
    ...about,
    code: 'inodes-used-up',
    says: `The file system of ${claimOf(backing)} on ${place.host.name} has none of its ${inodes} inodes left, and ${sizeOf(availableBytes)} free: no -journal or -wal can be made beside the database.`,
    remedy: `Delete many small files (icon_cache, tmp), or let it grow, which makes inodes too: ${grow}.`,
    doNot,
  };
  const isFull = availableBytes < Math.min(LEAST_BYTES, sizeBytes / 10);
  return [...(isFull ? [full] : []), ...(inodes > 0 && inodesFree === 0 ? [used] : [])];
}

function severalNodes(look: SqliteLook): Finding<Code>[] {
  const { backing, service } = look;
  const [first, ...more] = provesBacking(look);
  if (backing?.found !== true || first === undefined) return [];
  const nodes = [
    ...new Set(backing.pods.flatMap(({ node, phase }) => (node === undefined || phase !== 'Running' ? [] : [node]))),
  ];
  if (nodes.length < 2) return [];
  return [
    {
      code: 'several-nodes',
      subject: service,
      says: `Pods on ${nodes.toSorted().join(' and ')} have the database of ${service} mounted at once. Its write-ahead log works within one kernel only, and locks over NFS are not reliable: both can damage it.`,
      remedy: `Leave one of them: one replica, strategy Recreate, and jobs on the same node (podAffinity).`,
      doNot: 'Do not restore a backup before only one node writes to it.',
      seen: [first, ...more],
    },
  ];
}

function onNfs(look: SqliteLook): Finding<Code>[] {
  const { backing, service } = look;
  const [first, ...more] = provesBacking(look);
  if (backing?.found !== true || first === undefined || backing.volume.backing.kind !== 'nfs') return [];
  const { server, path } = backing.volume.backing;
  return [
    {
      code: 'on-nfs',
      subject: claimOf(backing),
      says: `The database of ${service} is on NFS (${server}:${path}): a cut of the network or a restart of the server in the middle of a write damages it, and "database is locked" is common there.`,
      remedy: `\`/storage migrate pvc ${claimOf(backing)} proxmox-lvm\` moves it to a disk. The bot needs the database whole for that.`,
      seen: [first, ...more],
    },
  ];
}
