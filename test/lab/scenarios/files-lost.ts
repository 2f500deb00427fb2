import type { Directory } from '../site/disk.ts';
import { keepSnapshot, snapshotNamed } from '../site/snapshots.ts';
import type { World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

const YESTERDAY = 'auto-2026-04-02_00-00';
const TODAY = 'auto-2026-04-03_00-00';
const MIB = 2 ** 20;

/** A dataset of its own with a snapshot of yesterday and one of today. */
function addKept({ nas: { disk } }: World, name: string, fill: (root: Directory) => void): void {
  const dataset = disk.addDataset(name, `/mnt/${name}`);
  const root = disk.at(dataset.mountPoint);
  if (root === undefined) throw new Error('a dataset has its own directory');
  fill(root);
  dataset.writtenBytes = 700 * MIB;
  for (const [short, day] of [
    [YESTERDAY, 2],
    [TODAY, 3],
  ] as const)
    keepSnapshot(disk, dataset, { short, createdMs: Date.UTC(2026, 3, day) });
}

function writtenTo({ nas: { disk } }: World, name: string, bytes: number): void {
  for (const dataset of disk.datasets) if (dataset.name === name) dataset.writtenBytes = bytes;
}

export const scenario: Scenario = {
  name: 'files-lost',
  says: 'Somebody deleted a directory of an archive and cut a file short; the snapshots of the night still have both.',
  flavour: 'core',
  prepare,
};

export function prepare(world: World): void {
  world.longWork.runsMs = 20_000;
  const { disk } = world.nas;
  addKept(world, 'main/archive', (root) => {
    Object.assign(root, { entries: ['report.pdf', 'current'], sizes: { 'report.pdf': 40 * MIB }, links: ['current'] });
    for (const [name, entries] of [
      ['photos', ['IMG_1.HEIC', 'IMG_2.HEIC', 'IMG_3.HEIC']],
      ['letters', ['a.odt', 'b.odt']],
      ['drafts', ['c.odt', 'd.odt', 'e.odt']],
      ['empty', []],
      ['old/2019', ['x.tar']],
    ] as const)
      disk.make(`/mnt/main/archive/${name}`, { uid: 1000, gid: 1000, mode: 0o750, entries: [...entries] });
  });
  loseFiles(world);
  addKept(world, 'main/forgejo', (root) => Object.assign(root, { entries: ['gitea.db'] }));
  writtenTo(world, 'main/forgejo', 3 * MIB);
  disk.at('/mnt/main/forgejo')?.entries.push('issue.md');
  addKept(world, 'main/quiet', (root) => Object.assign(root, { entries: ['data'] }));
  addKept(world, 'main/marked', (root) => Object.assign(root, { entries: ['data'] }));
  disk.bookmarks.push({ name: 'main/marked#sent', createdMs: Date.UTC(2026, 3, 3, 6) });
  disk.at('/mnt/main/marked')?.entries.push('later');
  addKept(world, 'main/iscsi', (root) => Object.assign(root, { entries: [] }));
  disk.at('/mnt/main/iscsi')?.entries.push('note');
  const volume = { name: 'main/iscsi/csi-pvc-1', mountPoint: '-', mounted: false, canMount: 'on', isVolume: true } as const;
  disk.datasets.push({ ...volume, writtenBytes: 9 * MIB });
  const device = disk.datasets.at(-1);
  if (device !== undefined) keepSnapshot(disk, device, { short: TODAY, createdMs: Date.UTC(2026, 3, 3) });
  addClone(world);
}

/** Photos gone, a report cut short, letters restored beside already, drafts only in part. */
function loseFiles(world: World): void {
  const { disk } = world.nas;
  const letters = disk.at('/mnt/main/archive/letters');
  disk.make(`/mnt/main/archive/letters.restored-${TODAY}`, { ...letters });
  disk.make(`/mnt/main/archive/drafts.restored-${TODAY}`, { mode: 0o750, entries: ['c.odt'] });
  for (const path of ['photos', 'old/2019', 'old']) disk.remove(`/mnt/main/archive/${path}`);
  const root = disk.at('/mnt/main/archive');
  if (root !== undefined) root.sizes = { 'report.pdf': 4_096 };
  writtenTo(world, 'main/archive', 12 * MIB);
}

/** Somebody has asked for a clone of yesterday's state before. */
function addClone({ nas: { disk } }: World): void {
  const origin = snapshotNamed(disk, `main/archive@${YESTERDAY}`);
  const name = 'main/archive-storagebot-91c0ffee42-1-clone';
  const clone = { name, mountPoint: `/mnt/${name}`, mounted: true, canMount: 'on', readOnly: true } as const;
  disk.datasets.push({ ...clone, origin: `main/archive@${YESTERDAY}` });
  const made = disk.datasets.at(-1);
  if (made !== undefined && origin !== undefined) disk.fill(made, origin.content);
}
