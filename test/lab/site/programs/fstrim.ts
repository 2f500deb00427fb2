import { GIB, volumeNamed } from '../block.ts';
import { type Answer, always, type Call, fail, ok, type Program, usage } from '../shell.ts';
import { giveBack } from './lvm-space.ts';

export const fstrim: Readonly<Record<'fstrim', Program>> = { fstrim: { run: runFstrim, changes: always } };

/** `fstrim --verbose DIRECTORY`. The kernel says how much it told the disk; QEMU passes it on only where the disk was given discard=on. */
function runFstrim(
  { world: { hypervisor }, machine, isRoot }: Call,
  [verbose = '', directory = '', ...more]: readonly string[],
): Answer {
  if (verbose !== '--verbose' || more.length > 0) return usage('fstrim', 'unrecognized option');
  if (!isRoot) return fail(1, `fstrim: ${directory}: FITRIM ioctl failed: Operation not permitted`);
  if (machine.kind !== 'node') return fail(1, `fstrim: cannot open ${directory}: No such file or directory`);
  const mount = machine.node.mounts.find(({ mountPoint }) => mountPoint === directory);
  const volume = mount?.block === undefined ? undefined : volumeNamed(hypervisor, mount.block.volume);
  if (mount === undefined) return fail(1, `fstrim: cannot open ${directory}: No such file or directory`);
  if (volume?.fileSystem === undefined) return fail(1, `fstrim: ${directory}: the discard operation is not supported`);
  if (volume.fileSystem.readOnly) return fail(1, `fstrim: ${directory}: FITRIM ioctl failed: Read-only file system`);
  const free = volume.fileSystem.sizeBytes - volume.fileSystem.usedBytes;
  const vm = hypervisor.vms.get(machine.node.vmid);
  const isPassedOn = [...(vm?.config.values() ?? [])].some(
    (value) => value.includes(`:${volume.name},`) && value.includes('discard=on'),
  );
  if (isPassedOn) {
    const taken = (volume.usedPercent / 100) * volume.sizeBytes;
    giveBack(hypervisor, Math.max(0, taken - volume.fileSystem.usedBytes));
    volume.usedPercent = Math.min(volume.usedPercent, (volume.fileSystem.usedBytes / volume.sizeBytes) * 100);
  }
  return ok(`${directory}: ${(free / GIB).toFixed(1)} GiB (${free} bytes) trimmed\n`);
}
