import { entriesOf, type Path, valueAt } from './path.ts';
import { didYouMean, type Problem } from './problem.ts';

/** Looks at the file as written, so that a wrong reference is told together with everything else that is wrong. */
export function referenceProblems(file: unknown): Problem[] {
  const hosts = Object.keys(entriesOf(valueAt(file, ['hosts'])));
  return [
    ...hostReferences(file, hosts),
    ...jumpCycles(file, hosts),
    ...vaultReferences(file, []),
    ...stackReferences(file),
    ...alertChannel(file),
  ];
}

const HOST_REFERENCES: readonly Path[] = [
  ['site', 'nas', 'host'],
  ['site', 'hypervisor', 'host'],
  ['site', 'terraform', 'host'],
  ['nodes', 'jump'],
];

function hostReferences(file: unknown, hosts: readonly string[]): Problem[] {
  const paths: Path[] = [...HOST_REFERENCES, ...hosts.map((host) => ['hosts', host, 'jump'])];
  return paths.flatMap((path) => {
    const name = valueAt(file, path);
    if (typeof name !== 'string' || hosts.includes(name)) return [];
    const hint = didYouMean(name, hosts) || (hosts.length > 0 ? ` (known: ${hosts.join(', ')})` : '');
    return [{ path, says: `names a machine that is not under hosts${hint}` }];
  });
}

function jumpCycles(file: unknown, hosts: readonly string[]): Problem[] {
  return hosts
    .filter((host) => jumpsBackTo(file, host))
    .map((host) => ({ path: ['hosts', host, 'jump'], says: 'leads back to this host: nobody could ever log in' }));
}

function jumpsBackTo(file: unknown, host: string): boolean {
  const seen = new Set<unknown>();
  let next = valueAt(file, ['hosts', host, 'jump']);
  while (typeof next === 'string' && next !== host && !seen.has(next)) {
    seen.add(next);
    next = valueAt(file, ['hosts', next, 'jump']);
  }
  return next === host;
}

function vaultReferences(file: unknown, path: Path): Problem[] {
  if ('vault' in entriesOf(file)) return [];
  return stringsIn(file, path)
    .filter(({ text }) => text.startsWith('vault:'))
    .map((at) => ({ path: at.path, says: 'is kept in Vault, and the file does not say how to reach it: add vault' }));
}

function stringsIn(value: unknown, path: Path): { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  const step = (key: string) => (Array.isArray(value) ? Number(key) : key);
  return Object.entries(entriesOf(value)).flatMap(([key, inner]) => stringsIn(inner, [...path, step(key)]));
}

/** Saved plans are named after their stack: one stack is for one of both. */
function stackReferences(file: unknown): Problem[] {
  const path = ['site', 'databases', 'postgres', 'stack'];
  if (valueAt(file, path) === undefined) return [];
  const terraform = valueAt(file, ['site', 'terraform']);
  if (terraform === undefined) return [{ path, says: 'is planned and applied by nobody: set site.terraform' }];
  const ofDrivers = Object.values(entriesOf(valueAt(terraform, ['stacks'])));
  return ofDrivers.includes(valueAt(file, [...path, 'stack']))
    ? [{ path: [...path, 'stack'], says: 'is the stack of a driver too: their saved plans would take the place of each other' }]
    : [];
}

/** Where the bot takes no commands nobody could press its buttons. */
function alertChannel(file: unknown): Problem[] {
  const path = ['alerts', 'channel'];
  const channel = valueAt(file, path);
  if (typeof channel !== 'string') return [];
  if (valueAt(file, ['slack']) === undefined)
    return [{ path, says: 'is a channel of Slack, and the file does not say how to reach it: add slack' }];
  const allowed = valueAt(file, ['slack', 'channels']);
  return Array.isArray(allowed) && !allowed.includes(channel)
    ? [{ path, says: 'is not among slack.channels: nobody could answer there' }]
    : [];
}
