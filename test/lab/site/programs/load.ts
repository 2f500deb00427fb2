import { NAS_VMID } from '../hypervisor.ts';
import { diskBusy, type Flow, podFlows, stuckThreads, sumOf } from '../load.ts';
import { type Answer, always, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import type { World } from '../world.ts';
import { mountstats, podIo, WINDOW_S } from './mountstats.ts';
import { nasFiles } from './nas-files.ts';
import { nodeTools } from './node-tools.ts';
import { probeEach } from './probe-each.ts';
import { proxmox } from './proxmox.ts';
import { shellWith } from './scripts.ts';

/** Programs that say how much is going on. Each table stands over what the machine has beside it. */
export const nodeLoad: Readonly<Record<string, Program>> = { sh: shellWith({ run: runScript }) };
export const nasLoad: Readonly<Record<string, Program>> = { sh: shellWith({ run: runScript }) };
export const linuxNasLoad: Readonly<Record<string, Program>> = {
  ...nasLoad,
  cat: {
    run: (call, args) => (args[0] === '/proc/fs/nfsd/threads' ? threads(call) : programIn(nasFiles, 'cat').run(call, args)),
  },
  'rpc.nfsd': { run: setThreads, changes: always },
};
export const hypervisorLoad: Readonly<Record<string, Program>> = {
  cat: { run: (call, args) => (args[0] === '/proc/loadavg' ? loadAverage(call) : programIn(nodeTools, 'cat').run(call, args)) },
  pvesh: {
    run: (call, args) => machines(call, args) ?? programIn(proxmox, 'pvesh').run(call, args),
    changes: ([action]) => action !== 'get',
  },
};

function programIn(programs: Readonly<Record<string, Program>>, name: string): Program {
  const found = programs[name];
  if (found === undefined) throw new Error(`The lab lacks ${name}`);
  return found;
}

const MOUNTSTATS = 'cat /proc/uptime /proc/self/mountstats && sleep 3 && cat /proc/uptime /proc/self/mountstats';
const POD_IO =
  'look() { cat /proc/uptime; grep -s -H kubepods /proc/[0-9]*/cgroup; grep -s -H -E "^(read|write)_bytes" /proc/[0-9]*/io; }; look; sleep 3; look; true';
const SYSCTL =
  'sysctl kstat.zfs.misc.arcstats.hits kstat.zfs.misc.arcstats.misses kstat.zfs.misc.arcstats.size kstat.zfs.misc.arcstats.c_max';
const KSTAT = 'cat /proc/spl/kstat/zfs/arcstats';

/** The scripts that the bot gives sh: two looks, three seconds apart. */
function runScript(call: Call, args: readonly string[]): Answer {
  const [flag, script] = args;
  const { machine, isRoot } = call;
  if (flag !== '-c') return usage('sh', 'Illegal option');
  if (machine.kind === 'node' && script === MOUNTSTATS) return mountstats(call, machine.node);
  if (machine.kind === 'node' && script === POD_IO) return isRoot ? podIo(call, machine.node) : ok('1.00 1.00\n4.00 1.00\n');
  const freebsd = machine.system === 'FreeBSD';
  if (machine.kind === 'nas' && script === `${SYSCTL} && sleep 3 && ${SYSCTL}`)
    return freebsd
      ? arc(call)
      : fail(255, 'sysctl: cannot stat /proc/sys/kstat/zfs/misc/arcstats/hits: No such file or directory');
  if (machine.kind === 'nas' && script === `${KSTAT} && sleep 3 && ${KSTAT}`)
    return freebsd || call.world.nas.disk.datasets.length === 0
      ? fail(1, 'cat: /proc/spl/kstat/zfs/arcstats: No such file or directory')
      : arc(call);
  return probeEach(call, args);
}

function arc({ world, machine }: Call): Answer {
  const { sinceBootPercent, nowPercent, isFull } = world.load.cache;
  const [ever, now] = [4_200_000_000, 240_000];
  const hits = Math.round((ever * sinceBootPercent) / 100);
  const more = Math.round((now * nowPercent) / 100);
  const most = 12_025_908_428;
  const size = isFull ? most : Math.round(most * 0.78);
  const look = (later: boolean) => {
    const values = { hits: later ? hits + more : hits, misses: ever - hits + (later ? now - more : 0), size, c_max: most };
    if (machine.system === 'FreeBSD')
      return Object.entries(values).map(([name, value]) => `kstat.zfs.misc.arcstats.${name}: ${value}`);
    const rows = [
      ['hits', values.hits],
      ['iohits', 1_204_331],
      ['misses', values.misses],
      ['c_min', 501_079_552],
      ['c_max', most],
      ['size', size],
    ];
    return [
      '9 1 0x01 147 39984 4710551482 1036800551482123',
      'name                            type data',
      ...rows.map(([name, value]) => `${String(name).padEnd(31)} 4    ${value}`),
    ];
  };
  return { ...ok(lines([...look(false), ...look(true)])), afterS: WINDOW_S };
}

function threads({ world: { nas } }: Call): Answer {
  return ok(`${nas.services.nfsd ? nas.threads.total : 0}\n`);
}

/** `rpc.nfsd COUNT` */
function setThreads({ world: { nas } }: Call, [count = '', ...more]: readonly string[]): Answer {
  if (more.length > 0 || !/^\d+$/.test(count)) return fail(1, 'Usage:\nrpc.nfsd [options] nrservs');
  nas.threads.total = Number(count);
  nas.services.nfsd = Number(count) > 0;
  return ok();
}

function loadAverage({ world }: Call): Answer {
  const waiting = stuckThreads(world) + world.hypervisor.processes.filter(({ state }) => state === 'D').length * 4;
  const load = 5.2 + diskBusy(world) / 20 + waiting;
  return ok(`${load.toFixed(2)} ${(load * 0.96).toFixed(2)} ${(load * 0.9).toFixed(2)} 3/2114 ${399_000}\n`);
}

/** `pvesh get /nodes/localhost/qemu[/VMID/rrddata --timeframe hour] --output-format json` */
function machines({ world, isRoot }: Call, args: readonly string[]): Answer | undefined {
  const line = args.join(' ');
  const [, vmid] = /^get \/nodes\/localhost\/qemu\/(\d+)\/rrddata --timeframe hour --output-format json$/.exec(line) ?? [];
  if (vmid === undefined && line !== 'get /nodes/localhost/qemu --output-format json') return undefined;
  if (!isRoot) return fail(13, 'please run as root');
  const { vms } = world.hypervisor;
  if (vmid === undefined) return ok(`${JSON.stringify([...vms.values()].map((vm) => listed(world, vm)))}\n`);
  if (!vms.has(Number(vmid))) return fail(2, `Configuration file 'nodes/pve/qemu-server/${vmid}.conf' does not exist`);
  return ok(`${JSON.stringify(minutes(world, Number(vmid)))}\n`);
}

function listed(world: World, { vmid, name, status }: { vmid: number; name: string; status: string }) {
  const uptimeS = status === 'running' ? Math.floor((world.time.nowMs - world.startedMs) / 1_000) : 0;
  // Without "--full 1" the list has no figures of disks.
  return { cpus: 8, disk: 0, diskread: 0, diskwrite: 0, maxdisk: 274_877_906_944, name, status, uptime: uptimeS, vmid };
}

const MINUTES = 70;
const BUSY_MINUTES = 20;

function minutes(world: World, vmid: number) {
  const lastS = Math.floor(world.time.nowMs / 60_000) * 60;
  const own = vmid === NAS_VMID ? podFlows(world) : (world.load.machines.get(vmid) ?? { readKBPerS: 0, writeKBPerS: 0 });
  const isStalled = world.load.stalled.has(vmid);
  const usual: Flow = { readKBPerS: 40 + (vmid % 37), writeKBPerS: 160 + (vmid % 91) };
  return Array.from({ length: MINUTES }, (_, index) => {
    const isBusy = index >= MINUTES - BUSY_MINUTES;
    const { readKBPerS, writeKBPerS } = isBusy ? sumOf([usual, own]) : usual;
    const figures = isStalled ? { diskread: 0, diskwrite: 0 } : { diskread: readKBPerS * 1024, diskwrite: writeKBPerS * 1024 };
    // The minute that goes on has no figures yet.
    const about = { time: lastS - (MINUTES - 1 - index) * 60, maxcpu: 8, maxmem: 8_589_934_592 };
    return index === MINUTES - 1 ? about : { ...about, cpu: 0.11, ...figures };
  });
}
