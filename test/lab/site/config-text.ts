import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Site } from '../../../src/core/site.ts';
import { NAS_ADDRESS, NEIGHBOUR } from './addresses.ts';
import { BACKUPS, DATABASES, TOOLS_IMAGE } from './databases/settings.ts';
import { NAS_VMID } from './hypervisor.ts';
import type { LabHost } from './lab.ts';
import { CLIENT_NETWORK, EXPORTS_SCRIPT } from './nas.ts';
import { CLIENT_DOMAIN } from './nfs.ts';
import { CHANGE_TOKEN, READ_TOKEN } from './proxmox-api.ts';
import type { LabProxmox } from './proxmox-server.ts';
import { PVC_COPIES } from './pvc-copies.ts';
import { CHECKOUT, PLANS, STACKS } from './workstation.ts';
import type { World } from './world.ts';

/** What runbooks must know of the lab's site and cannot ask it. */
export function siteSection({ nas, nodes, hypervisor, workstation, monitoring: { knownFull } }: World) {
  const usesScript = !nas.middleware && nas.flavour === 'core';
  return {
    nas: {
      host: nas.name,
      nfsAddresses: [NAS_ADDRESS] as [string],
      roots: ['/mnt/main', '/mnt/ssd'] as [string, string],
      clientNetwork: CLIENT_NETWORK,
      ...(usesScript ? { exportsScript: EXPORTS_SCRIPT } : {}),
      ...(nas.zfsBaseline ? { zfsBaseline: nas.zfsBaseline } : {}),
    },
    hypervisor: {
      host: hypervisor.name,
      nasVmid: NAS_VMID,
      nodeVmids: Object.fromEntries([...nodes.values()].map(({ name, vmid }) => [name, vmid])),
      dataDisk: 'sdc',
      pvcCopies: PVC_COPIES,
    },
    nasNeighbour: { ...NEIGHBOUR },
    terraform: { host: workstation.name, directory: CHECKOUT, plans: PLANS, stacks: { ...STACKS } },
    nfsDomain: CLIENT_DOMAIN,
    databases: DATABASES,
    backups: Object.fromEntries(
      Object.entries(BACKUPS).map(([word, { staleAfterMs, ...job }]) => [
        word,
        { ...job, staleAfter: `${staleAfterMs / 3_600_000}h` },
      ]),
    ),
    toolsImage: TOOLS_IMAGE,
    ...(knownFull.length > 0 ? { capacity: { knownFull, snapshotsKeptDays: 7 } } : {}),
  };
}

/** The same, as runbooks get it: root on the NAS and the hypervisor, sudo on the nodes. */
export function labSite(world: World): Site {
  const { nas, hypervisor, terraform, ...rest } = siteSection(world);
  const host = (name: string) => ({ name, sudo: false });
  return {
    ...rest,
    nas: { ...nas, host: host(nas.host) },
    hypervisor: { ...hypervisor, host: host(hypervisor.host), api: { node: hypervisor.host, changesAs: CHANGE_TOKEN.tokenId } },
    terraform: { ...terraform, host: host(terraform.host) },
    backups: BACKUPS,
    nodeSudo: true,
  };
}

interface Place {
  readonly directory: string;
  readonly hosts: ReadonlyMap<string, LabHost>;
  readonly proxmox: Pick<LabProxmox, 'url'>;
  readonly prometheusUrl: string;
  readonly sections: Readonly<Record<string, unknown>>;
}

export function configText(world: World, { directory, hosts, proxmox, prometheusUrl, sections }: Place): string {
  const file = (name: string) => `file:${join(directory, name)}`;
  const login = (name: string) => ({
    address: '127.0.0.1',
    port: hosts.get(name)?.port,
    hostKeys: [hosts.get(name)?.fingerprint],
    user: 'root',
  });
  const nodes = [...hosts].filter(([name]) => world.nodes.has(name));
  const site = siteSection(world);
  const api = {
    url: proxmox.url,
    node: world.hypervisor.name,
    ca: join(directory, 'pve-root-ca.pem'),
    read: { tokenId: READ_TOKEN.tokenId, secret: file('proxmox-read') },
    change: { tokenId: CHANGE_TOKEN.tokenId, secret: file('proxmox-change') },
  };
  return stringify({
    state: { directory: join(directory, 'state') },
    kubernetes: {
      read: { kubeconfig: join(directory, 'kubeconfig-read') },
      change: { kubeconfig: join(directory, 'kubeconfig-change') },
    },
    ssh: { read: { user: 'root', key: file('ssh-read') }, change: { user: 'root', key: file('ssh-change') } },
    hosts: Object.fromEntries([world.nas.name, world.hypervisor.name, world.workstation.name].map((name) => [name, login(name)])),
    nodes: {
      user: 'wizard',
      sudo: true,
      hostKeys: Object.fromEntries(nodes.map(([name, { fingerprint }]) => [name, [fingerprint]])),
      addresses: Object.fromEntries(nodes.map(([name, { port }]) => [name, { address: '127.0.0.1', port }])),
    },
    site: { ...site, hypervisor: { ...site.hypervisor, api } },
    prometheus: { url: prometheusUrl },
    ...sections,
  });
}
