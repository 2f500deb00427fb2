import { planName, REPLACE_SCRIPT } from '../../../src/commands/terraform.ts';
import {
  addBackups,
  addUsualBackups,
  backupsIn,
  type LabBackup,
  postgresDumpOf,
  removeBackups,
} from '../site/databases/backups.ts';
import { addPostgres } from '../site/databases/postgres.ts';
import { addPostgresOperator, setInstances } from '../site/databases/postgres-operator.ts';
import { DATABASES } from '../site/databases/settings.ts';
import { startJob } from '../site/jobs.ts';
import { addBlockVolume } from '../site/populate.ts';
import { execute, machineNamed } from '../site/run.ts';
import { kind, PROXMOX_DRIVER } from '../site/volumes.ts';
import { CHECKOUT, PLANS } from '../site/workstation.ts';
import type { World } from '../site/world.ts';
import { deleteCluster, endInstances, setCluster, setPhase } from './postgres-changes.ts';
import type { Scenario } from './scenario.ts';

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');
const CLUSTERS = kind('postgresql.cnpg.io/v1', 'clusters');
const { namespace, stack: RESOURCE, backups } = DATABASES.postgres;

const MINUTE_MS = 60_000;

/** Somebody deleted both claims of the cluster; its volumes are left, and fourteen nights of dumps. */
function lose(world: World): void {
  const postgres = addPostgres(world);
  addUsualBackups(world);
  addPostgresOperator(world, postgres);
  endInstances(world, { claims: true });
  setInstances(world, 0);
  const phaseReason =
    'One or more instances were previously created, but no PersistentVolumeClaims (PVCs) exist. The cluster is in an unrecoverable state. To resolve this, restore the cluster from a recent backup.';
  setPhase(world, 'Cluster is unrecoverable and needs manual intervention', { phaseReason, readyInstances: 0 });
  world.time.advance(MINUTE_MS);
}

/** The name of one of the volumes that are left. */
export function volumeOf({ store }: Pick<World, 'store'>, claim: string): string {
  const own = store.list({ resource: VOLUMES }).find(({ spec }) => JSON.stringify(spec).includes(`"name":"${claim}"`));
  if (own === undefined) throw new Error(`The lab has no volume of ${claim}`);
  return own.metadata.name;
}

export function setVolume({ store }: World, claim: string, patch: Readonly<Record<string, unknown>>): void {
  store.patch({ resource: VOLUMES, name: volumeOf({ store }, claim) }, patch);
}

/** A claim of the cluster that nobody deleted. */
function leaveClaim({ store }: World, name: string, whose: Readonly<Record<string, unknown>>): void {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'proxmox-lvm', resources: { requests: { storage: '20Gi' } } };
  store.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, ...whose },
    spec,
    status: { phase: 'Pending' },
  });
}

function leavePod({ store }: World): void {
  store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pg-cluster-1', namespace, labels: { 'cnpg.io/cluster': 'pg-cluster', 'cnpg.io/podRole': 'instance' } },
    spec: { containers: [{ name: 'postgres', image: 'ghcr.io/cloudnative-pg/postgis:16' }] },
    status: { phase: 'Pending' },
  });
}

function newest(world: World): LabBackup {
  const directory = world.nas.disk.at(backups.path);
  const [first] = directory === undefined ? [] : backupsIn(world, directory).toSorted((a, b) => b.writtenMs - a.writtenMs);
  if (first === undefined) throw new Error('The lab has no dump');
  return first;
}

/** Somebody has let Terraform plan to make the cluster anew. */
export function planned(world: World): void {
  const { workstation } = world;
  const machine = machineNamed(world, workstation.name);
  if (machine === undefined) throw new Error('The lab has a workstation');
  const { commit } = workstation;
  const words = [`${CHECKOUT}/${RESOURCE.stack}`, PLANS, planName(RESOURCE, commit), commit, RESOURCE.address];
  execute(world, machine, { argv: ['sh', '-c', REPLACE_SCRIPT, 'terragrunt', ...words] });
}

export function apply(world: World): void {
  world.workstation.makers.get(RESOURCE.address)?.(world);
  world.time.advance(MINUTE_MS);
}

const lost = (name: string, says: string, change: (world: World) => void): Scenario => ({
  name: `postgres-rebuild-${name}`,
  says,
  prepare: (world) => {
    lose(world);
    change(world);
  },
});

const gone = (name: string, says: string, change: (world: World) => void): Scenario =>
  lost(name, says, (world) => {
    deleteCluster(world, { isGone: true });
    world.time.advance(MINUTE_MS);
    change(world);
  });

export const postgresRebuilds: readonly Scenario[] = [
  lost('lost', 'Both claims of PostgreSQL are gone, and its operator has given the cluster up.', () => {}),
  lost('going', 'Somebody deleted the lost cluster, and a finalizer keeps its object.', (world) =>
    deleteCluster(world, { isGone: false }),
  ),
  lost('not-retained', 'A volume of the lost cluster is to be deleted with its claim.', (world) =>
    setVolume(world, 'pg-cluster-2', { spec: { persistentVolumeReclaimPolicy: 'Delete' } }),
  ),
  lost('taken', 'Somebody has given a volume of the lost cluster to a claim again.', (world) =>
    setVolume(world, 'pg-cluster-1', { status: { phase: 'Bound' } }),
  ),
  lost('claim-left', 'A claim of the lost cluster is still there.', (world) =>
    leaveClaim(world, 'pg-cluster-3', { labels: { 'cnpg.io/cluster': 'pg-cluster' } }),
  ),
  lost('claim-owned', 'A claim of another name, without a label, belongs to the object of the lost cluster.', (world) => {
    const { uid } = world.store.get({ resource: CLUSTERS, namespace, name: 'pg-cluster' }).metadata;
    const owner = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg-cluster', uid };
    leaveClaim(world, 'rescued-pgdata', { ownerReferences: [owner] });
  }),
  lost('volume-free', 'Somebody has freed a volume of the lost cluster for any claim.', (world) =>
    setVolume(world, 'pg-cluster-2', { spec: { claimRef: null }, status: { phase: 'Available' } }),
  ),
  lost('backed-up', 'The operator of the lost cluster makes snapshots of it.', (world) =>
    setCluster(world, { spec: { backup: { volumeSnapshot: { className: 'proxmox', snapshotOwnerReference: 'cluster' } } } }),
  ),
  lost('pod-left', 'A pod of the lost cluster is still there.', leavePod),
  lost('no-volumes', 'Nothing is left of the lost cluster.', ({ store }) => {
    for (const claim of ['pg-cluster-1', 'pg-cluster-2']) {
      const name = volumeOf({ store }, claim);
      store.delete({ resource: VOLUMES, name }, { uid: store.get({ resource: VOLUMES, name }).metadata.uid });
    }
  }),
  lost(
    'neighbour',
    'Another cluster, whose name begins alike, runs beside the lost one on volumes that are not retained.',
    (world) => {
      const claim = 'pg-cluster-2-1';
      addBlockVolume(world, { namespace, claim, driver: PROXMOX_DRIVER, sizeGib: 5, usedPercent: 3, files: 900 });
      world.store.patch(
        { resource: CLAIMS, namespace, name: claim },
        { metadata: { labels: { 'cnpg.io/cluster': 'pg-cluster-2' } } },
      );
      setVolume(world, claim, { spec: { persistentVolumeReclaimPolicy: 'Delete' } });
    },
  ),
  lost('no-dumps', 'The cluster is lost, and there is no dump at all.', (world) => {
    const directory = world.nas.disk.at(backups.path);
    removeBackups(
      world,
      (directory === undefined ? [] : backupsIn(world, directory)).map(({ path }) => path),
    );
  }),
  lost('cut', 'The cluster is lost, and the newest dump was cut.', (world) =>
    addBackups(world, [{ ...newest(world), content: { ...postgresDumpOf(0), isTruncated: true } }]),
  ),
  lost('small', 'The cluster is lost, and the newest dump has a tenth of the usual size.', (world) =>
    addBackups(world, [{ ...newest(world), bytes: 1_154_011 }]),
  ),
  lost('job-runs', 'The cluster is lost, and a job reads the dumps.', (world) =>
    startJob(world, {
      namespace,
      name: 'postgresql-backup-29586240',
      node: 'k8s-node3',
      claims: [backups.claim],
      flow: { readKBPerS: 4_000, writeKBPerS: 0 },
    }),
  ),
  lost('announced', 'The cluster is lost, and the power is out.', (world) =>
    world.monitoring.firing.push({ alertname: 'PowerOutage', severity: 'critical' }),
  ),
  lost('edited', 'The cluster is lost, and somebody edited its stack without a commit.', ({ workstation }) => {
    workstation.changed.push(`${RESOURCE.stack}/main.tf`);
  }),
  lost('unseen', 'The cluster is lost, and the host that plans does not answer.', ({ workstation }) => {
    workstation.sshAnswers = false;
  }),
  gone('gone', 'The object of the lost cluster is deleted.', () => {}),
  gone('planned', 'The lost cluster is deleted, and Terraform has planned to make it anew.', planned),
  gone('plan-more', 'The lost cluster is deleted, and the plan to make it anew would change something else too.', (world) => {
    world.workstation.pending.push({
      stack: RESOURCE.stack,
      resource: 'module.dbaas.kubernetes_deployment.pgbouncer',
      does: 'updated in-place',
      apply: () => undefined,
    });
    planned(world);
  }),
  gone('half-applied', 'The lost cluster is deleted, and an application of its plan did not end.', (world) => {
    planned(world);
    const { plans } = world.workstation;
    for (const [path, file] of plans)
      if (path.endsWith('.tfplan') && plans.delete(path)) plans.set(path.replace(/tfplan$/, 'applying'), file);
  }),
  gone('done', 'The lost cluster is made anew, and empty.', apply),
];
