import type { Host } from '../core/command.ts';
import type { Site } from '../core/site.ts';
import type { Config } from './schema.ts';

/** What runbooks get to know of the configuration. */
export function siteOf(config: Config): Site {
  const { nas, hypervisor, nasNeighbour, nfsDomain } = config.site;
  return {
    nas: { ...nas, host: hostOf(config, nas.host) },
    ...(hypervisor === undefined ? {} : { hypervisor: { ...hypervisor, host: hostOf(config, hypervisor.host) } }),
    ...(nasNeighbour === undefined ? {} : { nasNeighbour }),
    nodeSudo: config.nodes.sudo,
    ...(nfsDomain === undefined ? {} : { nfsDomain }),
  };
}

/** Root's commands need sudo unless both identities log in as root. */
function hostOf({ hosts, ssh }: Config, name: string): Host {
  const host = hosts[name];
  const users = [host?.read?.user ?? host?.user ?? ssh.read.user, host?.change?.user ?? host?.user ?? ssh.change.user];
  return { name, sudo: host?.sudo ?? users.some((user) => user !== 'root') };
}
