import type { Host } from '../core/command.ts';
import type { Site } from '../core/site.ts';
import type { Config } from './schema.ts';

/** What runbooks get to know of the configuration. */
export function siteOf(config: Config): Site {
  const { nas, hypervisor, nasNeighbour, nfsDomain, capacity, csiNamespaces, terraform, databases, backups, toolsImage } =
    config.site;
  return {
    nas: { ...nas, host: hostOf(config, nas.host) },
    ...(hypervisor === undefined ? {} : { hypervisor: hypervisorOf(config, hypervisor) }),
    ...(nasNeighbour === undefined ? {} : { nasNeighbour }),
    nodeSudo: config.nodes.sudo,
    ...(nfsDomain === undefined ? {} : { nfsDomain }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(csiNamespaces === undefined ? {} : { csiNamespaces }),
    ...(terraform === undefined ? {} : { terraform: { ...terraform, host: hostOf(config, terraform.host) } }),
    ...(databases === undefined ? {} : { databases }),
    ...(backups === undefined ? {} : { backups }),
    ...(toolsImage === undefined ? {} : { toolsImage }),
    ...(config.alerts?.watchdog === undefined ? {} : { watchdogAlert: config.alerts.watchdog.alert }),
  };
}

/** Of the API only its own name: addresses and tokens are nothing that a runbook needs. */
function hypervisorOf(config: Config, { api, ...hypervisor }: NonNullable<Config['site']['hypervisor']>) {
  const host = hostOf(config, hypervisor.host);
  return { ...hypervisor, host, ...(api === undefined ? {} : { api: { node: api.node, changesAs: api.change.tokenId } }) };
}

/** Root's commands need sudo unless both identities log in as root. */
function hostOf({ hosts, ssh }: Config, name: string): Host {
  const host = hosts[name];
  const users = [host?.read?.user ?? host?.user ?? ssh.read.user, host?.change?.user ?? host?.user ?? ssh.change.user];
  return { name, sudo: host?.sudo ?? users.some((user) => user !== 'root') };
}
