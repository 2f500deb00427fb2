import type { PortState } from '../../../src/commands/nfs-client.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { isSome, ok, together } from '../../../src/core/finding.ts';
import type { Known, Seen } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import type { IscsiLook } from '../../../src/topology/iscsi-look.ts';
import type { SessionLook } from '../../../src/topology/iscsi-sessions.ts';
import { works } from '../../../src/topology/iscsi-sessions.ts';
import { found, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';

interface Outages {
  readonly part: Diagnosis<Code>;
  /** Sessions whose failure is told by one of these causes: one outage is one finding. */
  readonly explained: readonly SessionLook[];
}

/** What concerns more than one session: the server with its network, or one node. */
export function outages(look: IscsiLook, sessions: readonly SessionLook[], site: Site): Outages {
  const dead = sessions.filter((each) => !works(each));
  const portals = [...new Set(dead.map(({ session }) => session.portal))];
  const all = portals.map((portal) => {
    const own = dead.filter(({ session }) => session.portal === portal);
    return portalOutage(look, { portal, own, site }) ?? nodeOutages(look, { portal, own, all: sessions });
  });
  return { part: together(all.map(({ part }) => part)), explained: all.flatMap(({ explained }) => explained) };
}

interface View {
  readonly node: string;
  readonly state: Seen<PortState>;
}

function viewsOf({ nodes, elsewhere }: IscsiLook, portal: string): readonly View[] {
  return [...nodes, ...elsewhere].flatMap(({ name, portals }) =>
    portals.filter((each) => each.portal === portal).map(({ state }) => ({ node: name, state })),
  );
}

interface Dead {
  readonly portal: string;
  readonly own: readonly SessionLook[];
  readonly site: Site;
}

/** No node reaches the portal; each of them must have been asked. */
function portalOutage(look: IscsiLook, { portal, own, site }: Dead): Outages | undefined {
  const states = viewsOf(look, portal).map(({ state }) => state);
  const closed = states.filter((state): state is Known<PortState> => state.known && state.value !== 'open');
  if (!isSome(closed) || closed.length < states.length || states.length < 2) return undefined;
  const nodes = [...new Set(own.map(({ node }) => node.name))];
  const how = closed.every(({ value }) => value === 'refused') ? 'refuses connections: nothing listens there' : 'does not answer';
  const isUp =
    look.server?.kernel.known === true
      ? `${site.nas.host.name} itself answers over SSH`
      : `${site.nas.host.name} does not answer over SSH either`;
  const part = found<Code>({
    code: 'portal-down',
    subject: portal,
    says: `${portal} ${how}, from each of ${closed.length} nodes; ${count(own)} on ${nodes.join(', ')} wait for it; ${isUp}`,
    remedy: `Bring the server or the way to it back: the iSCSI service of ${site.nas.host.name}, its machine, then the firewall between the networks. Sessions reconnect by themselves; look again then, since file systems may have given up meanwhile.`,
    doNot:
      'Do not log out or log in: a login to a server that does not answer hangs, and a logout takes the disk away from what is mounted.',
    seen: [...closed, ...proofsOf(own.slice(0, 1))],
  });
  return { part, explained: own };
}

interface OfNodes extends Omit<Dead, 'site'> {
  readonly all: readonly SessionLook[];
}

/** One node fails while the portal answers another one, or while sessions of another one work. */
function nodeOutages(look: IscsiLook, { portal, own, all }: OfNodes): Outages {
  const views = viewsOf(look, portal);
  const parts = [...Map.groupBy(own, ({ node }) => node)].map(([node, dead]): Outages => {
    const view = views.find((each) => each.node === node.name)?.state;
    const other = views.find(({ node: name, state }) => name !== node.name && state.known && state.value === 'open');
    if (view?.known !== true) return { part: told(), explained: [] };
    const cut = view.value !== 'open' && other?.state.known === true ? [view, other.state] : undefined;
    const sound = all.find((each) => each.node !== node && each.session.portal === portal && works(each));
    const alone = view.value === 'open' && dead.length > 1 && sound !== undefined ? [view, ...sound.proofs] : undefined;
    const [first, ...more] = cut ?? alone ?? [];
    if (first === undefined || dead.length < ofNode(all, dead))
      return { part: told(ok(`${portal} is ${view.value} from ${node.name}`, view)), explained: [] };
    const why =
      cut === undefined
        ? `other nodes' sessions there work`
        : `${portal} is ${view.value} from there and open from ${other?.node}`;
    const part = found<Code>({
      code: 'node-sessions-failed',
      subject: node.name,
      says: `${count(dead)} of ${node.name} ${dead.length === 1 ? 'is' : 'are'} dead, and ${why}`,
      remedy: `Look at ${node.name}: its network interface, routes and firewall, its load. The server is sound.`,
      doNot: 'Do not touch the server, its service or the sessions of other nodes.',
      seen: [first, ...more, ...proofsOf(dead)],
    });
    return { part, explained: dead };
  });
  return { part: together(parts.map(({ part }) => part)), explained: parts.flatMap(({ explained }) => explained) };
}

/** How many sessions the node of these has at the same portal. */
function ofNode(all: readonly SessionLook[], [first]: readonly SessionLook[]): number {
  return all.filter(({ node, session }) => node === first?.node && session.portal === first.session.portal).length;
}

function count({ length }: readonly SessionLook[]): string {
  return length === 1 ? '1 session' : `${length} sessions`;
}

function proofsOf(sessions: readonly SessionLook[]): readonly Known<unknown>[] {
  return [...new Set(sessions.flatMap(({ proofs }) => proofs))];
}
