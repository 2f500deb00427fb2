import { at, type KubeObject } from '../kubernetes/store.ts';
import { attachAtOnce } from './attach-at-once.ts';
import { suffixOf, uidOf } from './ids.ts';
import type { Flow } from './load.ts';
import { mountVolume } from './mounter.ts';
import { WAITS } from './stager.ts';
import { kind, volumesOf } from './volumes.ts';
import { podSpec, statusOf } from './workload.ts';
import { nodeOf, type World } from './world.ts';

const JOBS = kind('batch/v1', 'jobs');
const PODS = kind('v1', 'pods');

/** A Job that runs one pod, which reads and writes its volumes for as long as it lives. */
export interface LabJob {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly claims: readonly string[];
  readonly flow: Flow;
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string };
}

const LASTS_MS = 86_400_000;
const ENDS_AFTER_MS = 2_000;

/** Makes the Job, whose pod runs at once; suspended it ends its pod, and resumed it makes another. */
export function startJob(world: World, job: LabJob): void {
  const { namespace, name, claims, owner } = job;
  const uid = uidOf(`job/${namespace}/${name}`);
  world.longWork.runsMs = LASTS_MS;
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      uid,
      ...(owner && { ownerReferences: [{ ...owner, uid: uidOf(`owner/${owner.name}`), controller: true }] }),
    },
    spec: {
      parallelism: 1,
      completions: 1,
      suspend: false,
      template: { spec: { ...podSpec({ namespace, name, claims }), restartPolicy: 'Never' } },
    },
  });
  let count = 0;
  runPod(world, job, count);
  world.store.onChange(({ type, object }) => {
    if (type !== 'MODIFIED' || object.metadata.uid !== uid) return;
    const [pod] = podsOf(world, job);
    const isSuspended = at(object, 'spec', 'suspend') === true;
    if (isSuspended && pod !== undefined) endPod(world, job, pod);
    if (!isSuspended && pod === undefined) {
      count += 1;
      runPod(world, job, count);
    }
  });
  world.time.advance(5_000);
}

function podsOf({ store }: World, { namespace, name }: LabJob): KubeObject[] {
  return store.list({ resource: PODS, namespace }).filter(({ metadata }) => metadata.labels?.['job-name'] === name);
}

function runPod(world: World, { namespace, name, node: nodeName, claims, flow }: LabJob, count: number): void {
  const node = nodeOf(world, nodeName);
  const uid = uidOf(`pod/job/${namespace}/${name}/${count}`);
  const made = world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${suffixOf(`${namespace}/${name}/${count}`, 5)}`,
      namespace,
      uid,
      labels: { app: name, 'job-name': name },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid: uidOf(`job/${namespace}/${name}`), controller: true }],
    },
    spec: { ...podSpec({ namespace, name, claims }), nodeName, restartPolicy: 'Never' },
  });
  const { name: podName } = made.metadata;
  world.store.patch({ resource: PODS, namespace, name: podName }, { status: statusOf(made, 'ready', world.time.nowMs) });
  attachAtOnce(world.cluster, made);
  for (const volume of volumesOf(world.store, made)) {
    const problem = mountVolume(world.cluster, node, { pod: made, volume });
    if (problem !== undefined) throw new Error(problem === WAITS ? `${volume.volume} is attached elsewhere` : problem.says);
  }
  world.load.pods.set(uid, flow);
}

/** Its pods get TERM and some time, and the Job counts them no more. */
function endPod({ store, time }: World, { namespace, name }: LabJob, pod: KubeObject): void {
  time.after(ENDS_AFTER_MS, () => {
    const { name: podName, uid } = pod.metadata;
    const isThere = store.list({ resource: PODS, namespace }).some(({ metadata }) => metadata.uid === uid);
    if (!isThere) return;
    store.delete({ resource: PODS, namespace, name: podName }, { uid, gracePeriodSeconds: 0 });
    store.patch({ resource: JOBS, namespace, name }, { status: { active: null, ready: 0 } });
  });
}
