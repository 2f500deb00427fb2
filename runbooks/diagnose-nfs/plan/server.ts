import * as nas from '../../../src/commands/nas.ts';
import { portState } from '../../../src/commands/nfs-client.ts';
import { startVm, vmStatus } from '../../../src/commands/proxmox-host.ts';
import * as zfs from '../../../src/commands/zfs.ts';
import { allHolds, changes, uses } from '../../../src/core/hold.ts';
import { check, noUndo, verify, within } from '../../../src/core/plan.ts';
import { nodeHost } from '../../../src/core/site.ts';
import { exportSteps } from '../../../src/repairs/export.ts';
import { reloadStep } from '../../../src/repairs/export-files.ts';
import { changesExport, changesNas, usesClaim, usesDatasetOf, usesNas, usesPoolOf } from '../../../src/repairs/holds.ts';
import { nobodyUses } from '../../../src/topology/users.ts';
import { concerns } from '../diagnose/one-cause.ts';
import { deniedWriters } from '../diagnose/owners.ts';
import { pathsOf } from '../facts.ts';
import type { Planner } from './planner.ts';

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
      holds: [changes('vm', `${nasVmid}`), changesNas(site), uses('node', witness.name)],
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
        holds: [changesNas(site), ...allHolds(paths.flatMap((path) => usesDatasetOf(datasets.value, path)))],
      },
    ];
  };
}

export const reload: Planner = (because, facts) => {
  const {
    site,
    nas: { flavour, active, file, dropIns, datasets },
  } = facts;
  // One reload is for all: where all of them wait for it, one of them shows that it worked.
  const path = pathsOf(facts).find((each) => concerns(because, each, facts));
  if (path === undefined) return [];
  if (flavour === undefined || !active?.known || !file?.known || !datasets?.known || dropIns?.known === false) return [];
  const step = reloadStep({ site, flavour, path, because, active, file, datasets, ...(dropIns && { dropIns }) });
  return step === undefined ? [] : [step];
};

/** What a file of exports and a script of exports take between double quotes as it stands. */
const WRITABLE = /^\/[^"$`\\!]*$/;

export const addExport: Planner = (because, { site, volumes, nas: { flavour, active, shares, datasets, file, dropIns } }) => {
  // Where all are gone, adding one would hide that the list is.
  if (!volumes.some(({ backing }) => backing.path === because.subject) || !WRITABLE.test(because.subject)) return [];
  if (flavour === undefined || !active?.known || !datasets?.known || !file?.known || dropIns?.known === false) return [];
  const unused = nobodyUses(because.subject, site);
  const situation = { site, flavour, path: because.subject, active, datasets, file, because, exists: true, unused };
  return exportSteps({ ...situation, ...(dropIns && { dropIns }), ...(shares?.known && { shares }) }) ?? [];
};

export const mountDataset: Planner = (because, { site, nas: { flavour, datasets } }) => {
  const dataset = datasets?.known ? datasets.value.find(({ name }) => name === because.subject) : undefined;
  if (flavour === undefined || dataset === undefined) return [];
  const { host } = site.nas;
  const all = zfs.datasets(host, flavour);
  const mounted = (list: readonly zfs.Dataset[]) => list.some((each) => each.name === dataset.name && each.mounted);
  const isAlone = (list: readonly zfs.Dataset[]) =>
    !list.some((each) => each.mounted && each.mountPoint.startsWith(`${dataset.mountPoint}/`));
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
      undo: {
        change: zfs.unmountDataset(host, dataset.name),
        before: [
          check(
            `${dataset.name} is mounted, and no other below it: zfs would unmount that too`,
            all,
            (list) => mounted(list) && isAlone(list),
          ),
          nobodyUses(dataset.mountPoint, site),
        ],
        after: verify(`${dataset.name} is not mounted`, all, (list) => !mounted(list)),
      },
      holds: [changes('dataset', dataset.name), usesPoolOf(dataset.name), usesNas(site)],
      warnings: ['Pods that mounted the empty directory need a fresh mount afterwards; the next round finds them.'],
    },
  ];
};

export const giveToWriter: Planner = (because, facts) => {
  const denied = deniedWriters(facts).find(({ volume }) => volume.backing.path === because.subject);
  if (denied === undefined) return [];
  const { user, owner, volume } = denied;
  const { datasets } = facts.nas;
  const { host } = facts.site.nas;
  const look = nas.directories(host, [because.subject]);
  const given = { uid: user.uid, gid: owner.gid };
  const belongsTo = (wanted: nas.Owner) => (all: readonly nas.Directory[]) =>
    all.some(({ found }) => found?.uid === wanted.uid && found.gid === wanted.gid);
  return [
    {
      title: `Give ${because.subject} to uid ${user.uid}`,
      because,
      before: [check(`It belongs to ${owner.uid}:${owner.gid}`, look, belongsTo(owner))],
      change: nas.giveDirectory(host, because.subject, given),
      after: verify(`It belongs to ${given.uid}:${given.gid}`, look, belongsTo(given)),
      undo: {
        change: nas.giveDirectory(host, because.subject, owner),
        before: [check(`It still belongs to ${given.uid}:${given.gid}`, look, belongsTo(given))],
        after: verify(`It belongs to ${owner.uid}:${owner.gid} again`, look, belongsTo(owner)),
      },
      holds: [
        changesExport(because.subject),
        ...usesClaim(volume),
        ...(datasets?.known ? usesDatasetOf(datasets.value, because.subject) : []),
        usesNas(facts.site),
      ],
    },
  ];
};
