import type { PortState } from '../../../src/commands/nfs-client.ts';
import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
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
  const parts = [...Map.groupBy(own, ({ node }) => node)].map(([{ name }, dead]): Outages => {
    const state = views.find(({ node }) => node === name)?.state;
    if (state?.known !== true) return { part: told(), explained: [] };
    const atPortal = all.filter(({ session }) => session.portal === portal);
    const why =
      state.value === 'open' ? apart(dead, { portal, name, atPortal }) : cutOff(views, { portal, name, dead, state, atPortal });
    return why === undefined
      ? { part: told(ok(`${portal} is ${state.value} from ${name}`, state)), explained: [] }
      : { part: nodeFails(name, { ...why, seen: [state, ...why.seen] }), explained: why.dead };
  });
  return { part: together(parts.map(({ part }) => part)), explained: parts.flatMap(({ explained }) => explained) };
}

interface AtPortal {
  readonly portal: string;
  readonly name: string;
  readonly atPortal: readonly SessionLook[];
}

interface Why {
  readonly dead: readonly SessionLook[];
  readonly says: string;
  readonly seen: readonly Known<unknown>[];
}

interface Cut extends AtPortal {
  readonly dead: readonly SessionLook[];
  readonly state: Known<PortState>;
}

/** Another node reaches the portal, and all sessions of this one are dead. */
function cutOff(views: readonly View[], { portal, name, dead, state, atPortal }: Cut): Why | undefined {
  const other = views.find(({ node, state: seen }) => node !== name && seen.known && seen.value === 'open');
  if (other?.state.known !== true || dead.length < atPortal.filter(({ node }) => node.name === name).length) return undefined;
  return { dead, says: `${portal} is ${state.value} from there and open from ${other.node}`, seen: [other.state] };
}

/** It reaches the portal, and of what the server offers it every session is dead, and more than one. Targets that are gone tell nothing. */
function apart(dead: readonly SessionLook[], { portal, name, atPortal }: AtPortal): Why | undefined {
  const own = atPortal.filter(({ node }) => node.name === name);
  const listed = own[0]?.node.portals.find((each) => each.portal === portal)?.listed;
  if (listed?.known !== true || listed.value.answer !== 'listed') return undefined;
  const { targets } = listed.value;
  const isOffered = ({ session }: SessionLook) => targets.some(({ iqn }) => iqn === session.iqn);
  const offered = dead.filter(isOffered);
  const sound = atPortal.find((each) => each.node.name !== name && works(each));
  if (sound === undefined || offered.length < 2 || offered.length < own.filter(isOffered).length) return undefined;
  return { dead: offered, says: `other nodes' sessions there work`, seen: [listed, ...sound.proofs] };
}

function nodeFails(name: string, { dead, says, seen }: Omit<Why, 'seen'> & { readonly seen: Finding['seen'] }): Diagnosis<Code> {
  return found<Code>({
    code: 'node-sessions-failed',
    subject: name,
    says: `${count(dead)} of ${name} ${dead.length === 1 ? 'is' : 'are'} dead, and ${says}`,
    remedy: `Look at ${name}: its network interface, routes and firewall, its load. The server is sound.`,
    doNot: 'Do not touch the server, its service or the sessions of other nodes.',
    seen: [...seen, ...proofsOf(dead)],
  });
}

function count({ length }: readonly SessionLook[]): string {
  return length === 1 ? '1 session' : `${length} sessions`;
}

function proofsOf(sessions: readonly SessionLook[]): readonly Known<unknown>[] {
  return [...new Set(sessions.flatMap(({ proofs }) => proofs))];
}
