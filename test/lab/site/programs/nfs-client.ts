import { OTHER_NAS } from '../addresses.ts';
import type { Nas } from '../nas.ts';
import { access, ownerSeen, portOf, RETRY_S, tryMount, versionsOf } from '../nfs.ts';
import { type Answer, always, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { statFiles } from './sqlite.ts';
import { encodeVis } from './vis.ts';

/** The NFS tools of a client. */
export const nfsClient: Readonly<Record<string, Program>> = {
  showmount: { run: runShowmount },
  rpcinfo: { run: runRpcinfo },
  stat: { run: runStat },
  mount: { run: runMount },
  umount: { run: runUmount, changes: always },
};

function fromOf({ machine }: Call) {
  return machine.kind === 'node' ? machine.node : undefined;
}

/** Linux: `showmount --no-headers --exports HOST`; FreeBSD: `showmount -E HOST` or `showmount -e HOST`. */
function runShowmount(call: Call, args: readonly string[]): Answer {
  const { world, machine } = call;
  if (machine.kind === 'nas' && args.join(' ') === '-a 127.0.0.1') return listMounts(call);
  const isFreeBsd = machine.system === 'FreeBSD';
  const flags = args.slice(0, -1);
  const [address = ''] = args.slice(-1);
  if (isFreeBsd && flags.includes('-E') && flags.includes('-e')) return fail(1, 'showmount: -E cannot be used with -e');
  const known = isFreeBsd ? ['-E', '-e'] : ['--no-headers', '--exports', '-e'];
  if (address === '' || flags.length === 0 || flags.some((flag) => !known.includes(flag)))
    return fail(1, isFreeBsd ? 'usage: showmount [-a | -d] [-e3] [host]' : 'Usage: showmount [-adehv] [--exports] [host]');
  const isLocal = machine.kind === 'nas' && address === '127.0.0.1';
  const port = isLocal ? 'open' : portOf(world, fromOf(call), address, 111);
  if (port !== 'open') return { ...fail(1, 'clnt_create: RPC: Unable to receive'), afterS: 7, ignoresTerm: true };
  if (address === OTHER_NAS.address) return ok(`${OTHER_NAS.path} 10.0.20.0/24\n`);
  if (!world.nas.services.mountd) {
    const text = 'RPC: Program not registered';
    return fail(1, isFreeBsd ? `${text}\nshowmount: can't do exports rpc` : `clnt_create: ${text}`);
  }
  return ok(lines((isFreeBsd ? listOnFreeBsd : listOnLinux)(world.nas, flags, address)));
}

/** What NFSv3 clients told mountd; NFSv4 clients tell it nothing. */
function listMounts({ world, machine }: Call): Answer {
  const { nas, nodes } = world;
  const why = 'RPC: Program not registered';
  if (!nas.services.mountd)
    return fail(1, machine.system === 'FreeBSD' ? `${why}\nshowmount: can't do mountdump rpc` : `clnt_create: ${why}`);
  const rows = [...nodes.values()].flatMap(({ address, mounts }) =>
    mounts.flatMap(({ nfs }) => (nfs?.server === nas.address && nfs.version === '3' ? [`${address}:${nfs.path}`] : [])),
  );
  const others = nas.otherMounts.map(({ client, path }) => `${client}:${path}`);
  return ok(lines(['All mount points on 127.0.0.1:', ...new Set([...rows, ...others].toSorted())]));
}

/** mountd of FreeBSD tells the networks without their lengths. */
function clientsOf(nas: Nas): Map<string, readonly string[]> {
  const clients = new Map<string, readonly string[]>();
  for (const { path, network } of nas.active)
    clients.set(path, [...(clients.get(path) ?? []), nas.flavour === 'core' ? network.replace(/\/\d+$/, '') : network]);
  return clients;
}

function listOnFreeBsd(nas: Nas, flags: readonly string[], address: string): string[] {
  if (flags.includes('-E')) return [...clientsOf(nas).keys()].map(encodeVis);
  const rows = [...clientsOf(nas)].map(([path, networks]) => `${path.padEnd(34)} ${networks.join(' ')} `);
  return [`Exports list on ${address}:`, ...rows];
}

function listOnLinux(nas: Nas, flags: readonly string[], address: string): string[] {
  const clients = clientsOf(nas);
  const width = Math.max(0, ...[...clients.keys()].map(({ length }) => length));
  const rows = [...clients].map(([path, networks]) => `${path.padEnd(width)} ${networks.join(',')}`);
  return flags.includes('--no-headers') ? rows : [`Export list for ${address}:`, ...rows];
}

/** `rpcinfo -n 2049 -t HOST nfs VERSION`. */
function runRpcinfo(call: Call, args: readonly string[]): Answer {
  const [n, port, t, address = '', program, version] = args;
  if (n !== '-n' || t !== '-t' || program !== 'nfs' || args.length !== 6) return fail(1, 'Usage: rpcinfo [-m | -s] [host]');
  const state = portOf(call.world, fromOf(call), address, Number(port));
  if (state === 'refused') return fail(1, 'rpcinfo: RPC: Remote system error - Connection refused');
  if (state === 'no-route') return { ...fail(1, 'rpcinfo: RPC: Remote system error - No route to host'), afterS: 3.1 };
  if (state === 'silent') return { ...fail(1, 'rpcinfo: RPC: Timed out'), afterS: 60 };
  const served = address === OTHER_NAS.address ? ['3', '4'] : versionsOf(call.world.nas);
  if (served.includes(version ?? '')) return ok(`program 100003 version ${version} ready and waiting\n`);
  const range = `low version = ${served[0]}, high version = ${served.at(-1)}`;
  return fail(1, `rpcinfo: RPC: Program/version mismatch; ${range}`, `program 100003 version ${version} is not available\n`);
}

/** Seconds after which a call on a soft mount fails while nobody answers. */
const SOFT_S = 12;

/** `stat --cached=never --format=%u:%g PATH`, and of the files of a database */
function runStat(call: Call, args: readonly string[]): Answer {
  const [cached, format, path] = args;
  if (format === '--format=%s %Y %a %u %g %F|%n') return statFiles(call, args.slice(2));
  const wrong = cached !== '--cached=never' ? cached : format === '--format=%u:%g' ? undefined : format;
  if (wrong !== undefined) return usage('stat', `unrecognized option '${wrong}'`);
  if (path === undefined) return usage('stat', 'missing operand');
  const { machine, world } = call;
  const says = (why: string) => fail(1, `stat: cannot statx '${path}': ${why}`);
  if (!call.isRoot && path.startsWith('/var/lib/kubelet/')) return says('Permission denied');
  const mount = machine.kind === 'node' ? machine.node.mounts.find(({ mountPoint }) => mountPoint === path) : undefined;
  if (mount === undefined || machine.kind !== 'node') return says('No such file or directory');
  const seen = access(world, machine.node, mount);
  if (seen.state === 'answers') {
    const { uid, gid } = ownerSeen(world, mount, seen.directory);
    return ok(`${uid}:${gid}\n`);
  }
  if (seen.state === 'stale') return says('Stale file handle');
  if (seen.state === 'unkillable') return { ...says('Input/output error'), afterS: Number.POSITIVE_INFINITY, unkillable: true };
  const isSoft = mount.hangs === undefined && mount.nfs?.options.includes(',soft,') === true;
  return { ...says('Input/output error'), afterS: isSoft ? SOFT_S : Number.POSITIVE_INFINITY };
}

/** `mount -t nfs -o OPTIONS SERVER:PATH DIRECTORY`, in a mount namespace of its own: nothing is left of it. */
function runMount(call: Call, args: readonly string[]): Answer {
  const [t, type, o, options, source = '', directory] = args;
  const [, server, path] = /^([^:]+):(\/.*)$/.exec(source) ?? [];
  if (t !== '-t' || type !== 'nfs' || o !== '-o' || options === undefined || directory === undefined)
    return usage('mount', 'bad usage');
  if (server === undefined || path === undefined) return fail(32, `mount.nfs: ${source}: invalid mount source`);
  if (!call.isRoot) return fail(32, 'mount: /mnt: must be superuser to use mount.');
  if (call.machine.kind !== 'node') return fail(32, 'mount.nfs: Operation not permitted');
  const asked = options.split(',');
  const vers = asked.find((option) => option.startsWith('vers='))?.slice('vers='.length);
  const attempt = tryMount(call.world, call.machine.node, { server, path, ...(vers === undefined ? {} : { vers }) });
  if (attempt.mounted) return ok();
  const triesOnce = asked.includes('retry=0') && attempt.afterS === RETRY_S;
  const answer = { ...fail(32, attempt.says), afterS: triesOnce ? 0 : attempt.afterS };
  return attempt.unkillable === true ? { ...answer, unkillable: true } : answer;
}

/** `umount --lazy PATH` */
function runUmount(call: Call, [flag, path]: readonly string[]): Answer {
  if (flag !== '--lazy' || path === undefined) return usage('umount', 'bad usage');
  if (!call.isRoot) return fail(32, `umount: ${path}: must be superuser to unmount.`);
  const mounts = call.machine.kind === 'node' ? call.machine.node.mounts : [];
  const index = mounts.findIndex(({ mountPoint }) => mountPoint === path);
  if (index < 0) return fail(32, `umount: ${path}: not mounted.`);
  mounts.splice(index, 1);
  return ok();
}
