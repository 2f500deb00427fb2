import { backingOf } from '../../src/topology/volumes.ts';
import type { Place } from './facts.ts';
import type { Moved } from './plan/volumes.ts';
import { claimsOn } from './plan/volumes.ts';
import type { Cluster, Immovable } from './users.ts';

const MAX_NAME = 253;

/** Claims of the path for which no volume can be made: its name is too long, or something else has it. */
export function nameless(
  { path, newPath }: Pick<Place, 'path' | 'newPath'>,
  pool: string,
  cluster: Cluster,
): readonly Immovable[] {
  const all = claimsOn(path, pool, cluster);
  return all.flatMap((each) => {
    const twin = all.find(({ newName, namespace }) => newName === each.newName && namespace !== each.namespace);
    const why =
      twin === undefined
        ? whyNameless(each, newPath, cluster)
        : `${twin.namespace} has a claim of the same name, and the new volume of each would be ${each.newName}`;
    return why === undefined ? [] : [{ subject: `PersistentVolumeClaim ${each.namespace}/${each.claim}`, why }];
  });
}

function whyNameless(
  { newName, namespace, volume: old }: Moved,
  newPath: string,
  { volumes, claims }: Cluster,
): string | undefined {
  if (newName.length > MAX_NAME) return `its new volume would have a name of ${newName.length} letters`;
  const volume = volumes.find(({ name }) => name === newName);
  const claim = claims.find((each) => each.namespace === namespace && each.name === newName);
  const server = serverOf(volumes.find(({ name }) => name === old.name));
  const backing = volume === undefined ? undefined : backingOf(volume);
  const isMade =
    backing?.kind === 'nfs' &&
    backing.path === newPath &&
    backing.server === server &&
    volume?.claimRef?.namespace === namespace &&
    volume.claimRef.name === newName;
  if (volume !== undefined && !isMade) return `there is a volume ${newName} already, of another place or claim`;
  return claim === undefined || claim.volume === newName ? undefined : `there is a claim ${newName} already, of another volume`;
}

function serverOf(volume: Cluster['volumes'][number] | undefined): string | undefined {
  const backing = volume === undefined ? undefined : backingOf(volume);
  return backing?.kind === 'nfs' ? backing.server : undefined;
}
