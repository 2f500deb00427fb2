import type { StorageClass } from '../../src/commands/cluster-objects.ts';
import type { Mount, PortState, TestMount } from '../../src/commands/nfs-client.ts';
import type { Process } from '../../src/commands/node-system.ts';
import type { Listener } from '../../src/commands/port-holders.ts';
import type { Window } from '../../src/commands/written-files.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Holder } from '../../src/topology/port-holders.ts';

/** What was looked at only because something pointed there. */
export interface CauseFacts {
  readonly drivers: readonly DriverFacts[];
  readonly versions: readonly VersionTest[];
  readonly hypervisor?: Client;
  readonly foreign: readonly ForeignServer[];
  /** Asked where a volume is mounted hard. */
  readonly classes?: Seen<readonly StorageClass[]>;
  readonly outages: readonly Outage[];
  readonly written: readonly WrittenFacts[];
  /** The clock of the NAS, for the times of its files. */
  readonly nasClock?: Seen<number>;
  /** Clocks of nodes where a pod waits that has its mounts, or whose kernel gave up on calls. */
  readonly clocks: Readonly<Record<string, Seen<number>>>;
}

/** A node that lacks the NFS driver, and who holds the ports that its driver needs there. */
export interface DriverFacts {
  readonly node: string;
  readonly listeners: Seen<readonly Listener[]>;
  readonly holders: readonly Holder[];
}

/** A fresh mount by one version of NFS, where another one had failed or for comparison on a node that was clean. */
export interface VersionTest {
  readonly node: string;
  readonly server: string;
  readonly path: string;
  readonly version: '3' | '4.1' | '4.2';
  readonly result: Seen<TestMount>;
}

/** A machine as a client of NFS. */
export interface Client {
  readonly host: string;
  readonly mounts: Seen<readonly Mount[]>;
  readonly processes: Seen<readonly Process[]>;
}

/** A server that is not this NAS, of which a machine has a mount or waits for an answer. */
export interface ForeignServer {
  readonly client: Client;
  readonly address: string;
  readonly port: Seen<PortState>;
}

/** When the kernel of a node gave up on calls to this NAS, by that node's clock. */
export interface Outage {
  readonly node: string;
  readonly window: Window;
}

export interface WrittenFacts {
  readonly node: string;
  readonly path: string;
  /** By the clock of the NAS. */
  readonly window: Window;
  readonly files: Seen<readonly string[]>;
}
