import type { TestMount } from '../../../src/commands/nfs-client.ts';
import { testMount } from '../../../src/commands/nfs-client.ts';
import type { Reader } from '../../../src/core/reading.ts';
import { nodeHost } from '../../../src/core/site.ts';
import type { VersionTest } from '../causes.ts';
import type { Found, NodeFacts } from '../facts.ts';
import { stuckMounters } from '../facts.ts';

const VERSIONS = ['3', '4.1', '4.2'] as const;

/**
 * Where a fresh mount failed as it does not for a path that is missing or refused: the same path by each version, on that node
 * and on one that has no mount of this server, or fewer than all others.
 */
export async function gatherVersions({ site, server, nodes }: Found, read: Reader): Promise<VersionTest[]> {
  const failed = nodes.find((node) => strangeTest(node) !== undefined);
  const test = failed && strangeTest(failed);
  if (failed === undefined || test === undefined) return [];
  const clean = cleanest(
    nodes.filter((node) => node !== failed && mayMount(node)),
    server,
  );
  const on = [failed, ...(clean === undefined ? [] : [clean])];
  const wanted = on.flatMap(({ name }) => VERSIONS.map((version) => ({ node: name, version })));
  return Promise.all(
    wanted.map(async ({ node, version }) => {
      const { path } = test;
      const result = await read(testMount(nodeHost(site, node), test.server, { path, version }));
      return { node, server: test.server, path, version, result };
    }),
  );
}

/** What a server says of a path is an answer; this is none. One that took its time is not followed where old mounts took theirs. */
function strangeTest({ testMounts, probes }: NodeFacts): NodeFacts['testMounts'][number] | undefined {
  const hung = probes.some(({ answer }) => answer.known && answer.value.state === 'hangs');
  const strange = hung ? AT_ONCE : [...AT_ONCE, ...SLOWLY];
  return testMounts.find(({ result }) => result.known && strange.includes(result.value));
}

const AT_ONCE: readonly TestMount[] = ['io-error', 'unsupported'];
const SLOWLY: readonly TestMount[] = ['silent', 'hangs'];

/** As for any other fresh mount: never on a node whose client is stuck. */
function mayMount({ port, processes }: NodeFacts): boolean {
  return port.known && port.value === 'open' && processes.known && stuckMounters(processes.value).length === 0;
}

function cleanest(nodes: readonly NodeFacts[], server: string): NodeFacts | undefined {
  const count = ({ mounts }: NodeFacts) =>
    mounts.known ? mounts.value.filter((mount) => mount.server === server).length : Number.POSITIVE_INFINITY;
  return nodes.filter(({ mounts }) => mounts.known).toSorted((a, b) => count(a) - count(b))[0];
}
