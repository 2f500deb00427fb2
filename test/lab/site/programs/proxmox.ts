import { loadExports } from '../exports.ts';
import { NAS_VMID, type Vm } from '../hypervisor.ts';
import { reboot } from '../kubelet.ts';
import { kernelSays } from '../node.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import type { World } from '../world.ts';

/** The tools of the hypervisor. */
export const proxmox: Readonly<Record<string, Program>> = {
  qm: { run: runQm, changes: ([action]) => action !== 'status' && action !== 'config' },
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
      if (!vm.config.has('scsi0')) return fail(255, 'bootorder: disk scsi0 does not exist');
      boot(world, vm);
      return ok();
    default:
      if (vm.status !== 'running') return fail(255, `VM ${vm.vmid} not running`);
      if (world.hypervisor.resetWorks) boot(world, vm);
      return ok();
  }
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
  const percent = device === 'sdc' ? world.hypervisor.diskBusyPercent : 1.2;
  const figures = [
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
