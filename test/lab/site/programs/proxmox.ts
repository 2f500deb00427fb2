import { loadExports } from '../exports.ts';
import { type LabTask, NAS_VMID, type Vm } from '../hypervisor.ts';
import { pidOf } from '../ids.ts';
import { reboot } from '../kubelet.ts';
import { busyFigures, diskBusy } from '../load.ts';
import { kernelSays } from '../node.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import type { World } from '../world.ts';

/** The tools of the hypervisor. */
export const proxmox: Readonly<Record<string, Program>> = {
  qm: { run: runQm, changes: ([action]) => action !== 'status' && action !== 'config' },
  pvesh: { run: listTasks, changes: ([action]) => action !== 'get' },
  iostat: { run: runIostat },
};

/** How long a machine takes until its services answer. */
const BOOT_MS = 20_000;

function runQm({ world }: Call, [action = '', id = '']: readonly string[]): Answer {
  const vm = world.hypervisor.vms.get(Number(id));
  if (!['status', 'config', 'start', 'reset'].includes(action)) return fail(255, `ERROR: unknown command 'qm ${action}'`);
  if (vm === undefined) return fail(2, `Configuration file 'nodes/pve/qemu-server/${id}.conf' does not exist`);
  switch (action) {
    case 'status':
      return ok(`status: ${vm.status}\n`);
    case 'config':
      return ok(lines([...vm.config].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value}`)));
    case 'start':
      if (vm.status === 'running') return fail(255, `VM ${vm.vmid} already running`);
      if (!vm.config.has('scsi0')) return failedTask(world, vm, 'bootorder: disk scsi0 does not exist');
      writeTask(world, vm, { type: 'qmstart', status: 'OK' });
      boot(world, vm);
      return ok();
    default:
      if (vm.status !== 'running') return fail(255, `VM ${vm.vmid} not running`);
      writeTask(world, vm, { type: 'qmreset', status: 'OK' });
      if (world.hypervisor.resetWorks) boot(world, vm);
      return ok();
  }
}

/** Every action of qm on a machine is a task of the hypervisor, which it keeps. */
function writeTask({ hypervisor, time }: World, { vmid }: Vm, { type, status }: Pick<LabTask, 'type' | 'status'>): void {
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, '0');
  const starttime = Math.floor(time.nowMs / 1_000);
  const pid = pidOf(`${type}/${vmid}/${hypervisor.tasks.length}`);
  const about = { node: hypervisor.name, type, id: `${vmid}`, user: 'root@pam' };
  const upid = `UPID:${about.node}:${hex(pid)}:${hex(pid * 16)}:${hex(starttime)}:${type}:${vmid}:${about.user}:`;
  hypervisor.tasks.unshift({ upid, ...about, starttime, endtime: starttime, status });
}

function failedTask(world: World, vm: Vm, status: string): Answer {
  writeTask(world, vm, { type: 'qmstart', status });
  return fail(255, status);
}

/** `pvesh get /nodes/localhost/tasks` with the filters that the bot uses */
function listTasks({ world, isRoot }: Call, args: readonly string[]): Answer {
  const [, vmid, type] =
    /^get \/nodes\/localhost\/tasks --vmid (\d+) --typefilter (\w+) --source all --limit 50 --output-format json$/.exec(
      args.join(' '),
    ) ?? [];
  if (vmid === undefined) return fail(255, 'Unknown option\n400 unable to parse option');
  if (!isRoot) return fail(13, 'please run as root');
  return ok(`${JSON.stringify(world.hypervisor.tasks.filter((task) => task.id === vmid && task.type === type).slice(0, 50))}\n`);
}

function boot(world: World, vm: Vm): void {
  Object.assign(vm, { status: 'running', boots: true });
  const node = [...world.nodes.values()].find(({ vmid }) => vmid === vm.vmid);
  if (node !== undefined) reboot(world.cluster, node, { downMs: BOOT_MS });
  world.time.after(BOOT_MS, () => {
    vm.boots = false;
    if (vm.vmid === NAS_VMID) nasIsBack(world);
  });
}

/** Its services start by themselves; a client that waits for ever says that the server answers again. */
function nasIsBack({ nas, nodes, time }: World): void {
  Object.assign(nas.services, { nfsd: true, mountd: true });
  loadExports(nas, time.nowMs);
  for (const node of nodes.values()) {
    const waits = node.kernelLog.at(-1)?.endsWith(`nfs: server ${nas.address} not responding, still trying`);
    if (waits === true) kernelSays(node, time.nowMs, `nfs: server ${nas.address} OK`);
  }
}

const COLUMNS =
  'Device            r/s     rkB/s   rrqm/s  %rrqm r_await rareq-sz     w/s     wkB/s   wrqm/s  %wrqm w_await wareq-sz     d/s     dkB/s   drqm/s  %drqm d_await dareq-sz     f/s f_await  aqu-sz  %util';

/** `iostat -d -x -y DEVICE 2 1` */
function runIostat({ world }: Call, args: readonly string[]): Answer {
  const [d, x, y, device = '', ...times] = args;
  if (d !== '-d' || x !== '-x' || y !== '-y' || times.join(' ') !== '2 1') return usage('iostat', 'bad usage');
  const head = ['Linux 6.8.12-9-pve (pve) \t04/03/2026 \t_x86_64_\t(44 CPU)', '', COLUMNS];
  if (!['sda', 'sdb', 'sdc'].includes(device)) return { ...ok(lines([...head, ''])), afterS: 2 };
  const percent = device === 'sdc' ? diskBusy(world) : 1.2;
  const figures = (device === 'sdc' ? busyFigures(world) : undefined) ?? [
    percent * 2,
    percent * 40,
    0,
    0,
    percent / 4,
    22,
    percent,
    percent * 20,
    0,
    0,
    percent / 3,
    24,
    0,
    0,
    0,
    0,
    0,
    0,
    0.5,
    1,
    percent / 50,
  ];
  const row = figures.map((figure) => figure.toFixed(2).padStart(8)).join(' ');
  return { ...ok(lines([...head, `${device.padEnd(12)} ${row} ${percent.toFixed(2).padStart(7)}`, '', ''])), afterS: 2 };
}
