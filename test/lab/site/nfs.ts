import type { Flavour } from '../../../src/commands/nas.ts';
import { NEIGHBOUR, OTHER_NAS } from './addresses.ts';
import { type Directory, isWithin } from './disk.ts';
import { nasIsUp } from './hypervisor.ts';
import type { Nas } from './nas.ts';
import type { LabNode, NfsHandle, PodMount } from './node.ts';
import type { World } from './world.ts';

type Site = Pick<World, 'nas' | 'hypervisor'>;

/** What a connection attempt meets. `no-route`: a router on the way says that the host does not answer. */
export type Port = 'open' | 'refused' | 'no-route' | 'silent';

export function portOf(site: Site, from: LabNode | undefined, address: string, port: number): Port {
  if (from?.cutFrom.has(address) === true) return 'silent';
  if (address === NEIGHBOUR.address) return port === NEIGHBOUR.port ? 'open' : 'refused';
  if (address === OTHER_NAS.address) return port === 2049 || port === 111 ? 'open' : 'refused';
  if (address !== site.nas.address) return 'silent';
  if (!nasIsUp(site)) return 'no-route';
  return { 22: true, 111: true, 2049: site.nas.services.nfsd, 3260: site.nas.iscsi.runs }[port] === true ? 'open' : 'refused';
}

/** Does a call to a mounted directory come back, and with what? */
export type Access =
  | { readonly state: 'answers'; readonly directory: Directory | undefined }
  | { readonly state: 'stale' | 'killable' | 'unkillable'; readonly directory?: never };

export function access(site: Site, node: LabNode, mount: PodMount): Access {
  if (mount.hangs !== undefined) return { state: mount.hangs };
  const { nfs } = mount;
  if (nfs === undefined) return { state: 'answers', directory: undefined };
  if (portOf(site, node, nfs.server, 2049) !== 'open') return { state: 'killable' };
  if (nfs.server !== site.nas.address) return { state: 'answers', directory: undefined };
  const directory = site.nas.disk.at(nfs.path);
  const isExported = site.nas.active.some(({ path }) => isWithin(nfs.path, path));
  if (!isExported || directory === undefined || directory.id !== nfs.directory) return { state: 'stale' };
  return { state: 'answers', directory };
}

/** The NFSv4 domain of the nodes. */
export const CLIENT_DOMAIN = 'lab.lan';

const NOBODY = { uid: 65_534, gid: 65_534 };

/** NFSv4 sends owners by name: a client of another domain knows none of them and shows nobody. */
export function ownerSeen(
  { nas }: Site,
  { nfs }: PodMount,
  directory: Directory | undefined,
): { readonly uid: number; readonly gid: number } {
  if (directory === undefined || nfs === undefined) return { uid: 0, gid: 0 };
  const { v4_v3owner: numeric, v4_domain: domain } = nas.settings;
  return nfs.version === '3' || numeric || domain === CLIENT_DOMAIN ? directory : NOBODY;
}

/** What mount.nfs would do. `afterS`: seconds until it does. */
export type Attempt =
  | { readonly mounted: true; readonly directory: Directory | undefined; readonly version: NfsHandle['version'] }
  | { readonly mounted: false; readonly says: string; readonly afterS: number; readonly unkillable?: true };

/** mount.nfs tries for two minutes where it takes the cause to be temporary (nfs_is_permanent_error in nfs-utils). */
export const RETRY_S = 120;

const UNSUPPORTED = 'mount.nfs: requested NFS version or transport protocol is not supported';

interface Wanted extends Pick<NfsHandle, 'server' | 'path'> {
  /** As `vers=` has it; absent: client and server agree on one. */
  readonly vers?: string;
}

export function tryMount(site: Site, node: LabNode, { server, path, vers }: Wanted): Attempt {
  if (node.wedged) return { mounted: false, says: '', afterS: Number.POSITIVE_INFINITY, unkillable: true };
  const port = portOf(site, node, server, 2049);
  if (port === 'refused') return refuse('mount.nfs: Connection refused', RETRY_S);
  if (port === 'no-route') return refuse('mount.nfs: No route to host', RETRY_S);
  if (port === 'silent') return refuse('mount.nfs: mount system call failed', 12);
  if (server === OTHER_NAS.address) return path === OTHER_NAS.path ? mounts(undefined, '4.1') : refuse(denied(server, path));
  const version = versionFor(vers, site.nas);
  if (!versionsOf(site.nas).includes(version.slice(0, 1))) return refuse(UNSUPPORTED);
  if (version === '3' && !site.nas.services.mountd) return refuse(UNSUPPORTED, RETRY_S);
  const rooted = version !== '3' ? site.nas.active.find(({ options }) => options.includes('fsid=0')) : undefined;
  const real = rooted === undefined ? path : `${rooted.path}${path}`;
  const directory = site.nas.disk.at(real);
  if (node.brokenVersions.has(version)) return refuse('mount.nfs: mount(2): Input/output error');
  if (rooted !== undefined && directory === undefined) return refuse(noSuchPath('debian', server, path));
  if (!site.nas.active.some((entry) => isWithin(real, entry.path))) return refuse(denied(server, path));
  if (directory !== undefined) return mounts(directory, version);
  return refuse(noSuchPath(vers === undefined ? site.nas.flavour : 'debian', server, path));
}

/** The newest version that client and server speak, unless one is asked for. */
function versionFor(vers: string | undefined, { settings }: Nas): NfsHandle['version'] {
  if (vers === '4.1') return vers;
  return vers?.startsWith('3') === true || (vers === undefined && !settings.v4) ? '3' : '4.2';
}

/** The major versions of NFS that the server speaks; a plain Linux server here has NFSv3 off. */
export function versionsOf({ flavour, settings }: Nas): string[] {
  return [...(flavour === 'debian' ? [] : ['3']), ...(settings.v4 ? ['4'] : [])];
}

function mounts(directory: Directory | undefined, version: NfsHandle['version']): Attempt {
  return { mounted: true, directory, version };
}

function refuse(says: string, afterS = 0): Attempt {
  return { mounted: false, says, afterS };
}

function denied(server: string, path: string): string {
  return `mount.nfs: access denied by server while mounting ${server}:${path}`;
}

/** The same cause in two wordings: with NFSv3 off, or one version asked for, a client falls back to nothing and tells the server's own reason. */
function noSuchPath(flavour: Flavour, server: string, path: string): string {
  if (flavour !== 'debian') return 'mount.nfs: Protocol not supported';
  return `mount.nfs: mounting ${server}:${path} failed, reason given by server: No such file or directory`;
}

/** The most bytes that this server takes or gives in one call: it lowers what a client asks for. */
const MAX_TRANSFER = 131_072;

/** The options as the kernel shows them for what was asked for with `-o`. */
export function kernelOptions(node: LabNode, handle: Pick<NfsHandle, 'server' | 'version'>, asked: readonly string[]): string {
  const value = (name: string) => asked.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  const actimeo = value('actimeo');
  const cache = ['acregmin', 'acregmax', 'acdirmin', 'acdirmax'].flatMap((name) => {
    const seconds = value(name) ?? actimeo;
    return seconds === undefined ? [] : [`${name}=${seconds}`];
  });
  const { server, version } = handle;
  const ending =
    version === '3'
      ? [`mountaddr=${server}`, 'mountvers=3', 'mountport=781', 'mountproto=udp', 'local_lock=none']
      : [`clientaddr=${node.address}`, 'local_lock=none'];
  const retry = [`timeo=${value('timeo') ?? 600}`, `retrans=${value('retrans') ?? 2}`];
  const size = (name: string) => `${name}=${Math.min(Number(value(name) ?? MAX_TRANSFER), MAX_TRANSFER)}`;
  const sizes = [size('rsize'), size('wsize'), 'namlen=255'];
  const hardness = asked.includes('soft') ? 'soft' : 'hard';
  return [
    'rw',
    'relatime',
    `vers=${version}`,
    ...sizes,
    ...cache,
    hardness,
    'proto=tcp',
    ...retry,
    'sec=sys',
    ...ending,
    `addr=${server}`,
  ].join(',');
}
