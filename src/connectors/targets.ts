import type { Command, KubernetesCommand, SshCommand } from '../core/command.ts';
import type { Outcome } from '../core/output.ts';
import type { Targets } from '../core/ports.ts';

/** One kind of target. Neither function rejects. */
export interface Connector<C extends Command> {
  readonly read: (command: C) => Promise<Outcome>;
  readonly change: (command: C) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

export interface Connectors {
  readonly ssh: Connector<SshCommand>;
  readonly kubernetes: Connector<KubernetesCommand>;
}

/** Sends each command to the connector for its kind of target. */
export function createTargets({ ssh, kubernetes }: Connectors): Targets {
  const send = (how: 'read' | 'change') => (command: Command) =>
    command.via === 'ssh' ? ssh[how](command) : kubernetes[how](command);
  return {
    read: send('read'),
    change: send('change'),
    close: async () => void (await Promise.all([ssh.close(), kubernetes.close()])),
  };
}
