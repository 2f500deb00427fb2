import { exportLine, loadExports } from '../site/exports.ts';
import { addWorkload } from '../site/populate.ts';
import type { World } from '../site/world.ts';
import { LIBRARY, UPLOAD } from './changes.ts';
import type { Scenario } from './scenario.ts';
import { addReleased, exportByHand, exportUnused, OLD_WIKI } from './unused.ts';

function editFile({ nas }: World, edit: (text: string) => string): void {
  nas.files.set('/etc/exports', edit(nas.files.get('/etc/exports') ?? ''));
}

function reload({ nas, time }: World): void {
  loadExports(nas, time.nowMs);
}

/** What may be wrong with the exports of a site while its services work. */
export const checkedExports: readonly Scenario[] = [
  {
    name: 'export-conflict-waiting',
    says: 'A line of exports got other options than those of its file system, and mountd has not read it yet.',
    flavour: 'core',
    prepare: (world) => editFile(world, (text) => text.replace(`${LIBRARY} -maproot`, `${LIBRARY} -ro -maproot`)),
  },
  {
    name: 'export-not-loaded-beside-conflict',
    says: 'One line waits to be read, and reading it would drop another whose options contradict the first.',
    flavour: 'core',
    prepare: (world) => {
      editFile(world, (text) => text.replace(`${LIBRARY} -maproot`, `${LIBRARY} -ro -maproot`));
      world.nas.active = world.nas.active.filter(({ path }) => path !== UPLOAD);
    },
  },
  {
    name: 'export-open',
    says: 'An export names no network: everybody who reaches the server may mount it.',
    prepare: (world) => {
      const all = { core: ' -network 10.0.20.0/24', scale: '10.0.20.0/24', debian: '10.0.20.0/24' }[world.nas.flavour];
      const line = exportLine(world.nas.flavour, UPLOAD);
      for (const share of world.nas.shares) if (share.paths.includes(UPLOAD) && share.paths.length === 1) share.networks = ['*'];
      editFile(world, (text) => text.replace(line, line.replace(all, world.nas.flavour === 'core' ? '' : '*')));
      reload(world);
    },
  },
  {
    name: 'export-to-another-network-too',
    says: 'An export is for the nodes, and for a network that is not of the site.',
    flavour: 'debian',
    prepare: (world) => {
      editFile(world, (text) => `${text}${exportLine('debian', UPLOAD, '192.168.9.0/24')}\n`);
      reload(world);
    },
  },
  {
    name: 'export-by-hand',
    says: 'An export was made by hand, and no file names it.',
    prepare: (world) => exportByHand(world, '/mnt/main/by-hand'),
  },
  {
    name: 'export-not-loaded-beside-stray',
    says: 'One line waits to be read, and reading it would drop an export that was made by hand.',
    flavour: 'debian',
    prepare: (world) => {
      exportByHand(world, '/mnt/main/by-hand');
      world.nas.active = world.nas.active.filter(({ path }) => path !== UPLOAD);
    },
  },
  {
    name: 'exports-edited-on-truenas',
    says: 'Somebody wrote an export into the file that the middleware writes.',
    flavour: 'core',
    prepare: (world) => {
      world.nas.disk.make(OLD_WIKI, { mode: 0o777 });
      editFile(world, (text) => `${text}${exportLine('core', OLD_WIKI)}\n`);
      reload(world);
    },
  },
  {
    name: 'share-not-written',
    says: 'A share got another network, and the middleware did not write its file.',
    flavour: 'scale',
    prepare: ({ nas }) => {
      for (const share of nas.shares) if (share.paths.includes(UPLOAD)) share.networks = ['192.168.9.0/24'];
    },
  },
  {
    name: 'files-under-a-dataset',
    says: 'A dataset is not mounted, and clients have written where it belongs.',
    prepare: ({ nas }) => {
      const path = '/mnt/ssd/immich/thumbs';
      const dataset = nas.disk.addDataset('ssd/immich/thumbs', path);
      dataset.mounted = false;
    },
  },
  {
    name: 'path-missing-not-loaded',
    says: 'The file names a directory that does not exist, and the server does not export it.',
    flavour: 'debian',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      world.nas.disk.remove(OLD_WIKI);
      reload(world);
    },
  },
  {
    name: 'volume-beside-an-export',
    says: 'A volume names a directory with whose path those of exported ones begin.',
    prepare: (world) => {
      world.nas.disk.make('/mnt/main/im', { mode: 0o777 });
      addReleased(world, 'im-data', '/mnt/main/im');
    },
  },
  {
    name: 'volume-used-beside-an-export',
    says: 'A pod names a directory with whose path those of exported ones begin, and which is not exported.',
    prepare: (world) => {
      world.nas.disk.make('/mnt/main/im', { mode: 0o777 });
      const inlineNfs = { name: 'data', server: world.nas.address, path: '/mnt/main/im' };
      addWorkload(world, { namespace: 'im', kind: 'Deployment', name: 'im', nodes: ['k8s-node1'], inlineNfs });
    },
  },
  {
    name: 'dataset-below-an-export',
    says: 'A dataset was made below an exported directory, and clients see it empty.',
    prepare: (world) => {
      exportUnused(world, OLD_WIKI);
      world.nas.disk.addDataset('main/old-wiki/files', `${OLD_WIKI}/files`);
    },
  },
  {
    name: 'volume-of-no-directory',
    says: 'A volume names a directory that does not exist, and is not exported.',
    prepare: (world) => addReleased(world, 'wiki-data', OLD_WIKI),
  },
];
