import type {
  AlertmanagerCommand,
  Command,
  KubernetesCommand,
  PrometheusCommand,
  ProxmoxCommand,
  SshCommand,
} from '../core/command.ts';
import type { Failure, Outcome } from '../core/output.ts';
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
  /** Absent where the site's configuration names none. */
  readonly proxmox?: Connector<ProxmoxCommand>;
  readonly prometheus?: Connector<PrometheusCommand>;
  readonly alertmanager?: Connector<AlertmanagerCommand>;
}

/** Sends each command to the connector for its kind of target. */
export function createTargets(connectors: Connectors): Targets {
  const send = (how: 'read' | 'change') => async (command: Command) => {
    switch (command.via) {
      case 'ssh':
        return connectors.ssh[how](command);
      case 'kubernetes':
        return connectors.kubernetes[how](command);
      case 'proxmox':
        return connectors.proxmox?.[how](command) ?? notConfigured('the API of Proxmox VE', 'site.hypervisor.api');
      case 'prometheus':
        return connectors.prometheus?.[how](command) ?? notConfigured('Prometheus', 'prometheus');
      case 'alertmanager':
        return connectors.alertmanager?.[how](command) ?? notConfigured('Alertmanager', 'alerts.alertmanager');
    }
  };
  return {
    read: send('read'),
    change: send('change'),
    close: async () => void (await Promise.all(Object.values(connectors).map((each) => each.close()))),
  };
}

function notConfigured(what: string, setting: string): Failure {
  return {
    failed: 'not-configured',
    says: `The configuration does not say how to reach ${what}.`,
    toDo: `Add ${setting} to the configuration.`,
  };
}
