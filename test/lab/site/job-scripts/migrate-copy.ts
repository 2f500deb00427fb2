import { COPY_MARK, NOT_EMPTY } from '../../../../src/commands/copy-scripts.ts';
import { bytesOf } from '../../../../src/core/quantity.ts';
import { newVolume, volumeNamed } from '../block.ts';
import { uidOf } from '../ids.ts';
import { BLOCK_VOLUMES } from '../inventory.ts';
import { blockName, blockObjects, logicalName } from '../populate-block.ts';
import { sizeOf } from '../programs/zfs-snapshots.ts';
import { type Answer, fail, ok } from '../shell.ts';
import { kind, PROXMOX_DRIVER, text } from '../volumes.ts';
import type { World } from '../world.ts';
import type { JobCall, JobProgram } from './index.ts';

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');
const JOBS = kind('batch/v1', 'jobs');

/** What the script of src/commands/copy-scripts.ts does to two volumes; where it refuses, by the same words. */
export const migrateCopy: JobProgram = { begin: provision, run: copy };

/** The first pod of a claim that waits for it lets the driver make its volume. */
function provision({ world, namespace, claims }: JobCall): void {
  const claim = claims['/target'] ?? '';
  const found = world.store.find({ resource: CLAIMS, namespace, name: claim });
  if (found === undefined || text(found, 'status', 'phase') === 'Bound') return;
  const storage = text(found, 'spec', 'resources', 'requests', 'storage');
  const block = {
    namespace,
    claim,
    driver: PROXMOX_DRIVER,
    sizeGib: bytesOf(storage) / 2 ** 30,
    usedPercent: 0,
    files: 0,
  } as const;
  const [volume] = blockObjects(block);
  if (volume === undefined) throw new Error('a block volume has objects');
  world.store.create(volume);
  world.hypervisor.volumes.push(
    newVolume({ name: logicalName(block), sizeBytes: bytesOf(storage), usedPercent: 1, createdMs: world.time.nowMs }),
  );
  world.store.patch(
    { resource: CLAIMS, namespace, name: claim },
    { spec: { volumeName: blockName(block) }, status: { phase: 'Bound', capacity: { storage } } },
  );
}

interface Content {
  readonly files: number;
  readonly bytes: number;
  readonly names: readonly string[];
}

function contentOf(world: World, namespace: string, claim: string): Content {
  const volume = text(world.store.find({ resource: CLAIMS, namespace, name: claim }), 'spec', 'volumeName');
  const object = world.store.find({ resource: VOLUMES, name: volume });
  const path = text(object, 'spec', 'csi', 'volumeAttributes', 'share') || text(object, 'spec', 'nfs', 'path');
  const block = BLOCK_VOLUMES.find((each) => each.namespace === namespace && each.claim === claim);
  if (path === '' && block !== undefined)
    return { files: block.files, bytes: Math.round((block.sizeGib * 2 ** 30 * block.usedPercent) / 100), names: [] };
  const directory = world.nas.disk.at(path);
  const names = directory?.entries ?? [];
  const bytes = names.reduce((sum, name) => sum + sizeOf(directory ?? {}, name), 0);
  return { files: names.length, bytes, names };
}

function copy(call: JobCall): Answer {
  const { world, namespace, claims, args } = call;
  const [source = '', target = ''] = [claims['/source'], claims['/target']];
  const found = contentOf(world, namespace, source);
  if (found.files === 0)
    return fail(1, '0 files in the source: 0 = 0 proves nothing. It is empty, or not the volume that it should be');
  const logical = volumeNamed(world.hypervisor, logicalName({ namespace, claim: target }));
  if (logical === undefined) return fail(1, 'The source or the target is no directory');
  const refusal = strangersIn(logical.fileSystem?.content ?? new Map(), args);
  if (refusal !== undefined) return fail(1, refusal);
  const fill = (files: number, bytes: number, content: readonly (readonly [name: string, holds: string])[]) => {
    logical.fileSystem = {
      type: 'ext4',
      uuid: uidOf(`ext4/${logical.name}`),
      sizeBytes: logical.sizeBytes,
      usedBytes: bytes,
      files,
      inodesUsedPercent: 1,
      readOnly: false,
      destroyed: false,
      madeFor: `${namespace}/${target}`,
      content: new Map(content),
    };
  };
  const { fails } = world.databases.copies ?? {};
  const as = (name: string) => [name, `as in ${source}`] as const;
  if (fails !== undefined) {
    fill(1, 1, [[COPY_MARK, args[4] ?? ''], ...found.names.slice(0, 1).map(as)]);
    return fail(1, fails);
  }
  fill(found.files, found.bytes, [...found.names, 'copied'].map(as));
  leavePod(call, found);
  return ok('');
}

/** Only the half copy of a Job that it was told of has nothing in it that somebody else put there. */
function strangersIn(content: ReadonlyMap<string, string>, [, , , , , , ...failed]: readonly string[]): string | undefined {
  const mark = content.get(COPY_MARK);
  if (content.size === 0 || (mark !== undefined && failed.includes(mark))) return undefined;
  const names = [...content.keys()].slice(0, 3).join(';');
  return mark === undefined
    ? `${NOT_EMPTY} and is no half copy, and nothing is written over what somebody put there: ${names}`
    : `${NOT_EMPTY}: it is the half copy of ${mark}, which is none of the failed Jobs that are known`;
}

/** What the script tells at its end, where kubelet keeps it. */
function leavePod({ world, namespace, name }: JobCall, { files, bytes }: Pick<Content, 'files' | 'bytes'>): void {
  const counts = [files, 1, 0, 0, files, bytes];
  const told = { source: counts, copy: counts, hashed: files, databases: 0, unchecked: 0, attributes: 'copied' };
  const job = world.store.find({ resource: JOBS, namespace, name });
  world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${uidOf(`pod/${namespace}/${name}`).slice(0, 5)}`,
      namespace,
      labels: { ...job?.metadata.labels, 'job-name': name },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid: job?.metadata.uid, controller: true }],
    },
    spec: { containers: [{ name: 'work' }], restartPolicy: 'Never' },
    status: {
      phase: 'Succeeded',
      containerStatuses: [
        { name: 'work', state: { terminated: { exitCode: 0, reason: 'Completed', message: JSON.stringify(told) } } },
      ],
    },
  });
}
