import type { Mount } from '../../../src/commands/nfs-client.ts';
import { portState } from '../../../src/commands/nfs-client.ts';
import type { Process } from '../../../src/commands/node-system.ts';
import type { Host } from '../../../src/core/command.ts';
import type { Reader } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import { nodeHost } from '../../../src/core/site.ts';
import type { Client, ForeignServer } from '../causes.ts';
import type { Found } from '../facts.ts';

/** Asks from each machine that is a client of another server than this NAS whether that server still answers. */
export async function gatherForeign(found: Found, hosts: readonly Client[], read: Reader): Promise<ForeignServer[]> {
  const { site } = found;
  const nodes = found.nodes.map(({ name, mounts, processes }): Client => ({ host: name, mounts, processes }));
  const all = [...nodes, ...hosts].flatMap((client) => foreignServers(client, site).map((address) => ({ client, address })));
  return Promise.all(
    all.map(async (each) => ({ ...each, port: await read(portState(hostOf(each.client, site), each.address, 2049)) })),
  );
}

function hostOf({ host }: Client, site: Site): Host {
  const { hypervisor } = site;
  return hypervisor?.host.name === host ? hypervisor.host : nodeHost(site, host);
}

/** Addresses of servers that are not this NAS, each once. */
export function foreignServers({ mounts, processes }: Pick<Client, 'mounts' | 'processes'>, { nas }: Site): string[] {
  const mounted = mounts.known ? mounts.value.filter(({ server }) => !nas.nfsAddresses.includes(server)).map(addressOf) : [];
  const awaited = processes.known ? processes.value.flatMap((each) => awaitedServer(each) ?? []) : [];
  return [...new Set([...mounted, ...awaited])].filter((address) => !nas.nfsAddresses.includes(address)).toSorted();
}

/** A mount may name its server; the kernel knows the address that it uses. */
export function addressOf({ server, options }: Mount): string {
  return options.find((option) => option.startsWith('addr='))?.slice('addr='.length) ?? server;
}

/**
 * The server that a thread of the kernel waits for, which is named after its address: `[10.0.10.15-manager]`, without brackets
 * where ps shows the bare name, and cut to 15 letters by older kernels.
 */
export function awaitedServer({ state, program }: Process): string | undefined {
  return state === 'D' ? /^\[?(\d{1,3}(?:\.\d{1,3}){3})-m[anger]*\]?$/.exec(program)?.[1] : undefined;
}
