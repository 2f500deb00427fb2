import * as cluster from '../../../src/commands/cluster.ts';
import type { WholePersistentVolume, WholeVolume } from '../../../src/commands/workload-volumes.ts';
import { createClaim, createVolume, deleteClaim, deleteVolume } from '../../../src/commands/workload-volumes.ts';
import { changes, uses } from '../../../src/core/hold.ts';
import type { Check, Step } from '../../../src/core/plan.ts';
import { check, verify } from '../../../src/core/plan.ts';
import { nobodyUses } from '../../../src/topology/users.ts';
import type { Cluster } from '../users.ts';
import { mountedBy, usersOn } from '../users.ts';
import type { Situation } from './situation.ts';

/** A claim of the old path, the volume behind it, and the name of both beside it. */
export interface Moved {
  readonly namespace: string;
  readonly claim: string;
  readonly volume: WholePersistentVolume;
  readonly newName: string;
}

/** The claims through which users of the path reach it. A share of a volume cannot be changed: another volume is made beside it. */
export function claimsOn(path: string, pool: string, all: Pick<Cluster, 'users' | 'volumes' | 'whole'>): readonly Moved[] {
  const found = usersOn(path, all).flatMap(({ namespace, volumes }) =>
    mountedBy(namespace, volumes, all.volumes).flatMap((each): readonly Moved[] => {
      const volume = all.whole.find(({ name }) => name === each.volume?.name);
      if (each.path !== path || each.claim === undefined || volume === undefined) return [];
      return [{ namespace, claim: each.claim, volume, newName: `${each.claim}-storagebot-${pool}` }];
    }),
  );
  return [...new Map(found.map((each) => [`${each.namespace}/${each.claim}`, each])).values()];
}

/** A volume and a claim for each that is not there yet. */
export function volumeSteps(situation: Situation, moved: Moved): readonly Step[] {
  const { cluster: seen } = situation;
  const hasVolume = seen.volumes.some(({ name }) => name === moved.newName);
  const hasClaim = seen.claims.some(({ namespace, name }) => namespace === moved.namespace && name === moved.newName);
  return [...(hasVolume ? [] : [volumeStep(situation, moved)]), ...(hasClaim ? [] : [claimStep(situation, moved)])];
}

function volumeStep({ site, place, because }: Situation, { newName, namespace, volume }: Moved): Step {
  const exists = (wanted: boolean) => (all: readonly { readonly name: string }[]) =>
    all.some(({ name }) => name === newName) === wanted;
  const read = cluster.persistentVolumes();
  return {
    title: `Make the volume ${newName} for ${place.newPath}, like ${volume.name}`,
    because,
    before: [check(`There is no volume ${newName}`, read, exists(false))],
    change: createVolume(newName, specFor(volume, { namespace, newName, path: place.newPath })),
    after: verify(`The volume ${newName} is there`, read, exists(true)),
    undo: {
      change: deleteVolume(newName),
      before: [check(`The volume ${newName} is there`, read, exists(true)), nobodyUses(place.newPath, site)],
      after: verify(`There is no volume ${newName}`, read, exists(false)),
    },
    holds: [changes('pv', newName), uses('pv', volume.name)],
    warnings: [`Deleting it never deletes data: its reclaim policy is Retain.`],
  };
}

interface NewPlace {
  readonly namespace: string;
  readonly newName: string;
  readonly path: string;
}

/** Everything that the old volume has, with the new path; bound to the new claim beforehand. */
function specFor({ spec }: WholePersistentVolume, { namespace, newName, path }: NewPlace): Readonly<Record<string, unknown>> {
  const { claimRef: _old, csi, nfs, ...rest } = spec;
  const attributes = Object.entries(csi?.volumeAttributes ?? {}).map(([key, value]) => [
    key,
    /^share$/i.test(key) ? path : value,
  ]);
  const source =
    csi === undefined
      ? { nfs: { ...nfs, path } }
      : { csi: { ...csi, volumeHandle: newName, volumeAttributes: Object.fromEntries(attributes) } };
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: newName };
  return { ...rest, persistentVolumeReclaimPolicy: 'Retain', claimRef, ...source };
}

function claimStep({ site, place, because }: Situation, { newName, namespace, claim, volume }: Moved): Step {
  const { capacity, accessModes, storageClassName = '', volumeMode } = volume.spec;
  const spec = {
    accessModes,
    storageClassName,
    volumeName: newName,
    resources: { requests: { storage: capacity['storage'] } },
    ...(volumeMode !== undefined && { volumeMode }),
  };
  const read = cluster.persistentVolumeClaims();
  const isThere = (all: readonly { readonly namespace: string; readonly name: string }[]) =>
    all.some((each) => each.namespace === namespace && each.name === newName);
  const bound = claimIsBound(namespace, newName);
  return {
    title: `Make the claim ${namespace}/${newName}, beside ${claim}`,
    because,
    before: [
      check(`The volume ${newName} is there`, cluster.persistentVolumes(), (all) => all.some(({ name }) => name === newName)),
      check(`There is no claim ${namespace}/${newName}`, read, (all) => !isThere(all)),
    ],
    change: createClaim(namespace, newName, spec),
    after: { ...bound, withinMs: 60_000 },
    undo: {
      change: deleteClaim(namespace, newName),
      before: [check(`The claim ${namespace}/${newName} is there`, read, isThere), nobodyUses(place.newPath, site)],
      after: verify(`There is no claim ${namespace}/${newName}`, read, (all) => !isThere(all)),
    },
    holds: [changes('pvc', `${namespace}/${newName}`), changes('pv', newName)],
  };
}

export function claimIsBound(namespace: string, name: string): Check {
  return check(`The claim ${namespace}/${name} is Bound`, cluster.persistentVolumeClaims(), (all) =>
    all.some((each) => each.namespace === namespace && each.name === name && each.phase === 'Bound'),
  );
}

/** The list of volumes with every mention of the old place replaced. */
export function moveVolumes(
  volumes: readonly WholeVolume[],
  { path, newPath }: { path: string; newPath: string },
  moved: readonly Moved[],
): readonly WholeVolume[] {
  return volumes.map((volume) => {
    const { nfs, persistentVolumeClaim: claim } = volume;
    if (nfs !== undefined && nfs.path.replace(/(?<=.)\/+$/, '') === path) return { ...volume, nfs: { ...nfs, path: newPath } };
    const other = moved.find((each) => each.claim === claim?.claimName);
    return claim === undefined || other === undefined
      ? volume
      : { ...volume, persistentVolumeClaim: { ...claim, claimName: other.newName } };
  });
}
