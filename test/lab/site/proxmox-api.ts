import { createHash } from 'node:crypto';
import { showProxmox } from '../../../src/core/proxmox.ts';
import { diskOf, isSlot, volumeNamed } from './block.ts';
import type { LabTask, Vm } from './hypervisor.ts';
import { type PowerAction, power } from './power.ts';
import { dropSlot, setSlot } from './vm-disks.ts';
import type { World } from './world.ts';

/** A call of the API, below /api2/json. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Which of the lab's tokens it came with; undefined: none of them. */
  readonly token: LabToken | undefined;
}

export interface LabToken {
  readonly tokenId: string;
  /** On everything: the lab's roles are not made for single machines. */
  readonly privileges: readonly string[];
}

export interface ApiAnswer {
  readonly status: number;
  /** The reason phrase of the HTTP answer, in which Proxmox says what is wrong. */
  readonly reason: string;
  readonly data: unknown;
  readonly errors?: Readonly<Record<string, string>>;
}

export const READ_TOKEN: LabToken = {
  tokenId: 'storagebot@pve!read',
  privileges: ['VM.Audit', 'Datastore.Audit', 'Sys.Audit'],
};
export const CHANGE_TOKEN: LabToken = {
  tokenId: 'storagebot@pve!change',
  privileges: ['VM.Audit', 'VM.Config.Disk', 'VM.PowerMgmt', 'Datastore.Audit', 'Datastore.AllocateSpace'],
};

/** As pvedaemon answers it, by the state of the world. */
export function answerApi(world: World, call: ApiCall): ApiAnswer {
  const { token } = call;
  if (token === undefined || world.hypervisor.api.state === 'refuses-tokens') return refusal(401, 'invalid token value!');
  const [, node, rest = ''] = /^\/nodes\/([^/]+)(\/.*)$/.exec(call.path) ?? [];
  if (node === undefined) return call.path === '/storage' && call.method === 'GET' ? storage(world, token) : notThere(call);
  if (node !== world.hypervisor.name)
    return refusal(500, `hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known`);
  if (rest.startsWith('/tasks')) return tasks(world, call, rest);
  const [, vmid = '', about = ''] = /^\/qemu\/(\d+)\/(.+)$/.exec(rest) ?? [];
  return vmid === '' ? notThere(call) : onMachine(world, { ...call, token }, { vmid, about });
}

interface OfMachine {
  readonly vmid: string;
  readonly about: string;
}

function onMachine(world: World, call: ApiCall & { token: LabToken }, { vmid, about }: OfMachine): ApiAnswer {
  const row = MACHINE_CALLS[`${call.method} ${about}`];
  if (row === undefined) return notThere(call);
  if (!call.token.privileges.includes(row.needs) || world.hypervisor.api.forbidden.has(row.needs))
    return refusal(403, `Permission check failed (/vms/${vmid}, ${row.needs})`);
  const vm = world.hypervisor.vms.get(Number(vmid));
  if (vm === undefined) return refusal(500, `Configuration file 'nodes/pve/qemu-server/${vmid}.conf' does not exist`);
  if (call.method !== 'GET') {
    const { path, parameters } = call;
    const method = call.method === 'PUT' ? 'PUT' : 'POST';
    world.executed.push(`proxmox$ ${showProxmox({ method, path: `/${path.slice(1)}`, parameters })}`);
  }
  return row.answer(world, vm, call);
}

interface MachineCall {
  readonly needs: string;
  readonly answer: (world: World, vm: Vm, call: ApiCall & { token: LabToken }) => ApiAnswer;
}

const MACHINE_CALLS: Readonly<Record<string, MachineCall>> = {
  'GET config': { needs: 'VM.Audit', answer: (_world, vm) => good(configOf(vm)) },
  'GET status/current': { needs: 'VM.Audit', answer: (world, vm) => good(currentOf(world, vm)) },
  'GET rrddata': { needs: 'VM.Audit', answer: (world, vm) => good(ratesOf(world, vm)) },
  'PUT config': { needs: 'VM.Config.Disk', answer: (world, vm, { parameters }) => setConfig(world, vm, parameters) },
  ...Object.fromEntries(
    (['start', 'stop', 'reset', 'resume'] satisfies PowerAction[]).map((action): [string, MachineCall] => [
      `POST status/${action}`,
      { needs: 'VM.PowerMgmt', answer: (world, vm, { token }) => good(power(world, vm, { action, user: token.tokenId }).upid) },
    ]),
  ),
};

function good(data: unknown): ApiAnswer {
  return { status: 200, reason: 'OK', data };
}

function refusal(status: number, reason: string): ApiAnswer {
  return { status, reason, data: null };
}

function notThere({ method, path }: ApiCall): ApiAnswer {
  return refusal(501, `Method '${method} ${path}' not implemented`);
}

const NUMBERS = ['balloon', 'cores', 'onboot'];

function configOf({ config }: Vm): Record<string, string | number> {
  const entries = [...config].map(([key, value]) => [key, NUMBERS.includes(key) ? Number(value) : value] as const);
  const digest = createHash('sha1')
    .update(JSON.stringify([...config]))
    .digest('hex');
  return Object.fromEntries([...entries, ['digest', digest] as const].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function currentOf({ time }: World, vm: Vm): Record<string, unknown> {
  const isRunning = vm.status === 'running';
  return {
    ...(vm.lock === undefined ? {} : { lock: vm.lock }),
    cpus: Number(vm.config.get('cores')),
    ha: { managed: 0 },
    maxmem: Number(vm.config.get('memory')) * 2 ** 20,
    name: vm.name,
    qmpstatus: isRunning ? vm.runtime.qmpStatus : 'stopped',
    status: vm.status,
    ...(isRunning ? { pid: 2_000 + vm.vmid, uptime: Math.floor(time.nowMs / 1_000) % 1_000_000 } : {}),
    vmid: vm.vmid,
  };
}

const MINUTE_MS = 60_000;

/** One row a minute. The last one is not filled yet, and a machine that is off has none. */
function ratesOf({ time }: World, vm: Vm): Record<string, number>[] {
  const last = Math.floor(time.nowMs / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: 61 }, (_, index) => {
    const atMs = last - (60 - index) * MINUTE_MS;
    const row = { time: atMs / 1_000 };
    if (atMs === last) return row;
    const isQuiet = vm.quietSinceMs !== undefined && atMs >= vm.quietSinceMs;
    if (isQuiet)
      return vm.status === 'running'
        ? { ...row, cpu: 0.11, diskread: vm.readsWhileQuiet === true ? 65_536 : 0, diskwrite: 0 }
        : row;
    const wave = ((atMs / MINUTE_MS) * 37 + vm.vmid) % 23;
    return { ...row, cpu: 0.1 + wave / 200, diskread: 1_024 * wave, diskwrite: 180_224 + 4_096 * wave };
  });
}

function setConfig(world: World, vm: Vm, parameters: Readonly<Record<string, string>>): ApiAnswer {
  if (vm.lock !== undefined) return refusal(500, `VM is locked (${vm.lock})`);
  const { delete: slot, ...values } = parameters;
  if (slot !== undefined) return unlink(world, vm, slot);
  const [[key, value] = ['', '']] = Object.entries(values);
  if (!isSlot(key))
    return parameterProblem(key, 'property is not defined in schema and the schema does not allow additional properties');
  return attach(world, vm, { slot: key, value });
}

function unlink(world: World, vm: Vm, slot: string): ApiAnswer {
  const problem = dropSlot(world, vm, slot);
  return problem === undefined ? good(null) : parameterProblem(slot, problem);
}

function attach(world: World, vm: Vm, { slot, value }: { slot: string; value: string }): ApiAnswer {
  const disk = diskOf(value);
  if (disk === undefined) return parameterProblem(slot, 'invalid format - format error');
  if (volumeNamed(world.hypervisor, disk.volume, disk.vg) === undefined)
    return refusal(500, `no such logical volume ${disk.vg}/${disk.volume}`);
  const problem = setSlot(world, vm, { slot, value });
  return problem === undefined ? good(null) : parameterProblem(slot, problem);
}

function parameterProblem(parameter: string, words: string): ApiAnswer {
  return { status: 400, reason: 'Parameter verification failed.', data: null, errors: { [parameter]: `${words}\n` } };
}

/** A token without Datastore.Audit sees an empty list. */
function storage({ hypervisor: { api } }: World, { privileges }: LabToken): ApiAnswer {
  const maySee = privileges.includes('Datastore.Audit') && !api.forbidden.has('Datastore.Audit');
  return good(maySee ? STORAGES : []);
}

const STORAGES = [
  { content: 'images,rootdir', digest: '0e9b', storage: 'local-lvm', thinpool: 'data', type: 'lvmthin', vgname: 'pve' },
  { content: 'iso,vztmpl,backup', digest: '0e9b', path: '/var/lib/vz', storage: 'local', type: 'dir' },
  { content: 'images', digest: '0e9b', storage: 'ssd', type: 'lvm', vgname: 'ssd' },
];

function tasks({ hypervisor }: World, { method, parameters }: ApiCall, rest: string): ApiAnswer {
  if (method !== 'GET') return refusal(501, `Method '${method} ${rest}' not implemented`);
  if (rest === '/tasks') {
    const { vmid, typefilter, source, limit = '50' } = parameters;
    const chosen = hypervisor.tasks.filter(
      ({ id, type, status }) =>
        (vmid === undefined || id === vmid) &&
        (typefilter === undefined || type === typefilter) &&
        (source !== 'active' || status === 'RUNNING'),
    );
    return good(chosen.slice(0, Number(limit)));
  }
  const [, upid = '', about = ''] = /^\/tasks\/([^/]+)\/(status|log)$/.exec(rest) ?? [];
  const task = hypervisor.tasks.find((one) => one.upid === upid);
  if (task === undefined) return refusal(400, 'Parameter verification failed.');
  return good(about === 'status' ? statusOf(task) : logOf(task));
}

function statusOf({ status, ...task }: LabTask): Record<string, unknown> {
  return status === 'RUNNING' ? { ...task, status: 'running' } : { ...task, status: 'stopped', exitstatus: status };
}

function logOf({ status }: LabTask): { n: number; t: string }[] {
  if (status === 'RUNNING') return [{ n: 1, t: 'no content' }];
  return [{ n: 1, t: status === 'OK' || status.startsWith('WARNINGS') ? `TASK ${status}` : `TASK ERROR: ${status}` }];
}
