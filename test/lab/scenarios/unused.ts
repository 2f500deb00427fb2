import { applyShares, exportLine, loadExports } from '../site/exports.ts';
import { CLIENT_NETWORK } from '../site/nas.ts';
import { addWorkload } from '../site/populate.ts';
import { nodeOf, type World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

export const OLD_WIKI = '/mnt/main/old-wiki';

/** Exports a directory that nothing uses, as this server's people would have: in its share, or by a line of its main file. */
export function exportUnused({ nas, time }: World, path: string): void {
  nas.disk.make(path, { mode: 0o777, entries: ['data'] });
  const [first] = nas.shares;
  if (nas.flavour === 'debian' || !nas.middleware || first === undefined) {
    nas.files.set('/etc/exports', `${nas.files.get('/etc/exports')}${exportLine(nas.flavour, path)}\n`);
    loadExports(nas, time.nowMs);
    return;
  }
  if (nas.flavour === 'core') first.paths = [...first.paths, path];
  else nas.shares.push({ id: nas.shares.length + 1, paths: [path], networks: [CLIENT_NETWORK], enabled: true });
  applyShares(nas, time.nowMs);
}

/** Something was exported by hand, and no file and no share knows of it. */
export function exportByHand({ nas }: World, path: string): void {
  nas.disk.make(path, { mode: 0o777 });
  const [first] = nas.active;
  if (first === undefined) throw new Error('the lab exports something');
  nas.active.push({ ...first, path });
}

/** A volume that nobody claims any more, in the way it was claimed last. */
export function addReleased({ store, nas }: World, name: string, path: string): void {
  const csi = { driver: 'nfs.csi.k8s.io', volumeHandle: name, volumeAttributes: { server: nas.address, share: path } };
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: 'wiki',
    name,
    uid: 'f2a5b0c4-6d0e-4a6c-9a55-0d5d3c9a7e11',
  };
  const spec = { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteMany'], persistentVolumeReclaimPolicy: 'Retain' };
  const metadata = { name, uid: '0b6f1f8e-52a4-4f52-8a4b-3f3d0a8b6c21' };
  const status = { phase: 'Released' };
  store.create({ apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec: { ...spec, claimRef, csi }, status });
}

function writeOwnFile({ nas, time }: World, file: string, text: string): void {
  nas.disk.make(OLD_WIKI, { mode: 0o777, entries: ['data'] });
  nas.files.set(`/etc/exports.d/${file}.exports`, text);
  loadExports(nas, time.nowMs);
}

/** Exports that nothing uses, and some that only seem so. */
export const unusedExports: readonly Scenario[] = [
  {
    name: 'export-unused',
    says: 'A directory with old data is exported, and nothing uses it.',
    prepare: (world) => exportUnused(world, OLD_WIKI),
  },
  {
    name: 'export-unused-prefix',
    says: 'An export that nothing uses has a path with which the paths of others begin.',
    prepare: (world) => exportUnused(world, '/mnt/main/im'),
  },
  {
    name: 'export-unused-own-share',
    says: 'A dataset that nothing uses has a share of its own, which is read-only.',
    flavour: 'core',
    prepare: ({ nas, time }) => {
      nas.disk.addDataset('main/old-wiki', OLD_WIKI);
      nas.shares.push({ id: nas.shares.length + 1, paths: [OLD_WIKI], networks: [CLIENT_NETWORK], enabled: true, ro: true });
      applyShares(nas, time.nowMs);
    },
  },
  {
    name: 'export-unused-own-file',
    says: 'An export that nothing uses has a file of its own, with options of its own.',
    flavour: 'debian',
    prepare: (world) => writeOwnFile(world, 'mnt+main+old-wiki', `${OLD_WIKI} ${CLIENT_NETWORK}(ro,sync,no_subtree_check)\n`),
  },
  {
    name: 'export-unused-in-mixed-file',
    says: 'An export that nothing uses is in a file with others.',
    flavour: 'debian',
    prepare: (world) => {
      world.nas.disk.make('/mnt/main/photos');
      writeOwnFile(world, 'people', ['/mnt/main/photos', OLD_WIKI].map((path) => `${exportLine('debian', path)}\n`).join(''));
    },
  },
  {
    name: 'export-unused-twice',
    says: 'An export that nothing uses is in the main file and in a file of its own.',
    flavour: 'debian',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      writeOwnFile(world, 'mnt+main+old-wiki', `${exportLine('debian', OLD_WIKI)}\n`);
    },
  },
  {
    name: 'export-unused-switched-off',
    says: 'A share that is switched off names a directory that nothing uses.',
    flavour: 'scale',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      for (const share of world.nas.shares) if (share.paths.includes(OLD_WIKI)) share.enabled = false;
      applyShares(world.nas, world.time.nowMs);
    },
  },
  {
    name: 'export-unused-by-script',
    says: 'A script makes the exports, and one of them is used by nothing.',
    flavour: 'core',
    prepare: (world) => {
      world.nas.middleware = false;
      exportUnused(world, OLD_WIKI);
    },
  },
  {
    name: 'export-unused-missing',
    says: 'An export that nothing uses names a directory that was deleted: the middleware refuses every change of its share.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      world.nas.disk.remove(OLD_WIKI);
    },
  },
  {
    name: 'export-unused-beside-missing',
    says: 'An export that nothing uses is in one share with a directory that was deleted.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      exportUnused(world, '/mnt/main/gone');
      world.nas.disk.remove('/mnt/main/gone');
    },
  },
  {
    name: 'export-unused-beside-stray',
    says: 'Beside an export that nothing uses, another is in force that was made by hand.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      exportByHand(world, '/mnt/main/by-hand');
    },
  },
  {
    name: 'export-unused-not-loaded',
    says: 'The file names a directory that nothing uses, and the server has not read it since.',
    flavour: 'debian',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      world.nas.active = world.nas.active.filter(({ path }) => path !== OLD_WIKI);
    },
  },
  {
    name: 'export-unused-blind-node',
    says: 'An export seems to be used by nothing, and one node does not let us look at its mounts.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      nodeOf(world, 'k8s-node2').sshAnswers = false;
    },
  },
  {
    name: 'export-unused-blind-cluster',
    says: 'An export seems to be used by nothing, and the API server does not let us look at pods.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      world.api.forbidden.add('pods');
    },
  },
  {
    name: 'export-released',
    says: 'An export is used by nothing but a PersistentVolume whose claim was deleted, and which names it with a slash too many.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      addReleased(world, 'wiki-data', `${OLD_WIKI}/`);
    },
  },
  {
    name: 'export-used-below',
    says: 'A pod mounts a directory below an export, without a claim.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      const path = `${OLD_WIKI}/attachments`;
      world.nas.disk.make(path, { mode: 0o777, entries: ['data'] });
      const inlineNfs = { name: 'attachments', server: world.nas.address, path };
      addWorkload(world, { namespace: 'wiki', kind: 'Deployment', name: 'wiki', nodes: ['k8s-node1'], inlineNfs });
    },
  },
  {
    name: 'export-seen-from-above',
    says: 'A dataset has an export of its own, and a volume names the directory above it.',
    flavour: 'debian',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      addReleased(world, 'wiki-data', OLD_WIKI);
      world.nas.disk.addDataset('main/wiki-pages', `${OLD_WIKI}/pages`);
      exportUnused(world, `${OLD_WIKI}/pages`);
    },
  },
  {
    name: 'export-mounted-by-client',
    says: 'An export is mounted by a machine that is no node of the cluster.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      world.nas.otherMounts.push({ client: '10.0.20.50', path: OLD_WIKI });
    },
  },
  {
    name: 'export-of-parent',
    says: 'A whole pool is exported beside its directories.',
    flavour: 'debian',
    prepare: ({ nas, time }) => {
      nas.files.set('/etc/exports', `${nas.files.get('/etc/exports')}${exportLine('debian', '/mnt/main')}\n`);
      loadExports(nas, time.nowMs);
    },
  },
];
