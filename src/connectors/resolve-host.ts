import { nodes as listNodes } from '../commands/cluster.ts';
import type { Failure } from '../core/output.ts';
import type { Ask } from '../core/reading.ts';
import { understand } from '../core/reading.ts';
import type { ResolveHost, SshEndpoint, SshIdentity } from './ssh/types.ts';

interface Place {
  readonly address: string;
  readonly port?: number;
}

export interface NodeAccess {
  readonly read: SshIdentity;
  readonly change: SshIdentity;
  readonly port: number;
  readonly jump?: string;
  /** Pinned host keys by name of node. */
  readonly hostKeys: ReadonlyMap<string, readonly string[]>;
  /** Instead of what the cluster says, by name of node. */
  readonly addresses: ReadonlyMap<string, Place>;
}

export interface ResolveHostOptions {
  readonly hosts: ReadonlyMap<string, SshEndpoint>;
  readonly nodes: NodeAccess;
  /** Reads from the Kubernetes API. */
  readonly ask: Ask;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/** Finds a machine in the configuration, or else the address of the node of that name in the cluster. */
export function createResolveHost({ hosts, nodes, ask, now = () => performance.now() }: ResolveHostOptions): ResolveHost {
  const addresses = nodeAddresses(ask, now);
  return async (name) => {
    const host = hosts.get(name);
    if (host !== undefined) return host;
    const override = nodes.addresses.get(name);
    if (override !== undefined) return endpointOf(nodes, name, override);
    const listed = await addresses();
    if ('failed' in listed) return noAddress(name, listed);
    const address = listed.get(name);
    return address === undefined ? notKnown(name, [...hosts.keys()]) : endpointOf(nodes, name, { address });
  };
}

const CACHE_MS = 30_000;

type Addresses = ReadonlyMap<string, string>;

/** Asks the cluster at most once in 30 s. While it does not answer, the last known addresses serve: host keys are pinned. */
function nodeAddresses(ask: Ask, now: () => number): () => Promise<Addresses | Failure> {
  let asked: { readonly at: number; readonly answer: Promise<Addresses | Failure> } | undefined;
  let last: Addresses | undefined;
  const list = async () => {
    const nodes = listNodes();
    const seen = understand(nodes, await ask(nodes.command));
    if (!seen.known) {
      asked = undefined;
      return last ?? seen.why;
    }
    last = new Map(seen.value.flatMap(({ name, internalIp }) => (internalIp === undefined ? [] : [[name, internalIp]])));
    return last;
  };
  return () => {
    if (asked === undefined || now() - asked.at >= CACHE_MS) asked = { at: now(), answer: list() };
    return asked.answer;
  };
}

function endpointOf(nodes: NodeAccess, name: string, place: Place): SshEndpoint | Failure {
  const { read, change, jump } = nodes;
  const { address, port = nodes.port } = place;
  const hostKeys = nodes.hostKeys.get(name) ?? [];
  if (hostKeys.length === 0) return noHostKey(name, address, port);
  return { address, port, hostKeys, read, change, ...(jump === undefined ? {} : { jump }) };
}

function noHostKey(name: string, address: string, port: number): Failure {
  return {
    failed: 'not-configured',
    says: `No host key is pinned for node ${name}, so nothing is sent to ${address}: anything could answer there.`,
    toDo:
      `Add nodes.hostKeys.${name} to the configuration. The value is what the node itself prints for ` +
      `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; ssh-keyscan -p ${port} ${address} | ssh-keygen -lf - shows it from here, ` +
      "but must be compared with the node's console: it believes whoever answers.",
  };
}

function noAddress(name: string, { failed, says, toDo }: Failure): Failure {
  return {
    failed,
    says: `${name} is not under hosts in the configuration, and the cluster could not be asked for the address of a node of that name: ${says}`,
    toDo: `${toDo} Or set nodes.addresses.${name}: then the cluster is not asked.`,
  };
}

function notKnown(name: string, hosts: readonly string[]): Failure {
  return {
    failed: 'not-configured',
    says: `Neither the configuration nor the cluster knows a machine ${name} with an address.`,
    toDo: `Add it under hosts (there: ${hosts.join(', ')}), or look with kubectl get nodes -o wide whether the node has an InternalIP.`,
  };
}
