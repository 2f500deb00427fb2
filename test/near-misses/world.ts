import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import { show } from '../../src/core/command.ts';
import { type CheckResult, type Step, stepsOf } from '../../src/core/plan.ts';
import type { Ask } from '../../src/core/reading.ts';
import { readerOver } from '../../src/core/reading.ts';
import type { Look, Runbook } from '../../src/core/runbook.ts';
import type { Site } from '../../src/core/site.ts';
import { podOf } from '../lab/scenarios/changes.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, type World, type WorldOptions, worldOf } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { carryOut } from '../system/by-hand.ts';

export const PODS = kind('v1', 'pods');
export const VOLUMES = kind('v1', 'persistentvolumes');
export const SERVER = '10.0.10.15';

export function worldIn(scenario = 'all-well', flavour?: WorldOptions['flavour']): World {
  return worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(flavour && { flavour }) });
}

export interface Asked {
  readonly words?: readonly string[];
  readonly runbook?: Runbook;
  readonly site?: Site;
  /** Hears the line of each command. */
  readonly onAsk?: (line: string) => void;
}

export function lookAt(
  world: World,
  { words = ['immich'], runbook = diagnoseNfs, site = labSite(world), onAsk = () => undefined }: Asked = {},
): Promise<Look> {
  const { read } = labTargets(world);
  const heard: Ask = (command) => {
    onAsk(show(command));
    return read(command);
  };
  return runbook.look(runbook.fromWords(words), readerOver(heard), site);
}

export function codesOf({ diagnosis }: Look): string[] {
  return diagnosis.findings.map(({ code, subject }) => `${code} ${subject}`);
}

export function changesOf({ plan }: Look): string[] {
  return stepsOf(plan).map(({ change }) => show(change.command));
}

/** Does what the plan says, and tells how many steps were done and what stopped it. */
export async function carriedOut(world: World, { plan }: Look) {
  const { done, stopped } = await carryOut(labTargets(world), stepsOf(plan));
  return { done: done.length, stopped };
}

/** What each precondition of a step says of this world now. */
export function answersTo(world: World, { before }: Step): Promise<readonly CheckResult['answer'][]> {
  const read = readerOver(labTargets(world).read);
  return Promise.all(before.map(async (check) => (await check.holds(read)).answer));
}

/** Gives a persistent volume other attributes, and its pod a fresh mount. */
export function setVolume(world: World, name: string, csi: Record<string, string>): void {
  const volumeAttributes = { server: SERVER, ...csi };
  world.store.patch(
    { resource: VOLUMES, name },
    { spec: { csi: { driver: 'nfs.csi.k8s.io', volumeHandle: name, volumeAttributes } } },
  );
}

/** Changes the pod of a workload as the API server has it. */
export function patchPod(world: World, workload: { namespace: string; name: string }, patch: Record<string, unknown>): void {
  const { namespace = '', name } = podOf(world, workload).metadata;
  world.store.patch({ resource: PODS, namespace, name }, patch);
}

/** A pod of a job in the namespace that has ended well on this node. */
export function endedPod(world: World, { node, claim }: { node: string; claim: string }) {
  const uid = '99999999-0000-4000-8000-000000000001';
  return world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'immich-backup-29301-x7x7x',
      namespace: 'immich',
      uid,
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'immich-backup-29301', uid: 'a1' }],
    },
    spec: {
      nodeName: node,
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
      containers: [{ name: 'backup', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    },
    status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False' }] },
  });
}
