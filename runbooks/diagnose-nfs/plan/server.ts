import * as exports from '../../../src/commands/exports.ts';
import * as nas from '../../../src/commands/nas.ts';
import { portState } from '../../../src/commands/nfs-client.ts';
import { startVm, vmStatus } from '../../../src/commands/proxmox-host.ts';
import * as zfs from '../../../src/commands/zfs.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Step } from '../../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../../src/core/plan.ts';
import { nodeHost } from '../../../src/core/site.ts';
import { exportSteps, isSafeToReload, pathsIn, reloadStep, unchanged } from '../../../src/repairs/export.ts';
import { deniedWriters } from '../diagnose/owners.ts';
import type { Facts } from '../facts.ts';
import { pathsOf } from '../facts.ts';

/** Each returns no step where what it needs is not known or not ours to change. */
type Planner = (finding: Finding, facts: Facts) => readonly Step[];

export const startNas: Planner = (because, { site, server, nodes, nasVm, nasBootDisk }) => {
  const { hypervisor } = site;
  const bootable = nasBootDisk?.known && nasBootDisk.value.present;
  const witness = nodes.find(({ port }) => port.known);
  if (hypervisor?.nasVmid === undefined || witness === undefined || !bootable || !nasVm?.known || nasVm.value !== 'stopped')
    return [];
  const { host, nasVmid } = hypervisor;
  return [
    {
      title: `Start the virtual machine of ${because.subject}`,
      because,
      before: [check(`Virtual machine ${nasVmid} is stopped`, vmStatus(host, nasVmid), (status) => status === 'stopped')],
      change: startVm(host, nasVmid),
      after: within(
        300_000,
        verify(
          `${witness.name} reaches its NFS port`,
          portState(nodeHost(site, witness.name), server, 2049),
          (port) => port === 'open',
        ),
      ),
      undo: noUndo('Stopping it again would cut every client off.'),
      warnings: ['Find out first why it stopped: a full thin pool or a host short of memory stops it again.'],
    },
  ];
};

/** A start of something that does not run. There is no restart in this bot. */
export function startService(service: nas.NfsService): Planner {
  return (because, facts) => {
    const { site } = facts;
    const { flavour, datasets } = facts.nas;
    if (flavour === undefined || !datasets?.known) return [];
    const { host } = site.nas;
    const paths = pathsOf(facts);
    const runs = nas.serviceRuns(host, flavour, service);
    return [
      {
        title: `Start ${service} on ${host.name}`,
        because,
        before: [
          check(`${service} does not run`, runs, (yes) => !yes),
          check(
            'The datasets of the service are mounted: clients would write into empty directories otherwise',
            zfs.datasets(host, flavour),
            (all) => paths.every((path) => zfs.datasetOf(all, path)?.mounted !== false),
          ),
        ],
        change: nas.startService(host, flavour, service),
        after: within(
          60_000,
          verify(`${service} runs`, runs, (yes) => yes),
        ),
        undo: noUndo('Stopping it again would cut its clients off.'),
      },
    ];
  };
}

export const reload: Planner = (because, { site, nas: { flavour, active, file, dropIns } }) => {
  if (flavour === undefined || !active?.known || !file?.known || (dropIns !== undefined && !dropIns.known)) return [];
  const step = reloadStep({ site, flavour, path: because.subject, because, active, file, ...(dropIns && { dropIns }) });
  return step === undefined ? [] : [step];
};

export const addExport: Planner = (because, { site, nas: { flavour, active, shares, datasets, file, dropIns } }) => {
  if (flavour === undefined || !active?.known || !datasets?.known || !file?.known || dropIns?.known === false) return [];
  const situation = { site, flavour, path: because.subject, active, datasets, file, because, exists: true };
  return exportSteps({ ...situation, ...(dropIns && { dropIns }), ...(shares?.known && { shares }) }) ?? [];
};

export const mountDataset: Planner = (because, { site, nas: { flavour, datasets } }) => {
  const dataset = datasets?.known ? datasets.value.find(({ name }) => name === because.subject) : undefined;
  if (flavour === undefined || dataset === undefined) return [];
  const { host } = site.nas;
  const all = zfs.datasets(host, flavour);
  const mounted = (list: readonly zfs.Dataset[]) => list.some((each) => each.name === dataset.name && each.mounted);
  return [
    {
      title: `Mount the dataset ${dataset.name}`,
      because,
      before: [
        check(`${dataset.name} is not mounted`, all, (list) => !mounted(list)),
        check(
          `${dataset.mountPoint} is empty: what clients wrote there meanwhile would be hidden`,
          nas.isEmptyDirectory(host, dataset.mountPoint),
          (empty) => empty,
        ),
      ],
      change: zfs.mountDataset(host, dataset.name),
      after: verify(`${dataset.name} is mounted`, all, mounted),
      undo: zfs.unmountDataset(host, dataset.name),
      warnings: ['Pods that mounted the empty directory need a fresh mount afterwards; the next round finds them.'],
    },
  ];
};

/** On TrueNAS the middleware owns the file: there a person takes fsid out of the share's settings. */
export const dropFsidZero: Planner = (because, { site, nas: { flavour, file, dropIns, active } }) => {
  if (flavour !== 'debian' || !file?.known || !active?.known || dropIns?.known === false) return [];
  const has = (lines: readonly exports.ExportLine[]) => exports.rootedAtFsidZero(lines) !== undefined;
  if (!has(file.value) || !isSafeToReload({ active, file, ...(dropIns && { dropIns }) })) return [];
  const { host } = site.nas;
  const look = exports.exportsFile(host);
  const then = pathsIn(active.value);
  const same = unchanged({ site, flavour, active });
  return [
    {
      title: 'Take fsid=0 out of /etc/exports',
      because,
      before: [same, check('/etc/exports has fsid=0', look, has)],
      change: exports.dropFsidZero(host),
      after: verify('/etc/exports has no fsid=0', look, (lines) => !has(lines)),
      undo: exports.restoreExportsFile(host),
      warnings: ['The old file stays beside it as /etc/exports.before-fsid-fix.'],
    },
    {
      title: 'Reload the exports',
      because,
      before: [same, check('/etc/exports has no fsid=0', look, (lines) => !has(lines))],
      change: nas.reloadExports(host, flavour),
      after: verify(
        `No export in force has fsid=0, and the ${then.length} paths from before are still exported`,
        exports.activeExports(host, flavour),
        (now) =>
          now.every(({ clients }) => !/\bfsid=(0|root)\b/.test(clients)) && then.every((path) => pathsIn(now).includes(path)),
      ),
      undo: noUndo('Undo the first step, then reload again.'),
    },
  ];
};

export const giveToWriter: Planner = (because, facts) => {
  const denied = deniedWriters(facts).find(({ volume }) => volume.backing.path === because.subject);
  if (denied === undefined) return [];
  const { user, owner } = denied;
  const { host } = facts.site.nas;
  const look = nas.directories(host, [because.subject]);
  const belongsTo = (wanted: number) => (all: readonly nas.Directory[]) => all.some(({ found }) => found?.uid === wanted);
  return [
    {
      title: `Give ${because.subject} to uid ${user.uid}`,
      because,
      before: [check(`It belongs to uid ${owner.uid}`, look, belongsTo(owner.uid))],
      change: nas.giveDirectory(host, because.subject, { uid: user.uid, gid: owner.gid }),
      after: verify(`It belongs to uid ${user.uid}`, look, belongsTo(user.uid)),
      undo: nas.giveDirectory(host, because.subject, owner),
    },
  ];
};
