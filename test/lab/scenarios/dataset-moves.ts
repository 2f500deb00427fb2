import { FULL_SCRIPT, SINCE_SCRIPT } from '../../../src/commands/zfs-send.ts';
import type { Dataset } from '../site/disk.ts';
import { exportPaths } from '../site/exports.ts';
import { uidOf } from '../site/ids.ts';
import { addWorkload } from '../site/populate.ts';
import { execute, machineNamed } from '../site/run.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import { notReady, podOf, SERVER_PODS } from './changes.ts';
import type { Scenario } from './scenario.ts';

const SOURCE = 'main/immich/encoded-video';
const PATH = `/mnt/${SOURCE}`;
const TARGET = 'ssd/immich-encoded-video';
const CLAIM = 'immich-encoded-video';
const NEW_CLAIM = `${CLAIM}-storagebot-ssd`;

const DEPLOYMENTS = kind('apps/v1', 'deployments');
const VOLUMES = kind('v1', 'persistentvolumes');
const SERVER = { resource: DEPLOYMENTS, ...SERVER_PODS };

/** Makes a dataset of a directory, as copying its files into one would; its handles stay as they are. */
function asDataset({ nas: { disk } }: World, name: string): Dataset {
  const mountPoint = `/mnt/${name}`;
  const holder = disk.holder(mountPoint);
  const all = disk
    .content(holder)
    .map((each) => ({ ...each, path: `${holder.mountPoint === '/' ? '/' : holder.mountPoint}${each.path}` }));
  const isInside = (path: string) => path === mountPoint || path.startsWith(`${mountPoint}/`);
  const dataset: Dataset = { name, mountPoint, mounted: true, canMount: 'on' };
  const below = (path: string) => path.slice(holder.mountPoint === '/' ? 1 : holder.mountPoint.length);
  disk.fill(
    holder,
    all.filter(({ path }) => !isInside(path)).map((each) => ({ ...each, path: below(each.path) })),
  );
  disk.datasets.push(dataset);
  disk.fill(
    dataset,
    all.filter(({ path }) => isInside(path)).map((each) => ({ ...each, path: each.path.slice(mountPoint.length) })),
  );
  return dataset;
}

/** The videos of immich are a dataset of their own on the slow pool, with two films; long work takes half a minute. */
function prepare(world: World): void {
  const { disk, flavour } = world.nas;
  if (flavour === 'debian') for (const pool of ['main', 'ssd']) asDataset(world, pool);
  disk.datasets.push({ name: 'main/immich', mountPoint: '/mnt/main/immich', mounted: false, canMount: 'off' });
  asDataset(world, SOURCE);
  Object.assign(directory(world, PATH), { entries: ['1.mp4', '2.mp4'], sizes: { '1.mp4': 3 * 2 ** 30, '2.mp4': 2 ** 30 } });
  world.longWork.runsMs = 30_000;
}

function directory({ nas }: World, path: string) {
  const found = nas.disk.at(path);
  if (found === undefined) throw new Error(`The lab has no ${path}`);
  return found;
}

function datasetNamed({ nas }: World, wanted: string): Dataset {
  const found = nas.disk.datasets.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`The lab has no dataset ${wanted}`);
  return found;
}

function onNas(world: World, ...argv: string[]): void {
  const machine = machineNamed(world, world.nas.name);
  if (machine === undefined) throw new Error('The lab has no NAS');
  const { exitCode, stderr } = execute(world, machine, { argv });
  if (exitCode !== 0) throw new Error(stderr);
}

/** A move as an earlier run left it once the first copy had ended. */
function copied(world: World): void {
  prepare(world);
  onNas(world, 'zfs', 'snapshot', `${SOURCE}@storagebot-0-1-full`);
  onNas(world, 'sh', '-c', FULL_SCRIPT, 'storagebot', `${SOURCE}@storagebot-0-1-full`, TARGET);
}

/** Nobody runs, and nothing changes any more. */
function stopped(world: World): void {
  copied(world);
  world.store.patch(SERVER, { metadata: { annotations: { 'storagebot/ran-before': '1' } }, spec: { replicas: 0 } });
  world.time.advance(60_000);
  onNas(world, 'zfs', 'set', 'readonly=on', SOURCE);
}

function mounted(world: World): void {
  stopped(world);
  onNas(world, 'zfs', 'snapshot', `${SOURCE}@storagebot-0-2-last`);
  const since = [`${SOURCE}@storagebot-0-1-full`, `${SOURCE}@storagebot-0-2-last`, TARGET];
  onNas(world, 'sh', '-c', SINCE_SCRIPT, 'storagebot', ...since);
  onNas(world, 'zfs', 'mount', TARGET);
}

/** Everything is done, and the server works on the copy. */
function moved(world: World): void {
  mounted(world);
  const active = world.nas.active.map(({ path }) => path);
  exportPaths(world.nas, [...new Set([...active, `/mnt/${TARGET}`])].toSorted());
  const { spec } = world.store.get({ resource: VOLUMES, name: CLAIM });
  const volumeAttributes = { server: world.nas.address, share: `/mnt/${TARGET}` };
  const csi = { driver: 'nfs.csi.k8s.io', volumeHandle: NEW_CLAIM, volumeAttributes };
  const claimRef = { namespace: 'immich', name: NEW_CLAIM };
  const volume = { metadata: { name: NEW_CLAIM }, spec: { ...Object(spec), csi, claimRef } };
  world.store.create({ apiVersion: 'v1', kind: 'PersistentVolume', ...volume });
  const claim = {
    metadata: { name: NEW_CLAIM, namespace: 'immich' },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '10Gi' } }, volumeName: NEW_CLAIM },
  };
  world.store.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...claim });
  const { template } = Object(world.store.get(SERVER)['spec']);
  const volumes = template.spec.volumes.map((each: { name: string }) =>
    each.name === CLAIM ? { name: CLAIM, persistentVolumeClaim: { claimName: NEW_CLAIM } } : each,
  );
  const annotations = { 'storagebot/ran-before': null };
  world.store.patch(SERVER, { metadata: { annotations }, spec: { replicas: 1, template: { spec: { volumes } } } });
  world.time.advance(60_000);
}

/** Reads as a change of the healthy, prepared world. */
function where(name: string, says: string, change: (world: World) => void): Scenario {
  return {
    name,
    says,
    prepare: (world) => {
      prepare(world);
      change(world);
    },
  };
}

const PRUNE_VOLUMES = [{ name: 'videos', persistentVolumeClaim: { claimName: CLAIM } }];

/** A CronJob that looks into the dataset each night. */
function addPrune({ store }: World): void {
  const template = { spec: { volumes: PRUNE_VOLUMES, containers: [{ name: 'prune', image: 'registry.lab.lan/prune:1' }] } };
  const metadata = { name: 'prune', namespace: 'immich' };
  const spec = { schedule: '0 4 * * *', jobTemplate: { spec: { template } } };
  store.create({ apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec });
}

function holding(bytes: number): (world: World) => void {
  return (world) => void Object.assign(directory(world, PATH), { sizes: { '1.mp4': bytes } });
}

const GIB = 2 ** 30;

export const datasetMoves: readonly Scenario[] = [
  where('dataset-to-move', 'The videos of immich are a dataset of their own on the slow pool.', () => undefined),
  {
    name: 'move-copied',
    says: 'A move was interrupted after its first copy: the users still work on the old dataset.',
    prepare: copied,
  },
  {
    name: 'move-stopped',
    says: 'A move was interrupted when the users were stopped and the old dataset was read-only.',
    prepare: stopped,
  },
  { name: 'move-mounted', says: 'A move was interrupted when the copy was complete and mounted.', prepare: mounted },
  {
    name: 'move-mounted-restarted',
    says: 'A move was interrupted when the copy was mounted, and an apply of Terraform has started the user on the old dataset.',
    prepare: (world) => {
      mounted(world);
      world.store.patch(SERVER, { spec: { replicas: 1 } });
      world.time.advance(60_000);
    },
  },
  { name: 'move-done', says: 'A dataset was moved, and its users work on the copy.', prepare: moved },
  {
    name: 'move-done-not-ready',
    says: 'A dataset was moved, and its user does not become ready on the copy.',
    prepare: (world) => {
      moved(world);
      notReady(world, SERVER_PODS);
    },
  },
  {
    name: 'move-copy-differs',
    says: 'The copy has a file less than the dataset.',
    prepare: (world) => {
      mounted(world);
      directory(world, `/mnt/${TARGET}`).entries.pop();
    },
  },
  {
    name: 'move-copy-empty',
    says: 'Neither the dataset nor its copy holds a file: nothing was mounted when it was copied.',
    prepare: (world) => {
      mounted(world);
      for (const path of [PATH, `/mnt/${TARGET}`]) directory(world, path).entries = [];
    },
  },
  {
    name: 'move-copy-changed',
    says: 'A move was taken back, and somebody had written to the copy.',
    prepare: (world) => {
      copied(world);
      datasetNamed(world, TARGET).writtenBytes = 8_192;
    },
  },
  {
    name: 'move-copy-snapshotted',
    says: "The site's own job made a snapshot of the copy before it could be brought up to date.",
    prepare: (world) => {
      copied(world);
      onNas(world, 'zfs', 'snapshot', `${TARGET}@auto-2026-04-03_00-00`);
    },
  },
  where('move-child', 'Another dataset lies below the one to move.', ({ nas }) => {
    nas.disk.datasets.push({ name: `${SOURCE}/old`, mountPoint: `${PATH}/old`, mounted: true, canMount: 'on' });
  }),
  where('move-nearly-no-room', 'The other pool has just enough free.', holding(80 * GIB)),
  where('move-too-full', 'The other pool has room, and would be full to 84 %.', holding(110 * GIB)),
  where('move-no-room', 'The other pool has less free than the dataset and a fifth.', holding(130 * GIB)),
  where('move-pool-degraded', 'A disk of the other pool failed.', ({ nas }) => {
    for (const pool of nas.pools) if (pool.name === 'ssd') pool.health = 'DEGRADED';
  }),
  where('move-target-foreign', 'Another dataset has the name that the copy would get.', ({ nas }) => {
    nas.disk.addDataset(TARGET, `/mnt/${TARGET}`);
  }),
  where('move-target-directory', 'A plain directory is where the copy would be mounted.', ({ nas }) => {
    nas.disk.make(`/mnt/${TARGET}`, { entries: ['keep.txt'] });
  }),
  where('move-encrypted', 'The dataset is encrypted.', (world) => {
    datasetNamed(world, SOURCE).isEncrypted = true;
  }),
  where('move-daemon-set', 'A DaemonSet uses the dataset too.', (world) => {
    addWorkload(world, { namespace: 'immich', kind: 'DaemonSet', name: 'transcoder', nodes: ['k8s-node3'], claims: [CLAIM] });
  }),
  where('move-operator', "An operator's object made the user of the dataset.", (world) => {
    const ownerReferences = [{ apiVersion: 'example.net/v1', kind: 'Immich', name: 'photos', uid: 'u-1' }];
    world.store.patch(SERVER, { metadata: { ownerReferences } });
  }),
  where('move-bare-pod', 'A pod that nothing would start again uses the dataset.', (world) => {
    const pod = podOf(world, SERVER_PODS);
    const metadata = { name: 'looking-around', namespace: 'immich', uid: uidOf('pod/looking-around') };
    world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: Object(pod['spec']), status: { phase: 'Running' } });
  }),
  where('move-cron-running', 'A CronJob that uses the dataset is running now.', (world) => {
    addPrune(world);
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'prune-29586780', uid: 'job-1', controller: true }];
    const metadata = { name: 'prune-29586780-x7k2p', namespace: 'immich', uid: uidOf('pod/prune'), ownerReferences };
    const spec = { volumes: PRUNE_VOLUMES, containers: [{ name: 'prune' }], nodeName: 'k8s-node3' };
    world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Running' } });
  }),
  where('move-users-unseen', 'The bot may not list pods, so that nobody knows who uses the dataset.', ({ api }) => {
    api.forbidden.add('pods');
  }),
  where(
    'move-two-users',
    'A Deployment that is scaled to nothing and a CronJob use the dataset beside its Deployment.',
    (world) => {
      const off = { namespace: 'immich', kind: 'Deployment', name: 'immich-public', nodes: [], claims: [CLAIM] } as const;
      addWorkload(world, off);
      addPrune(world);
    },
  ),
];
