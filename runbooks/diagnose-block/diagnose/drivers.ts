import { BLOCK_DRIVER } from '../../../src/commands/block-attachments.ts';
import type { Pod } from '../../../src/commands/cluster-objects.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Facts } from '../facts.ts';
import { isWaiting, podsOf } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';

export function diagnoseDrivers(facts: Facts): Part {
  return together([
    token(facts),
    ...(facts.scope?.nodes ?? []).map((node) => (isUnknown(facts, node) ? inventory(facts, node) : registered(facts, node))),
  ]);
}

function isUnknown({ site }: Facts, node: string): boolean {
  return site.hypervisor !== undefined && !(node in site.hypervisor.nodeVmids);
}

/** A machine of that name is no longer the site's: nothing may be scheduled there. */
function inventory({ look: { nodes } }: Facts, node: string): Part {
  return found(
    {
      code: 'node-without-machine',
      subject: node,
      says: `${node} is registered in the cluster, and the inventory of the site has no machine for it`,
      remedy: `If it came back under an old identity: drain it, kubectl delete node ${node}, and a person removes the machine. If it is new: add it to nodeVmids.`,
      doNot: 'Do not label it healthy and put volumes there.',
    },
    [nodes],
  );
}

/** The pods of the driver and of the pod network on a node, as their charts name them. */
export function podsOn({ look: { pods } }: Pick<Facts, 'look'>, node: string) {
  const here = pods.known ? pods.value.filter((pod) => pod.node === node) : [];
  const of = (set: RegExp) => here.filter(({ owner }) => owner?.kind === 'DaemonSet' && set.test(owner.name));
  return { driver: of(/^proxmox-csi-plugin-node$/), network: of(/^(calico-node|cilium|kube-flannel-ds.*)$/) };
}

function registered(facts: Facts, node: string): Part {
  const { csiNodes, look } = facts;
  if (!csiNodes.known || !look.pods.known) return NOTHING;
  const drivers = csiNodes.value.find((each) => each.node === node)?.drivers ?? [];
  if (drivers.includes(BLOCK_DRIVER)) return { evidence: [ok(`The driver is registered on ${node}`, csiNodes)], findings: [] };
  const { driver, network } = podsOn(facts, node);
  if (driver.length === 0 && !isNeeded(facts, node))
    return {
      evidence: [ok(`The driver has no pod on ${node}, and nothing there has a volume of it`, csiNodes, look.pods)],
      findings: [],
    };
  const down = network.find(({ ready }) => !ready);
  return down === undefined ? notRegistered(facts, node, network) : networkDown(facts, node, down);
}

/** A pod there has a volume of the driver, or waits for one. */
function isNeeded({ look }: Facts, node: string): boolean {
  const volumes = look.volumes.known ? look.volumes.value.filter(({ csi }) => csi?.driver === BLOCK_DRIVER) : [];
  return volumes.some((volume) => podsOf(look, volume).some((pod) => pod.node === node));
}

function networkDown({ csiNodes, look }: Facts, node: string, { namespace, name }: Pod): Part {
  return found(
    {
      code: 'network-down-first',
      subject: node,
      says: `The driver is not registered on ${node}, and the pod of its network there (${namespace}/${name}) is not ready`,
      remedy: `In this order: bring ${namespace}/${name} to ready, then ask again; the driver starts anew after it, and only then are stale attachments looked at.`,
      doNot: 'Do not delete attachments now, they come back; do not reinstall the driver.',
    },
    [csiNodes, look.pods],
  );
}

function notRegistered({ csiNodes, look }: Facts, node: string, network: readonly Pod[]): Part {
  const ready = network.length > 0 ? `, while the pod of its network there is ready` : '';
  return found(
    {
      code: 'driver-not-registered',
      subject: node,
      says: `${BLOCK_DRIVER} is not registered on ${node}${ready}`,
      remedy: `Start the driver's pod on ${node} anew, once its network is ready.`,
      doNot: 'Do not delete attachments before it is registered: they come back.',
    },
    [csiNodes, look.pods],
  );
}

const REFUSED = /\b(401 .*(authentication failure|invalid token|No ticket)|403 .*Permission check failed[^:;]*)/i;

/** Said of one attachment it may be the rights on one machine; what it says stands in the finding. */
function token(facts: Facts): Part {
  const { attachments, pods, claims } = facts.look;
  const own = attachments.known ? attachments.value.filter(({ attacher }) => attacher === BLOCK_DRIVER) : [];
  const ofAttachments = refusalIn(own.flatMap(({ attachError = '', detachError = '' }) => [attachError, detachError]));
  const text = ofAttachments ?? refusalIn(saidNow(facts));
  if (text === undefined) return NOTHING;
  return found(
    {
      code: 'token-refused',
      subject: BLOCK_DRIVER,
      says: `Proxmox refuses the driver: ${text.slice(0, 200)}. What is mounted goes on; nothing can be attached or detached`,
      remedy:
        "Give the role of the driver's token its rights back (VM.Audit, VM.Config.Disk, Datastore.Allocate, Datastore.AllocateSpace, Datastore.Audit), or put the right token into Vault, then restart the driver's controller.",
      doNot: 'Do not give it root@pam, and reboot no node.',
    },
    ofAttachments === undefined ? [facts.events, pods, claims] : [attachments],
  );
}

function refusalIn(texts: readonly string[]): string | undefined {
  return texts.map((text) => REFUSED.exec(text.slice(0, 2_000))?.[1]).find((text) => text !== undefined);
}

/** Of attaching and making volumes, for pods and claims that still wait: an older event tells of what may be mended since. */
function saidNow({ look: { pods, claims }, events }: Facts): readonly string[] {
  if (!events.known || !pods.known || !claims.known) return [];
  return events.value
    .filter(({ reason, about }) =>
      reason === 'FailedAttachVolume'
        ? pods.value.some((pod) => pod.uid === about.uid && isWaiting(pod))
        : reason === 'ProvisioningFailed' &&
          claims.value.some(
            ({ namespace, name, phase }) => phase === 'Pending' && namespace === about.namespace && name === about.name,
          ),
    )
    .map(({ message }) => message);
}
