import type { Site } from '../core/site.ts';

/** What the charts of the drivers that the bot knows have in common at every site, unless the site names another namespace. */
export interface CsiDriver {
  readonly name: string;
  /** As people call it. */
  readonly alias: string;
  readonly namespace: string;
  /** Its pods, one on each node. */
  readonly daemonSet: string;
  readonly controller: string;
  /** The container that does the driver's own work; the others are sidecars. */
  readonly main: { readonly node: string; readonly controller: string };
  /** Ports of the node that its pod there listens on, and the one of its controller. */
  readonly nodePorts: readonly number[];
  readonly controllerPorts: readonly number[];
  /** Keys of the chart's values under which a container's `resources` stand: `node/nfs` → `node.resources.nfs`. */
  readonly keys: Readonly<Record<string, string>>;
}

const DRIVERS: readonly CsiDriver[] = [
  {
    name: 'nfs.csi.k8s.io',
    alias: 'nfs',
    namespace: 'nfs-csi',
    daemonSet: 'csi-nfs-node',
    controller: 'csi-nfs-controller',
    main: { node: 'nfs', controller: 'nfs' },
    nodePorts: [19_809, 29_653],
    controllerPorts: [29_652],
    keys: {
      'node/liveness-probe': 'node.resources.livenessProbe',
      'node/node-driver-registrar': 'node.resources.nodeDriverRegistrar',
      'node/nfs': 'node.resources.nfs',
      'controller/csi-provisioner': 'controller.resources.csiProvisioner',
      'controller/csi-resizer': 'controller.resources.csiResizer',
      'controller/csi-snapshotter': 'controller.resources.csiSnapshotter',
      'controller/liveness-probe': 'controller.resources.livenessProbe',
      'controller/nfs': 'controller.resources.nfs',
    },
  },
  {
    name: 'csi.proxmox.sinextra.dev',
    alias: 'proxmox',
    namespace: 'proxmox-csi',
    daemonSet: 'proxmox-csi-plugin-node',
    controller: 'proxmox-csi-plugin-controller',
    main: { node: 'proxmox-csi-plugin-node', controller: 'proxmox-csi-plugin-controller' },
    nodePorts: [],
    controllerPorts: [],
    keys: {
      'node/proxmox-csi-plugin-node': 'node.plugin.resources',
      'node/csi-node-driver-registrar': 'node.driverRegistrar.resources',
      'node/liveness-probe': 'livenessprobe.resources',
      'controller/proxmox-csi-plugin-controller': 'controller.plugin.resources',
      'controller/csi-attacher': 'controller.attacher.resources',
      'controller/csi-provisioner': 'controller.provisioner.resources',
      'controller/csi-resizer': 'controller.resizer.resources',
      'controller/liveness-probe': 'livenessprobe.resources',
    },
  },
  {
    name: 'org.democratic-csi.iscsi',
    alias: 'iscsi',
    namespace: 'iscsi-csi',
    daemonSet: 'democratic-csi-iscsi-node',
    controller: 'democratic-csi-iscsi-controller',
    main: { node: 'csi-driver', controller: 'csi-driver' },
    nodePorts: [],
    controllerPorts: [],
    keys: {
      'node/csi-driver': 'node.driver.resources',
      // The chart has this key at its top; below `node` or `controller` it is ignored without a word.
      'node/csi-proxy': 'csiProxy.resources',
      'node/driver-registrar': 'node.driverRegistrar.resources',
      'node/cleanup': 'node.cleanup.resources',
      'controller/csi-driver': 'controller.driver.resources',
      'controller/csi-proxy': 'csiProxy.resources',
      'controller/external-provisioner': 'controller.externalProvisioner.resources',
      'controller/external-attacher': 'controller.externalAttacher.resources',
      'controller/external-resizer': 'controller.externalResizer.resources',
      'controller/external-snapshotter': 'controller.externalSnapshotter.resources',
    },
  },
];

/** All drivers, each in the namespace that the site has it in. */
export function csiDrivers({ csiNamespaces = {} }: Pick<Site, 'csiNamespaces'>): readonly CsiDriver[] {
  return DRIVERS.map((driver) => ({ ...driver, namespace: csiNamespaces[driver.name] ?? driver.namespace }));
}

/** By its name, the short form of it or its namespace. */
export function csiDriverNamed(site: Pick<Site, 'csiNamespaces'>, word: string): CsiDriver | undefined {
  return csiDrivers(site).find(({ name, alias, namespace }) => [name, alias, namespace].includes(word));
}
