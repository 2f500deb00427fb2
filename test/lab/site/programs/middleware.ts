import { z } from 'zod';
import { applyShares } from '../exports.ts';
import type { LabShare, Nas } from '../nas.ts';
import { type Answer, type Call, fail, ok, type Program } from '../shell.ts';

/** TrueNAS' command line to its middleware: `midclt call METHOD [ARGUMENT…]`, with JSON arguments. */
export const middleware: Readonly<Record<string, Program>> = {
  midclt: { run: runMidclt, changes: ([, method = '']) => /\.(create|update|delete)$/.test(method) },
};

const METHODS: Readonly<Record<string, (call: Call, args: readonly unknown[]) => Answer>> = {
  'sharing.nfs.query': ({ world }) => json(world.nas.shares.map((share) => shown(world.nas, share))),
  'sharing.nfs.create': createShare,
  'sharing.nfs.update': updateShare,
  'sharing.nfs.delete': deleteShare,
  'nfs.config': ({ world }) => json(configOf(world.nas)),
};

function runMidclt(call: Call, [verb, method = '', ...args]: readonly string[]): Answer {
  if (verb !== 'call') return fail(2, 'usage: midclt [-h] {call,ping,waitready,sql,subscribe} ...');
  const run = METHODS[method];
  if (run === undefined) return fail(1, `[ENOMETHOD] Method '${method}' not found`);
  return run(
    call,
    args.map((argument) => JSON.parse(argument)),
  );
}

function json(value: unknown): Answer {
  return ok(`${JSON.stringify(value)}\n`);
}

/** Several paths in one share on CORE, one path each on SCALE. */
function shown({ flavour }: Nas, { id, paths, networks, hosts = [], enabled, ro = false }: LabShare) {
  const rest = {
    comment: '',
    hosts,
    ro,
    maproot_user: 'root',
    maproot_group: flavour === 'core' ? 'wheel' : 'root',
    security: [],
    locked: false,
  };
  return flavour === 'core'
    ? { id, paths, alldirs: false, quiet: false, networks, enabled, ...rest }
    : { id, path: paths[0], aliases: [], networks, enabled, ...rest };
}

/** What it also takes, and this middleware does not look at. */
const FIELDS = { comment: z.string(), maproot_user: z.string(), maproot_group: z.string(), security: z.array(z.string()) };

const NewShare = z
  .strictObject({
    path: z.string(),
    paths: z.array(z.string()),
    aliases: z.array(z.string()),
    alldirs: z.boolean(),
    quiet: z.boolean(),
    networks: z.array(z.string()),
    hosts: z.array(z.string()),
    ro: z.boolean(),
    enabled: z.boolean(),
    ...FIELDS,
  })
  .partial();

/** CORE wants a list of paths, SCALE one path; neither exports anything twice to one network, CORE not even a file system. */
function createShare({ world }: Call, [body]: readonly unknown[]): Answer {
  const { nas, time } = world;
  const wanted = NewShare.safeParse(body);
  if (!wanted.success) return fail(1, '[EINVAL] sharingnfs_create: Field was not expected');
  const { path, paths, networks = [], hosts = [], ro = false, enabled = true } = wanted.data;
  const all = nas.flavour === 'core' ? paths : path === undefined ? undefined : [path];
  if (all === undefined || all.length === 0) return fail(1, '[EINVAL] sharingnfs_create: Invalid data provided');
  if (all.some((each) => nas.disk.at(each) === undefined))
    return fail(1, '[ENOENT] sharingnfs_create.path: This path does not exist.');
  const placeOf = (each: string) => (nas.flavour === 'core' ? nas.disk.holder(each).name : each);
  const rivals = nas.shares
    .filter((share) => share.networks.some((network) => networks.includes(network)))
    .flatMap((share) => share.paths);
  if (rivals.some((rival) => all.some((each) => placeOf(each) === placeOf(rival)))) {
    return fail(1, '[EINVAL] sharingnfs_create.networks: Another NFS share already exports this dataset for some network');
  }
  const id = Math.max(0, ...nas.shares.map((share) => share.id)) + 1;
  const share: LabShare = { id, paths: all, networks, enabled, ...(hosts.length > 0 && { hosts }), ...(ro && { ro }) };
  nas.shares.push(share);
  applyShares(nas, time.nowMs);
  return json(shown(nas, share));
}

/** One path that does not exist makes the middleware refuse the whole list. */
function updateShare({ world }: Call, [id, body]: readonly unknown[]): Answer {
  const { nas, time } = world;
  const share = nas.shares.find((one) => one.id === id);
  if (share === undefined) return fail(1, `[ENOENT] None: SharingNFS ${String(id)} does not exist`);
  const { paths } = z.object({ paths: z.array(z.string()) }).parse(body);
  const missing = paths.findIndex((path) => nas.disk.at(path) === undefined);
  if (missing >= 0) return fail(1, `[EINVAL] sharingnfs_update.paths.${missing}: The path must reside within a pool mount point`);
  share.paths = [...paths];
  applyShares(nas, time.nowMs);
  return json(shown(nas, share));
}

function deleteShare({ world }: Call, [id]: readonly unknown[]): Answer {
  const { nas, time } = world;
  if (!nas.shares.some((one) => one.id === id)) return fail(1, `[ENOENT] None: SharingNFS ${String(id)} does not exist`);
  nas.shares = nas.shares.filter((one) => one.id !== id);
  applyShares(nas, time.nowMs);
  return json(true);
}

function configOf({ flavour, settings }: Nas) {
  const common = {
    id: 1,
    servers: 64,
    udp: false,
    allow_nonroot: false,
    v4: settings.v4,
    v4_v3owner: settings.v4_v3owner,
    v4_krb: false,
  };
  const ports = {
    bindip: [],
    mountd_port: null,
    rpcstatd_port: null,
    rpclockd_port: null,
    mountd_log: true,
    statd_lockd_log: false,
  };
  return {
    ...common,
    v4_domain: settings.v4_domain,
    ...ports,
    userd_manage_gids: false,
    v4_krb_enabled: false,
    ...(flavour === 'core' ? {} : { protocols: ['NFSV3', 'NFSV4'] }),
  };
}
