import type { MonitorAnswer, RuntimeDrive } from '../commands/block-monitor.ts';
import type { Known, Seen } from '../core/reading.ts';
import { partOf } from '../core/reading.ts';
import { linkFrom } from './block-chain-cluster.ts';
import { isOff } from './block-identity.ts';
import type { Found, Link } from './block-links.ts';
import type { MachineLook } from './block-look.ts';
import { diskIn, handleOf, slotNumber, wwnOf } from './block-names.ts';

/** In the configuration of this machine once. */
export function slotLink(found: Found): Link {
  const { machine, subject, promised } = found;
  const others = othersThan(found);
  const own = slotsOf(machine, subject.disk);
  const number = slotNumber(own[0]?.slot ?? '');
  if (promised !== undefined) found.slot = promised;
  if (number !== undefined) Object.assign(found, { slot: number, hasSlot: true });
  alsoIn(
    found,
    others.filter((each) => slotsOf(each, subject.disk).length > 0),
  );
  return linkFrom('slot', [machine.config, ...others.map(({ config }) => config)], () => {
    const [slot, second] = own;
    const vm = `machine ${machine.vmid}`;
    if (slot === undefined) return ['absent', `${vm} has it in no slot`];
    if (second !== undefined) return ['broken', `${vm} has it in ${slot.slot} and in ${second.slot}`];
    if (number === undefined) return ['broken', `${vm} has it in ${slot.slot}, where the driver puts none`];
    const storage = subject.volume === undefined ? undefined : handleOf(subject.volume)?.storage;
    if (storage !== undefined && !slot.volume.startsWith(`${storage}:`))
      return ['broken', `${slot.slot} of ${vm} has ${slot.volume}, and the volume is on the storage ${storage}`];
    const wwn = slot.options['wwn'] ?? 'none';
    if (wwn !== wwnOf(number)) return ['broken', `${slot.slot} of ${vm} has the WWN ${wwn}, and not that of its slot`];
    if (promised === undefined || promised === number) return ['proven', `${slot.slot} of ${vm}`];
    return ['broken', `its attachment says slot ${promised}, ${vm} has it in ${slot.slot}`];
  });
}

function othersThan({ look, machine }: Found): readonly MachineLook[] {
  return look.machines.filter((each) => each !== machine && each.vmid !== undefined);
}

function alsoIn({ elsewhere }: Found, machines: readonly MachineLook[]): void {
  for (const { node } of machines) elsewhere.add(node);
}

function slotsOf({ config }: MachineLook, disk: string) {
  return config.known ? config.value.slots.filter(({ volume }) => diskIn(volume) === disk) : [];
}

/** In the QEMU of this machine, at that slot. */
export function runtimeLink(found: Found): Link {
  const { machine, subject, isStopped = false } = found;
  const others = othersThan(found);
  const own = drivesOf(machine);
  const here = own.known ? own.value.filter(({ volume }) => volume === subject.disk) : [];
  const number = slotNumber(here[0]?.slot ?? '');
  const isAsConfigured = found.hasSlot !== true || number === found.slot;
  if (here[0]?.attached === true && isAsConfigured)
    Object.assign(found, { hasRuntime: true, ...(number !== undefined && { slot: number }) });
  alsoIn(
    found,
    others.filter((each) => hasDrive(each, subject.disk)),
  );
  return linkFrom('runtime', [own, ...others.map(drivesOf)], () => {
    const [drive, second] = here;
    const vm = `machine ${machine.vmid}`;
    if (drive === undefined)
      return (
        inItsSlot(found, own.known ? own.value : []) ??
        openByStranger(found) ?? ['absent', isStopped ? `${vm} is off` : `QEMU of ${vm} does not have it`]
      );
    if (second !== undefined) return ['broken', `QEMU of ${vm} has it as ${drive.slot} and as ${second.slot}`];
    if (!isAsConfigured) return ['broken', `QEMU of ${vm} has it as ${drive.slot}, the configuration as scsi${found.slot}`];
    if (!drive.attached) return ['broken', `QEMU of ${vm} holds it open as ${drive.slot}, and gives it to nobody`];
    return ['proven', `${drive.slot} in the QEMU of ${vm}`];
  });
}

/** Another disk where this one should be. */
function inItsSlot({ slot, machine, promised, hasSlot = false }: Found, drives: readonly RuntimeDrive[]) {
  if (slot === undefined || (!hasSlot && promised === undefined)) return undefined;
  const other = drives.find((each) => each.slot === `scsi${slot}` && each.volume !== undefined);
  if (other === undefined) return undefined;
  return ['broken', `QEMU of machine ${machine.vmid} has ${other.volume} as scsi${slot}, and not this disk`] as const;
}

/** Open, and in the QEMU of no node: whoever that is may write to it. */
function openByStranger({ look, subject, isOpen = false }: Found) {
  if (!isOpen || look.machines.some((machine) => hasDrive(machine, subject.disk))) return undefined;
  return ['broken', `${subject.disk} is open, and no node's machine has it`] as const;
}

/** A machine that is off has none; one whose QEMU is silent was not seen. */
export function drivesOf(machine: MachineLook): Seen<readonly RuntimeDrive[]> {
  const { current, drives } = machine;
  return current.known && isOff(machine) ? noneOf(current) : answered(drives);
}

export function objectsOf(machine: MachineLook): Seen<readonly string[]> {
  const { current, objects } = machine;
  return current.known && isOff(machine) ? noneOf(current) : answered(objects);
}

function noneOf<T>(current: Known<unknown>): Seen<readonly T[]> {
  return partOf<unknown, readonly T[]>(current, () => ({ value: [] }));
}

function answered<T>(seen: Seen<MonitorAnswer<T>>): Seen<readonly T[]> {
  return partOf<MonitorAnswer<T>, readonly T[]>(seen, (answer) =>
    answer.answers
      ? { value: answer.has }
      : {
          why: {
            failed: 'timed-out',
            says: `Its QEMU did not answer: ${answer.says}`,
            toDo: 'Look again; add no more disks to that machine meanwhile.',
          },
        },
  );
}

function hasDrive(machine: MachineLook, disk: string): boolean {
  const drives = drivesOf(machine);
  return drives.known && drives.value.some(({ volume }) => volume === disk);
}
