import { pidOf } from '../ids.ts';
import { stuckThreads } from '../load.ts';
import type { LabNode, LabProcess } from '../node.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';

/** What every machine has. */
export const system: Readonly<Record<string, Program>> = {
  uname: { run: ({ machine }, args) => (args.join(' ') === '-s' ? ok(`${machine.system}\n`) : usage('uname', 'extra operand')) },
  which: { run: runWhich },
  date: {
    run: ({ world }, args) =>
      args.join(' ') === '-u +%s' ? ok(`${Math.floor(world.time.nowMs / 1000)}\n`) : usage('date', 'invalid date'),
  },
  ps: { run: runPs },
};

function runWhich({ machine, world }: Call, [name = '']: readonly string[]): Answer {
  const isThere = machine.kind === 'nas' && world.nas.middleware && name === 'midclt';
  return isThere
    ? ok(`${machine.system === 'FreeBSD' ? '/usr/local/bin' : '/usr/bin'}/${name}\n`)
    : { exitCode: 1, stdout: '', stderr: '' };
}

const LINUX = '-eo state,pid,etimes,wchan:32,comm';
const FREEBSD = '-axH -o state,pid,etimes,wchan,comm';

function runPs(call: Call, args: readonly string[]): Answer {
  const wanted = call.machine.system === 'FreeBSD' ? FREEBSD : LINUX;
  if (args.join(' ') !== wanted) return fail(1, 'error: unsupported option\n\nUsage:\n ps [options]');
  const header =
    wanted === LINUX ? 'S     PID ELAPSED WCHAN                            COMMAND' : 'STAT  PID ELAPSED WCHAN  COMMAND';
  const row = ({ state, pid, beganMs, waitsIn, program }: LabProcess) => {
    const age = String(Math.floor((call.world.time.nowMs - beganMs) / 1_000)).padStart(7);
    return wanted === LINUX
      ? `${state} ${String(pid).padStart(7)} ${age} ${waitsIn.padEnd(32)} ${program}`
      : `${state.padEnd(4)} ${String(pid).padStart(4)} ${age} ${waitsIn.padEnd(6)} ${program}`;
  };
  return ok(lines([header, ...processesOf(call).map(row)]));
}

type Row = readonly [state: string, pid: number, waitsIn: string, program: string];

/** Processes that began together. */
function since(beganMs: number, rows: readonly Row[]): LabProcess[] {
  return rows.map(([state, pid, waitsIn, program]) => ({ state, pid, beganMs, waitsIn, program }));
}

function processesOf(call: Call): LabProcess[] {
  const { world, machine } = call;
  switch (machine.kind) {
    case 'node':
      return [...nodeProcesses(machine.node), ...since(world.time.nowMs, [['R', 399_991, '-', 'ps']])];
    case 'hypervisor':
      return [
        ...since(world.startedMs, [
          ['S', 1, 'ep_poll', 'systemd'],
          ['S', 1180, 'ep_poll', 'pvedaemon'],
          ['S', 2210, 'ppoll', 'kvm'],
        ]),
        ...world.hypervisor.processes,
      ];
    case 'workstation':
      return since(world.startedMs, [['S', 1, 'ep_poll', 'systemd']]);
    case 'nas':
      return nasProcesses(call);
  }
}

function nodeProcesses(node: LabNode): LabProcess[] {
  const own = since(node.bootedMs, [
    ['S', 1, 'ep_poll', 'systemd'],
    ['S', 812, 'futex_wait_queue', 'containerd'],
    ['S', 1033, 'futex_wait_queue', 'kubelet'],
  ]);
  const pods = [...new Map(node.mounts.map(({ podUid, beganMs }) => [podUid, beganMs]))];
  const running = pods.flatMap(([uid, beganMs]) => since(beganMs, [['S', pidOf(uid), 'ep_poll', 'node']]));
  const frozen = node.mounts.filter(({ hangs }) => hangs !== undefined);
  const waiting = frozen.flatMap(({ mountPoint, beganMs }) =>
    since(beganMs, [['D', pidOf(mountPoint), 'rpc_wait_bit_killable', 'node']]),
  );
  return [...own, ...running, ...waiting, ...node.processes];
}

/** The threads of the NFS server: kernel threads on Linux, rows of one process on FreeBSD. */
function nasProcesses({ world, machine }: Call): LabProcess[] {
  const { services, threads } = world.nas;
  const stuck = stuckThreads(world);
  const isFreeBsd = machine.system === 'FreeBSD';
  const thread = (index: number): Row => {
    const isStuck = index < stuck;
    if (!isStuck && index < stuck + world.load.busyThreads) return ['R', isFreeBsd ? 2175 : 2175 + index, '-', 'nfsd'];
    if (isFreeBsd) return [isStuck ? 'D' : 'I', 2175, isStuck ? 'zio->i' : 'rpcsvc', 'nfsd'];
    return [isStuck ? 'D' : 'I', 2175 + index, isStuck ? 'folio_wait_bit_common' : 'svc_recv', 'nfsd'];
  };
  const first: Row = isFreeBsd ? ['ILs', 1, 'wait', 'init'] : ['S', 1, 'ep_poll', 'systemd'];
  const mountd: Row = isFreeBsd ? ['Is', 1422, 'select', 'mountd'] : ['S', 1422, 'do_select', 'rpc.mountd'];
  const nfsd = services.nfsd ? Array.from({ length: threads.total }, (_, index) => thread(index)) : [];
  return [
    ...since(world.startedMs, [first, ...(services.mountd ? [mountd] : []), ...nfsd]),
    ...since(world.time.nowMs, [[isFreeBsd ? 'R+' : 'R', 9_901, '-', 'ps']]),
  ];
}
