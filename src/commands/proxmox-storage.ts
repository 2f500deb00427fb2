import { z } from 'zod';
import { defineRead, proxmox } from '../core/command.ts';

/** A storage as Proxmox defines it, on all nodes. */
export interface ProxmoxStorage {
  /** `local-lvm` */
  readonly id: string;
  /** `lvmthin`, `dir`, `nfs` … */
  readonly type: string;
  readonly vgName?: string;
  readonly thinPool?: string;
}

export function storages() {
  return defineRead<readonly ProxmoxStorage[]>({
    asks: 'Which storages does Proxmox know, and what is under each?',
    command: proxmox({ method: 'GET', path: '/storage' }),
    answers: [0],
    parse: ({ stdout }) => parseStorages(stdout),
  });
}

/** Proxmox shows only those that the token may audit; it has at least one itself, so an empty list is a missing right. */
const Storages = z
  .array(
    z.object({
      storage: z.string().min(1),
      type: z.string().min(1),
      vgname: z.string().min(1).optional(),
      thinpool: z.string().min(1).optional(),
    }),
  )
  .min(1, 'shows no storage: the token lacks Datastore.Audit');

export function parseStorages(text: string): ProxmoxStorage[] {
  return Storages.parse(JSON.parse(text)).map(({ storage, type, vgname, thinpool }) => ({
    id: storage,
    type,
    ...(vgname === undefined ? {} : { vgName: vgname }),
    ...(thinpool === undefined ? {} : { thinPool: thinpool }),
  }));
}
