import { at, type KubeObject } from '../../kubernetes/store.ts';
import { uidOf } from '../ids.ts';
import { blockName, blockObjects, thinVolume } from '../populate-block.ts';
import { kind, PROXMOX_DRIVER, text } from '../volumes.ts';
import type { World } from '../world.ts';
import { type LabPostgres, PG_CLUSTER } from './postgres.ts';
import { DATABASES } from './settings.ts';

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');
const SERVICES = kind('v1', 'services');
const SECRETS = kind('v1', 'secrets');
const CLUSTERS = kind('postgresql.cnpg.io/v1', 'clusters');

const { namespace, cluster: NAME, secret, stack } = DATABASES.postgres;
const CLUSTER = { resource: CLUSTERS, namespace, name: NAME };
const OWNED = ['rw', 'ro', 'r'].map((which) => ({ resource: SERVICES, namespace, name: `${NAME}-${which}` }));
const SECRET = { resource: SECRETS, namespace, name: secret.name };
const INSTANCES = [1, 2].map((number) => `${NAME}-${number}`);

/** How long the operator takes to make the servers of a new cluster. */
const MADE_AFTER_MS = 20_000;

/** What becomes of a cluster whose object is deleted, and of one that Terraform makes: only for scenarios in which one goes. */
export function addPostgresOperator(world: World, postgres: LabPostgres): void {
  addServices(world);
  world.workstation.makers.set(stack.address, (now) => makeCluster(now, postgres));
  let isDeleted = false;
  world.store.onChange(({ type, object }) => {
    isDeleted ||= type === 'DELETED' && object.kind === 'Cluster' && object.metadata.name === NAME;
  });
  world.time.every(1_000, () => {
    if (isDeleted) endCluster(world);
    isDeleted = false;
    settle(world);
  });
}

function addServices({ store }: World): void {
  for (const { name } of OWNED)
    store.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { 'cnpg.io/cluster': NAME } },
    });
  store.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET.name, namespace },
    type: 'kubernetes.io/basic-auth',
  });
}

/** Its pods, claims, services and its superuser's secret go; a volume goes with its claim unless it is retained. */
function endCluster(world: World): void {
  const { store } = world;
  setInstances(world, 0);
  for (const pod of instancesOf(world)) world.cluster.forget(pod);
  for (const claim of store.list({ resource: CLAIMS, namespace }).filter(({ metadata }) => INSTANCES.includes(metadata.name)))
    dropClaim(world, claim);
  for (const name of [...OWNED, SECRET]) {
    const found = store.find(name);
    if (found !== undefined) store.delete(name, { uid: found.metadata.uid });
  }
}

export function dropClaim({ store }: World, { metadata: { name, uid }, ...claim }: KubeObject): void {
  store.delete({ resource: CLAIMS, namespace, name }, { uid });
  const volume = store.find({ resource: VOLUMES, name: text(claim, 'spec', 'volumeName') });
  if (volume === undefined) return;
  const own = { resource: VOLUMES, name: volume.metadata.name };
  if (text(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete') store.delete(own, { uid: volume.metadata.uid });
  else store.patch(own, { status: { phase: 'Released' } });
}

export function instancesOf({ cluster }: World): readonly KubeObject[] {
  return cluster.pods().filter(({ metadata }) => metadata.namespace === namespace && INSTANCES.includes(metadata.name));
}

/** The operator makes no pods without a cluster, nor where its claims are gone. */
export function setInstances({ cluster }: World, count: 0 | 2): void {
  const index = cluster.workloads.findIndex((each) => each.namespace === namespace && each.name === NAME);
  const [found] = cluster.workloads.slice(index, index + 1);
  if (found !== undefined) cluster.workloads[index] = { ...found, nodes: ['k8s-node3', 'k8s-node4'].slice(0, count) };
}

/** What the resource in Terraform's state makes by a command of its own, once it is replaced. */
function makeCluster(world: World, postgres: LabPostgres): void {
  const { store, time } = world;
  if (store.find(CLUSTER) !== undefined) return;
  store.create({
    ...PG_CLUSTER,
    metadata: { name: NAME, namespace },
    spec: { instances: 2, imageName: 'ghcr.io/cloudnative-pg/postgis:16', enableSuperuserAccess: true },
    status: { phase: 'Setting up primary', instances: 2, readyInstances: 0, currentPrimary: '', targetPrimary: INSTANCES[0] },
  });
  addServices(world);
  for (const name of INSTANCES) addVolume(world, name);
  postgres.primary = INSTANCES[0] ?? '';
  postgres.timeline = 1;
  for (const name of postgres.databases.keys()) if (name !== 'postgres') postgres.databases.delete(name);
  postgres.roles.splice(0, postgres.roles.length, 'postgres', 'streaming_replica');
  postgres.sessions.splice(0);
  setInstances(world, 2);
  time.advance(MADE_AFTER_MS);
}

/** Another volume under a claim of the same name. */
function addVolume({ store, hypervisor, time }: World, claim: string): void {
  const block = { namespace, claim, driver: PROXMOX_DRIVER, sizeGib: 20, usedPercent: 1, files: 900 } as const;
  const [uid, before] = [uidOf(`claim/${namespace}/${claim}/${time.nowMs}`), uidOf(`claim/${namespace}/${claim}`)];
  const renamed = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(before, uid));
  for (const object of blockObjects(block)) {
    const { uid: _uid, ...metadata } = renamed(object).metadata;
    const labels = { 'cnpg.io/cluster': NAME };
    store.create({ ...renamed(object), metadata: object.kind === 'PersistentVolume' ? metadata : { ...metadata, uid, labels } });
  }
  hypervisor.volumes.push({ ...thinVolume(block, time.nowMs), name: `vm-9999-${renamed(blockName(block))}` });
}

/** The operator calls its cluster healthy once all of its instances are ready. */
function settle({ store, ...world }: World): void {
  const found = store.find(CLUSTER);
  if (found === undefined || text(found, 'status', 'phase') !== 'Setting up primary') return;
  const ready = instancesOf({ store, ...world }).filter((pod) => isReady(pod));
  if (ready.length < INSTANCES.length) return;
  const [currentPrimary] = INSTANCES;
  store.patch(CLUSTER, {
    status: { phase: 'Cluster in healthy state', readyInstances: 2, currentPrimary, targetPrimary: currentPrimary },
  });
}

function isReady(pod: KubeObject): boolean {
  const conditions = at(pod, 'status', 'conditions');
  return (Array.isArray(conditions) ? conditions : []).some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True');
}
