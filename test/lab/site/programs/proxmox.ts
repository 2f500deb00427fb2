import { isSlot } from '../block.ts';
import type { Vm } from '../hypervisor.ts';
import { busyFigures, diskBusy } from '../load.ts';
import { type PowerAction, power } from '../power.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { dropSlot, setSlot } from '../vm-disks.ts';
import type { World } from '../world.ts';
import { monitor, noSuchVm } from './qm-monitor.ts';

/** The tools of the hypervisor. */
export const proxmox: Readonly<Record<string, Program>> = {
  qm: { run: runQm, changes: ([action]) => action !== 'status' && action !== 'config' },
  pvesh: { run: listTasks, changes: ([action]) => action !== 'get' },
  iostat: { run: runIostat },
};

function runQm({ world, input }: Call, [action = '', id = '', ...options]: readonly string[]): Answer {
  const vm = world.hypervisor.vms.get(Number(id));
  if (!['status', 'config', 'start', 'reset', 'monitor', 'set'].includes(action))
    return fail(255, `ERROR: unknown command 'qm ${action}'`);
  if (vm === undefined) return noSuchVm(id);
  switch (action) {
    case 'status':
      return options[0] === '--verbose' ? verboseStatus(vm) : ok(`status: ${vm.status}\n`);
    case 'monitor':
      return monitor(vm, input);
    case 'set':
      return setDisk(world, vm, options);
    case 'config':
      return ok(lines([...vm.config].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value}`)));
    default:
      return switchPower(world, vm, action);
  }
}

function verboseStatus({ vmid, name, status, runtime, lock }: Vm): Answer {
  const qmpstatus = status === 'running' ? runtime.qmpStatus : 'stopped';
  const rows = [`name: ${name}`, `qmpstatus: ${qmpstatus}`, `status: ${status}`, `vmid: ${vmid}`];
  return ok(lines(lock === undefined ? rows : [`lock: ${lock}`, ...rows]));
}

/** `qm set VMID --delete scsiN` and `qm set VMID --scsiN VALUE` */
function setDisk(world: World, vm: Vm, [option = '', value = '', ...more]: readonly string[]): Answer {
  const slot = option === '--delete' ? value : option.replace(/^--/, '');
  if (!isSlot(slot) || value === '' || more.length > 0) return fail(255, `Unknown option: ${option.replace(/^--/, '')}`);
  if (vm.lock !== undefined) return fail(255, `VM is locked (${vm.lock})`);
  const said = `update VM ${vm.vmid}: -${option === '--delete' ? 'delete ' : ''}${slot}${option === '--delete' ? '' : ` ${value}`}\n`;
  if (option === '--delete' && !vm.config.has(slot))
    return { exitCode: 0, stdout: said, stderr: `cannot delete '${slot}' - not set in current configuration!\n` };
  const problem = option === '--delete' ? dropSlot(world, vm, slot) : setSlot(world, vm, { slot, value });
  if (problem === undefined) return ok(said);
  return fail(255, `400 Parameter verification failed.\n${slot}: ${problem}\nqm set <vmid> [OPTIONS]`, said);
}

const ACTIONS = new Map<string, PowerAction>([
  ['start', 'start'],
  ['reset', 'reset'],
]);

function switchPower(world: World, vm: Vm, name: string): Answer {
  const action = ACTIONS.get(name);
  if (action === undefined) return fail(255, `ERROR: unknown command 'qm ${name}'`);
  // What qm itself sees is no task yet.
  if ((action === 'start') === (vm.status === 'running'))
    return fail(255, `VM ${vm.vmid} ${action === 'start' ? 'already' : 'not'} running`);
  const { status } = power(world, vm, { action, user: 'root@pam' });
  return status === 'OK' ? ok() : fail(255, status);
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
