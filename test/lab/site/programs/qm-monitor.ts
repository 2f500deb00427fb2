import { bySlot, throttleOf } from '../block.ts';
import type { Vm } from '../hypervisor.ts';
import { type Answer, type Call, fail, ok } from '../shell.ts';

// Words of PVE::CLI::qm, of QEMU's block/monitor and of qom/object_interfaces.c.

/** `qm monitor VMID`: answers each line of its input, and ends with 0 whatever QEMU said. Without a terminal prompts go to stderr. */
export function monitor(vm: Vm, input: string | undefined): Answer {
  const asked = (input ?? '').split('\n').filter((line) => line.trim() !== '');
  const banner = `Entering QEMU Monitor for VM ${vm.vmid} - type 'help' for help\n`;
  const stderr = 'qm> '.repeat(asked.length + 1);
  if (vm.status !== 'running') return { exitCode: 0, stdout: `${banner}ERROR: VM ${vm.vmid} not running\n`, stderr };
  if (vm.runtime.monitorHangs) {
    const stdout = `${banner}ERROR: VM ${vm.vmid} qmp command 'human-monitor-command' failed - got timeout\n`;
    return { exitCode: 0, stdout, stderr, afterS: 5 * asked.length };
  }
  const answers = asked.map((line) => answer(vm, line.trim().split(/\s+/)));
  return { exitCode: 0, stdout: banner + answers.map((lines) => lines.map((line) => `${line}\r\n`).join('')).join(''), stderr };
}

function answer(vm: Vm, [name = '', ...args]: readonly string[]): readonly string[] {
  const line = [name, ...args].join(' ');
  if (line === 'info block') return drives(vm);
  if (line === 'qom-list /objects') return objects(vm);
  if (line === 'info status')
    return [vm.runtime.qmpStatus === 'running' ? 'VM status: running' : `VM status: paused (${vm.runtime.qmpStatus})`];
  const [target = '', ...more] = args;
  if (name === 'drive_del' && more.length === 0) return deleteDrive(vm, target);
  if (name === 'object_del' && more.length === 0) return deleteObject(vm, target);
  return [`unknown command: '${name}'`];
}

/** QEMU lists what its devices use; a drive that was left behind has none. */
function drives({ runtime }: Vm): readonly string[] {
  return [...runtime.drives.keys()].toSorted(bySlot).flatMap((slot) => {
    const { vg, volume } = runtime.drives.get(slot) ?? { vg: '', volume: '' };
    const disk = { driver: 'host_device', filename: `/dev/${vg}/${volume}` };
    const throttle = { 'throttle-group': throttleOf(slot), driver: 'throttle', file: { driver: 'raw', file: disk } };
    const json = JSON.stringify(throttle).replaceAll('":', '": ').replaceAll(',"', ', "');
    return [
      `drive-${slot}: json:${json} (throttle)`,
      `    Attached to:      ${slot}`,
      '    Cache mode:       writeback, direct',
      '',
    ];
  });
}

function objects({ runtime }: Vm): readonly string[] {
  return ['type (string)', ...[...runtime.objects].map((name) => `${name} (child<throttle-group>)`)];
}

function deleteDrive({ runtime }: Vm, target: string): readonly string[] {
  const slot = target.replace(/^drive-/, '');
  if (runtime.drives.has(slot)) return [`Error: Node ${target} is in use`];
  return runtime.leftDrives.delete(slot) ? [] : [`Error: Device '${target}' not found`];
}

function deleteObject({ runtime }: Vm, target: string): readonly string[] {
  if (!runtime.objects.has(target)) return [`Error: object '${target}' not found`];
  const slot = target.replace(/^throttle-drive-/, '');
  if (runtime.drives.has(slot) || runtime.leftDrives.has(slot))
    return [`Error: object '${target}' is in use, can not be deleted`];
  runtime.objects.delete(target);
  return [];
}

export function noSuchVm(vmid: string): Answer {
  return fail(2, `Configuration file 'nodes/pve/qemu-server/${vmid}.conf' does not exist`);
}

/** `echo "…" | qm monitor "$1"`, as the bot asks it. */
export function asked(question: string): (call: Call, words: readonly string[]) => Answer {
  return (call, [vmid = '']) => {
    if (call.machine.kind !== 'hypervisor') return fail(127, 'storagebot: 1: qm: not found');
    const vm = call.world.hypervisor.vms.get(Number(vmid));
    if (vm === undefined) return noSuchVm(vmid);
    return call.isRoot ? monitor(vm, question) : { ...ok(), exitCode: 13, stderr: 'please run as root\n' };
  };
}
