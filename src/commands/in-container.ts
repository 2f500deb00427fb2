import type { Host, SshCommand } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { boundedAsRoot } from './bounded.ts';

/** A container that runs on a node. */
export interface Container {
  readonly node: Host;
  /** As the runtime has it, in hexadecimal digits. */
  readonly id: string;
}

/**
 * A command inside a container, as the user of the container, through the runtime of its node: unlike `kubectl exec`, the node's list of
 * reading commands then decides what may be run there. crictl ends with 1 for every failure inside; the text tells which
 * (kubernetes-sigs/cri-tools cmd/crictl/exec.go).
 */
export function inContainer({ node, id }: Container, seconds: number, argv: readonly [string, ...string[]]): SshCommand {
  if (!/^[0-9a-f]{12,64}$/.test(id)) throw new Refusal('bad-request', `${JSON.stringify(id.slice(0, 100))} is no container's id`);
  return boundedAsRoot(node, seconds, ['crictl', 'exec', id, ...argv]);
}
