import { GIB } from '../site/block.ts';
import { blockName, logicalName } from '../site/populate-block.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import { type ClaimName, diskOf, fill, NEXTCLOUD, NOVEL, POSTGRES } from './capacity-changes.ts';
import type { Scenario } from './scenario.ts';

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');
const CLASSES = kind('storage.k8s.io/v1', 'storageclasses');
const DEPLOYMENTS = kind('apps/v1', 'deployments');

function patchClaim({ store }: World, { namespace, claim: name }: ClaimName, patch: Record<string, unknown>): void {
  store.patch({ resource: CLAIMS, namespace, name }, patch);
}

const asked = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

/** No pod of the novel app runs any more. */
function stopNovelApp(world: World): void {
  world.store.patch({ resource: DEPLOYMENTS, namespace: 'novelapp', name: 'novelapp' }, { spec: { replicas: 0 } });
  world.time.advance(60_000);
}

function ownByCluster(world: World): void {
  const owner = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg-cluster', uid: 'c-1', controller: true };
  patchClaim(world, POSTGRES, {
    metadata: { labels: { 'cnpg.io/cluster': 'pg-cluster', 'cnpg.io/pvcRole': 'PG_DATA' }, ownerReferences: [owner] },
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'claims-owned',
    says: 'Claims belong to CloudNativePG, to an operator of another kind, to a Helm release, and to Terraform.',
    prepare: (world) => {
      ownByCluster(world);
      const prometheus = { namespace: 'monitoring', claim: 'prometheus-data-proxmox' };
      patchClaim(world, prometheus, {
        metadata: { ownerReferences: [{ apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', name: 'main', uid: 'p-1' }] },
      });
      patchClaim(world, NEXTCLOUD, {
        metadata: {
          labels: { 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: { 'meta.helm.sh/release-name': 'nextcloud', 'meta.helm.sh/release-namespace': 'nextcloud' },
        },
      });
      const managedFields = [{ manager: 'terraform-provider-kubernetes_v2.38.0_x5', operation: 'Update', apiVersion: 'v1' }];
      patchClaim(world, NOVEL, { metadata: { managedFields } });
    },
  },
  {
    name: 'volume-twice',
    says: 'Somebody made a second volume of the cluster for a disk that has one.',
    prepare: ({ store }) => {
      const csi = { driver: 'csi.proxmox.sinextra.dev', volumeHandle: `pve/pve/local-lvm/${logicalName(NOVEL)}` };
      const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi };
      store.create({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'by-hand' }, spec });
    },
  },
  {
    name: 'pool-promised',
    says: 'The volumes in the thin pool are promised more than it has.',
    prepare: ({ hypervisor: { thinPool } }) => void Object.assign(thinPool, { sizeBytes: 1_024 * GIB }),
  },
  {
    name: 'database-full',
    says: 'The disk of an instance of CloudNativePG is full, so that it does not start.',
    prepare: (world) => {
      ownByCluster(world);
      fill(world, POSTGRES, 100);
    },
  },
  {
    name: 'class-forbids-expansion',
    says: 'The storage class of block volumes does not let claims grow.',
    prepare: ({ store }) => store.patch({ resource: CLASSES, name: 'proxmox-lvm' }, { allowVolumeExpansion: false }),
  },
  {
    name: 'claim-on-another-driver',
    says: 'A claim is on a driver that the bot does not know.',
    prepare: ({ store }) => {
      store.patch({ resource: VOLUMES, name: blockName(NOVEL) }, { spec: { csi: { driver: 'rook-ceph.rbd.csi.ceph.com' } } });
    },
  },
  {
    name: 'expansion-hangs',
    says: 'A claim asks for more, and the driver’s token is not accepted, so nothing grows.',
    prepare: (world) => {
      world.hypervisor.driverToken = 'invalid';
      patchClaim(world, NOVEL, asked('2Gi'));
      world.time.advance(60_000);
    },
  },
  { name: 'claim-not-mounted', says: 'No pod has the claim of the novel app mounted.', prepare: stopNovelApp },
  {
    name: 'expansion-waits-for-a-pod',
    says: 'A claim was expanded while no pod had it mounted.',
    prepare: (world) => {
      stopNovelApp(world);
      patchClaim(world, NOVEL, asked('2Gi'));
      world.time.advance(60_000);
    },
  },
  {
    name: 'file-system-behind',
    says: 'A claim was expanded, and the file system in it was not.',
    prepare: (world) => {
      const { fileSystem } = diskOf(world, NOVEL);
      const { sizeBytes } = fileSystem;
      patchClaim(world, NOVEL, asked('2Gi'));
      world.time.advance(60_000);
      fileSystem.sizeBytes = sizeBytes;
    },
  },
];
