import { z } from 'zod';
import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';

/** A share as TrueNAS' middleware keeps it: CORE has several paths in one, SCALE one path each. */
export interface Share {
  readonly id: number;
  readonly paths: readonly string[];
  readonly networks: readonly string[];
  /** Single hosts that may mount it; where both lists are empty, everybody may. */
  readonly hosts: readonly string[];
  readonly enabled: boolean;
  readonly readOnly: boolean;
  /** All that the middleware must be told to make the same share again. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const Shares = z.array(
  z.looseObject({
    id: z.number(),
    paths: z.array(z.string()).optional(),
    path: z.string().optional(),
    networks: z.array(z.string()),
    hosts: z.array(z.string()).default([]),
    enabled: z.boolean(),
    ro: z.boolean().default(false),
  }),
);

export function shares(nas: Host) {
  return defineRead<readonly Share[]>({
    asks: `Which NFS shares does the middleware of ${nas.name} keep?`,
    command: asRoot(nas, 12_000, 'midclt', 'call', 'sharing.nfs.query'),
    answers: [0],
    parse: ({ stdout }) => Shares.parse(JSON.parse(stdout)).map(toShare),
  });
}

/** What the middleware says of a share and takes back in no version of it. */
const READ_ONLY = ['id', 'locked', 'dataset', 'relative_path', 'tier'];

function toShare({ id, ...said }: z.output<typeof Shares>[number]): Share {
  const { paths, path, networks, hosts, enabled, ro } = said;
  const settings = Object.fromEntries(Object.entries(said).filter(([name]) => !READ_ONLY.includes(name)));
  const all = paths ?? (path === undefined ? [] : [path]);
  if (all.length === 0) throw new Error(`share ${id} has no path`);
  return { id, paths: all, networks, hosts, enabled, readOnly: ro, settings };
}

export interface NewShare {
  readonly path: string;
  /** Who may mount it, in CIDR form. */
  readonly network: string;
  /** CORE knows `paths`, SCALE `path`; root's group is `wheel` on one and `root` on the other. */
  readonly flavour: 'core' | 'scale';
}

export function createShare(nas: Host, { path, network, flavour }: NewShare) {
  const where = flavour === 'core' ? { paths: [path], maproot_group: 'wheel' } : { path, maproot_group: 'root' };
  const share = { ...where, networks: [network], maproot_user: 'root', enabled: true };
  return defineChange({
    command: asRoot(nas, 60_000, 'midclt', 'call', 'sharing.nfs.create', JSON.stringify(share)),
    risk: 'normal',
  });
}

/** Makes a share again that was deleted, from what the middleware said of it. Its id is another one then. */
export function restoreShare(nas: Host, settings: Share['settings']) {
  return defineChange({
    command: asRoot(nas, 60_000, 'midclt', 'call', 'sharing.nfs.create', JSON.stringify(settings)),
    risk: 'normal',
  });
}

/** Its directories and what lies in them stay. */
export function deleteShare(nas: Host, id: number) {
  return defineChange({ command: asRoot(nas, 60_000, 'midclt', 'call', 'sharing.nfs.delete', `${id}`), risk: 'high' });
}

/** CORE: the list of paths of one share. One path that does not exist makes the middleware refuse the whole list. */
export function setSharePaths(nas: Host, id: number, paths: readonly string[]) {
  return defineChange({
    command: asRoot(nas, 60_000, 'midclt', 'call', 'sharing.nfs.update', `${id}`, JSON.stringify({ paths })),
    risk: 'normal',
  });
}

const NfsConfig = z.object({ v4_v3owner: z.boolean().optional(), v4_domain: z.string() });

export interface OwnerMapping {
  /** True: NFSv4 sends owners as numbers, as NFSv3 does. */
  readonly numericOwners: boolean;
  readonly domain: string;
}

export function ownerMapping(nas: Host) {
  return defineRead<OwnerMapping>({
    asks: `How does ${nas.name} name owners over NFSv4?`,
    command: asRoot(nas, 12_000, 'midclt', 'call', 'nfs.config'),
    answers: [0],
    parse: ({ stdout }) => {
      const { v4_v3owner: numericOwners, v4_domain: domain } = NfsConfig.parse(JSON.parse(stdout));
      if (numericOwners === undefined) throw new Error('this version of TrueNAS has no v4_v3owner');
      return { numericOwners, domain };
    },
  });
}
