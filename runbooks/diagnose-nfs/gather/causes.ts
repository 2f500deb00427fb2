import { storageClasses } from '../../../src/commands/cluster.ts';
import { mountsOf } from '../../../src/commands/nfs-client.ts';
import { clockOf, processesOf } from '../../../src/commands/node-system.ts';
import { listenersOf, ownerOfProcess } from '../../../src/commands/port-holders.ts';
import type { Reader } from '../../../src/core/reading.ts';
import { nodeHost } from '../../../src/core/site.ts';
import type { CauseFacts, Client, DriverFacts } from '../causes.ts';
import { slowStarts } from '../diagnose/chown.ts';
import { DRIVER_PORTS, NFS_DRIVER, unregistered } from '../driver.ts';
import type { Found } from '../facts.ts';
import { gatherForeign } from './foreign.ts';
import { gatherWritten, outagesOf } from './outages.ts';
import { gatherVersions } from './versions.ts';

/** Looks that are made only where what was seen before points there. */
export async function gatherCauses(found: Found, read: Reader): Promise<CauseFacts> {
  // What was written meanwhile is found by walking all files of a path: of a service's paths, and not of the whole NAS.
  const outages = found.target === 'service' ? outagesOf(found) : [];
  const hypervisorLook = gatherHypervisor(found, read);
  const [drivers, versions, foreign, clocks, hypervisor, classes] = await Promise.all([
    gatherDrivers(found, read),
    gatherVersions(found, read),
    hypervisorLook.then((client) => gatherForeign(found, client === undefined ? [] : [client], read)),
    gatherClocks([...outages.map(({ node }) => node), ...slowStarts(found).map(({ node }) => node)], found, read),
    hypervisorLook,
    isMountedHard(found) ? read(storageClasses()) : undefined,
  ]);
  const written = await gatherWritten(outages, { found, clocks }, read);
  return {
    drivers,
    versions,
    foreign,
    clocks,
    outages,
    ...written,
    ...(hypervisor && { hypervisor }),
    ...(classes && { classes }),
  };
}

function isMountedHard({ nodes }: Found): boolean {
  return nodes.some(({ probes }) => probes.some(({ mount }) => mount.options.includes('hard')));
}

async function gatherHypervisor({ site: { hypervisor } }: Found, read: Reader): Promise<Client | undefined> {
  if (hypervisor === undefined) return undefined;
  const { host } = hypervisor;
  const [mounts, processes] = await Promise.all([read(mountsOf(host)), read(processesOf(host))]);
  return { host: host.name, mounts, processes };
}

/** Who holds the ports that the driver needs, where it is not registered. */
async function gatherDrivers(found: Found, read: Reader): Promise<DriverFacts[]> {
  const nodes = unregistered(found).missing.filter(({ driver }) => driver === NFS_DRIVER);
  return Promise.all(
    nodes.map(async ({ node }) => {
      const host = nodeHost(found.site, node);
      const listeners = await read(listenersOf(host));
      const onPorts = listeners.known ? listeners.value.filter(({ port }) => DRIVER_PORTS.includes(port)) : [];
      const holders = await Promise.all(
        onPorts.map(async (listener) => ({ ...listener, owner: await read(ownerOfProcess(host, listener.pid)) })),
      );
      return { node, listeners, holders };
    }),
  );
}

async function gatherClocks(names: readonly string[], { site }: Found, read: Reader): Promise<CauseFacts['clocks']> {
  const clocks = [...new Set(names)].map(async (name) => [name, await read(clockOf(nodeHost(site, name)))] as const);
  return Object.fromEntries(await Promise.all(clocks));
}
