import { openIn, volumeNamed } from '../block.ts';
import { PVC_COPIES, pathOfCopy } from '../pvc-copies.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';

/** What the hypervisor says of copies of files, and of what is on a volume. */
export const pvcCopies: Readonly<Record<'find' | 'blkid', Program>> = {
  find: { run: findCopies },
  blkid: { run: runBlkid },
};

const BELOW = /^(\/\S+) -mindepth 3 -maxdepth 3 -type d -name (\S+)$/;

function findCopies({ world: { hypervisor } }: Call, args: readonly string[]): Answer {
  const [, root = '', claim = ''] = BELOW.exec(args.join(' ')) ?? [];
  if (root === '') return usage('find', 'unknown predicate');
  if (root !== PVC_COPIES) return fail(1, `find: ‘${root}’: No such file or directory`);
  const own = hypervisor.copies.filter((each) => each.claim === claim);
  return ok(lines(own.map(pathOfCopy)));
}

/** Of a volume that is not active there is no device. */
function runBlkid({ world: { hypervisor }, isRoot }: Call, args: readonly string[]): Answer {
  const [, device = '', vg = '', name = ''] = /^-p -s TYPE -o value (\/dev\/([^/]+)\/([^/]+))$/.exec(args.join(' ')) ?? [];
  if (device === '') return usage('blkid', 'invalid option');
  if (!isRoot) return fail(2, `blkid: error: ${device}: Permission denied`);
  const volume = volumeNamed(hypervisor, name, vg);
  if (volume?.active !== true) return fail(2, `blkid: error: ${device}: No such file or directory`);
  if (volume.isEncrypted === true) return ok('crypto_LUKS\n');
  return volume.fileSystem === undefined ? { exitCode: 2, stdout: '', stderr: '' } : ok(`${volume.fileSystem.type}\n`);
}

/** What `TREE_SCRIPT` counts. */
export function countCopy({ world: { hypervisor } }: Call, [path = '']: readonly string[]): Answer {
  const copy = hypervisor.copies.find((each) => pathOfCopy(each) === path);
  return copy === undefined
    ? fail(3, `find: ‘${path}’: No such file or directory`)
    : ok(`${copy.files} ${copy.files === 0 ? 1 : 4} 0 ${copy.bytes}\n`);
}

/** `FILL_SCRIPT`: the volume then has these files, no other, and the tag. */
export function fill(call: Call, [device = '', from = '', mountPoint = '', tag = '', path = '']: readonly string[]): Answer {
  const { hypervisor } = call.world;
  const copy = hypervisor.copies.find((each) => pathOfCopy(each) === from);
  if (copy === undefined) return fail(1, `find: ‘${from}’: No such file or directory`);
  if (copy.files === 0) return fail(1, '');
  const [vg = '', name = ''] = path.split('/');
  const volume = volumeNamed(hypervisor, name, vg);
  const { fileSystem } = volume ?? {};
  if (volume === undefined) return fail(5, `  Failed to find logical volume "${path}"`);
  volume.active = true;
  if (fileSystem === undefined || volume.isEncrypted === true)
    return fail(
      32,
      `mount: ${mountPoint}: wrong fs type, bad option, bad superblock on ${device}, missing codepage or helper program, or other error.`,
    );
  // Two kernels write to it now.
  if (openIn(hypervisor, volume).length > 0) fileSystem.destroyed = true;
  fileSystem.content.clear();
  for (const [file, text] of copy.content) fileSystem.content.set(file, text);
  Object.assign(fileSystem, { files: copy.files, usedBytes: copy.bytes });
  volume.tags.add(tag);
  return ok();
}
