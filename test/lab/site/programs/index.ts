import type { Machine, Program } from '../shell.ts';
import type { World } from '../world.ts';
import { backupTools } from './backups.ts';
import { blockTools } from './block-tools.ts';
import { crictl } from './crictl.ts';
import { fstrim } from './fstrim.ts';
import { iscsiInitiator } from './iscsi-initiator.ts';
import { ctl, lio, scst } from './iscsi-server.ts';
import { hypervisorLoad, linuxNasLoad, nasLoad, nodeLoad } from './load.ts';
import { lvm } from './lvm.ts';
import { lvmSpace } from './lvm-space.ts';
import { middleware } from './middleware.ts';
import { nasFiles, nasScript } from './nas-files.ts';
import { freebsdServices, linuxServices } from './nas-services.ts';
import { nfsClient } from './nfs-client.ts';
import { nodeTools } from './node-tools.ts';
import { portHolders } from './port-holders.ts';
import { proxmox } from './proxmox.ts';
import { system } from './system.ts';
import { terraform } from './terraform.ts';
import { units } from './units.ts';
import { unwrapped, wrappers } from './wrappers.ts';
import { zfs } from './zfs.ts';

type Programs = Readonly<Record<string, Program>>;

const { showmount = missing() } = nfsClient;

const NODE: Programs = {
  ...system,
  ...wrappers,
  ...nfsClient,
  ...nodeTools,
  ...blockTools,
  ...units,
  ...portHolders,
  ...nodeLoad,
  ...fstrim,
  ...iscsiInitiator,
  crictl,
};
const HYPERVISOR: Programs = {
  ...system,
  ...wrappers,
  ...proxmox,
  ...lvm,
  ...lvmSpace,
  ...units,
  ...hypervisorLoad,
  df: blockTools.df,
};
const WORKSTATION: Programs = { ...system, ...wrappers, ...terraform };
const { timeout = missing(), sudo = missing(), sh = missing() } = wrappers;
const NAS: Programs = { ...system, timeout, sh, showmount, ...nasFiles, ...nasLoad, ...backupTools };
const LINUX_NAS: Programs = { ...NAS, sudo, 'systemd-run': units['systemd-run'], ...linuxServices, ...linuxNasLoad };

function missing(): never {
  throw new Error('The lab lacks a program that it is made of');
}

/** The programs that a machine has. */
function programsOf({ nas }: World, machine: Machine): Programs {
  if (machine.kind === 'node') return NODE;
  if (machine.kind === 'hypervisor') return HYPERVISOR;
  if (machine.kind === 'workstation') return WORKSTATION;
  const own =
    machine.system === 'FreeBSD' ? { ...NAS, ...freebsdServices, ...ctl } : { ...LINUX_NAS, ...(nas.middleware ? scst : lio) };
  return { ...own, ...(nas.middleware ? middleware : {}), ...(nas.disk.datasets.length > 0 ? zfs : {}) };
}

/** Programs are named alone or with one of these folders. */
const FOLDERS = ['', '/usr/sbin/', '/sbin/', '/usr/bin/', '/bin/'];

export function programNamed(world: World, machine: Machine, name: string): Program | undefined {
  if (machine.kind === 'nas' && name.startsWith('/root/') && world.nas.files.has(name)) return nasScript;
  const base = name.slice(name.lastIndexOf('/') + 1);
  const programs = programsOf(world, machine);
  return FOLDERS.includes(name.slice(0, name.length - base.length)) && Object.hasOwn(programs, base) ? programs[base] : undefined;
}

/** Would this command change something? */
export function changes(world: World, machine: Machine, argv: readonly string[]): boolean {
  const [name = '', ...args] = unwrapped(argv);
  return programNamed(world, machine, name)?.changes?.(args) ?? false;
}
