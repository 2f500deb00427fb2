import { pidOf } from '../ids.ts';
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

const LINUX = '-eo state,pid,wchan:32,comm';
const FREEBSD = '-axH -o state,pid,wchan,comm';

function runPs(call: Call, args: readonly string[]): Answer {
  const wanted = call.machine.system === 'FreeBSD' ? FREEBSD : LINUX;
  if (args.join(' ') !== wanted) return fail(1, 'error: unsupported option\n\nUsage:\n ps [options]');
  const header = wanted === LINUX ? 'S     PID WCHAN                            COMMAND' : 'STAT  PID WCHAN  COMMAND';
  const row = ({ state, pid, waitsIn, program }: LabProcess) =>
    wanted === LINUX
      ? `${state} ${String(pid).padStart(7)} ${waitsIn.padEnd(32)} ${program}`
      : `${state.padEnd(4)} ${String(pid).padStart(4)} ${waitsIn.padEnd(6)} ${program}`;
  return ok(lines([header, ...processesOf(call).map(row)]));
}

const process = (state: string, pid: number, waitsIn: string, program: string): LabProcess => ({ state, pid, waitsIn, program });

function processesOf(call: Call): LabProcess[] {
  switch (call.machine.kind) {
    case 'node':
      return nodeProcesses(call.machine.node);
    case 'hypervisor':
      return [
        process('S', 1, 'ep_poll', 'systemd'),
        process('S', 1180, 'ep_poll', 'pvedaemon'),
        process('S', 2210, 'ppoll', 'kvm'),
      ];
    case 'nas':
      return nasProcesses(call);
  }
}

function nodeProcesses(node: LabNode): LabProcess[] {
  const pods = [...new Set(node.mounts.map(({ podUid }) => podUid))].map((uid) => process('S', pidOf(uid), 'ep_poll', 'node'));
  const frozen = node.mounts.filter(({ hangs }) => hangs !== undefined);
  const waiting = frozen.map((mount) => process('D', pidOf(mount.mountPoint), 'rpc_wait_bit_killable', 'node'));
  const own = [
    process('S', 1, 'ep_poll', 'systemd'),
    process('S', 812, 'futex_wait_queue', 'containerd'),
    process('S', 1033, 'futex_wait_queue', 'kubelet'),
  ];
  return [...own, ...pods, ...waiting, ...node.processes, process('R', 399_991, '-', 'ps')];
}

/** The threads of the NFS server: kernel threads on Linux, rows of one process on FreeBSD. */
function nasProcesses({ world, machine }: Call): LabProcess[] {
  const { services, threads } = world.nas;
  const isFreeBsd = machine.system === 'FreeBSD';
  const thread = (index: number) => {
    const isStuck = index < threads.stuck;
    if (isFreeBsd) return process(isStuck ? 'D' : 'I', 2175, isStuck ? 'zio->i' : 'rpcsvc', 'nfsd');
    return process(isStuck ? 'D' : 'I', 2175 + index, isStuck ? 'folio_wait_bit_common' : 'svc_recv', 'nfsd');
  };
  const mountd = services.mountd
    ? [process(isFreeBsd ? 'Is' : 'S', 1422, isFreeBsd ? 'select' : 'do_select', isFreeBsd ? 'mountd' : 'rpc.mountd')]
    : [];
  const nfsd = services.nfsd ? Array.from({ length: threads.total }, (_, index) => thread(index)) : [];
  const first = isFreeBsd ? process('ILs', 1, 'wait', 'init') : process('S', 1, 'ep_poll', 'systemd');
  return [first, ...mountd, ...nfsd, process(isFreeBsd ? 'R+' : 'R', 9_901, '-', 'ps')];
}
