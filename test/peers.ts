import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program of another project that a system test talks to. Where it is missing, the test is skipped and says so. */
export type PeerName = keyof typeof peers;

export type Peer = { readonly found: true; readonly path: string } | { readonly found: false; readonly reason: string };

const peers = {
  sshd: { programs: ['sshd'], debianPackage: 'openssh-server' },
  ssh: { programs: ['ssh'], debianPackage: 'openssh-client' },
  'ssh-keygen': { programs: ['ssh-keygen'], debianPackage: 'openssh-client' },
  'ssh-agent': { programs: ['ssh-agent'], debianPackage: 'openssh-client' },
  kubectl: { programs: ['kubectl'], debianPackage: 'kubernetes-client' },
  prometheus: { programs: ['prometheus'], debianPackage: 'prometheus' },
  promtool: { programs: ['promtool'], debianPackage: 'prometheus' },
  alertmanager: { programs: ['prometheus-alertmanager', 'alertmanager'], debianPackage: 'prometheus-alertmanager' },
  amtool: { programs: ['amtool'], debianPackage: 'prometheus-alertmanager' },
  postgres: { programs: ['postgres'], debianPackage: 'postgresql' },
  mariadbd: { programs: ['mariadbd'], debianPackage: 'mariadb-server' },
  'redis-server': { programs: ['redis-server'], debianPackage: 'redis-server' },
  sqlite3: { programs: ['sqlite3'], debianPackage: 'sqlite3' },
  rsync: { programs: ['rsync'], debianPackage: 'rsync' },
  chromium: { programs: ['chromium', 'chromium-browser', 'google-chrome'], debianPackage: 'chromium' },
} as const;

/** Servers live there, and the PATH of an ordinary user leaves it out. */
const serverDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin', ...postgresDirectories()];

/** Debian keeps the programs of each version in a folder of its own; the newest comes first. */
function postgresDirectories(): string[] {
  const above = '/usr/lib/postgresql';
  const versions = existsSync(above) ? readdirSync(above) : [];
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(above, version, 'bin'));
}

/** Use: `const sshd = peer('sshd'); describe.skipIf(!sshd.found)('…', …)`. The list of skipped tests then gives the reason. */
export function peer(name: PeerName, environment: NodeJS.ProcessEnv = process.env): Peer {
  const { programs, debianPackage } = peers[name];
  const directories = [...(environment['PATH'] ?? '').split(delimiter).filter(Boolean), ...serverDirectories];
  const path = programs.flatMap((program) => directories.map((directory) => join(directory, program))).find(isExecutable);
  if (path !== undefined) return { found: true, path };
  return { found: false, reason: `${name} is not installed here (Debian package ${debianPackage})` };
}

/** The reasons for which a test file that asks for these peers in its source can be skipped on this machine. */
export function missingPeers(source: string, environment: NodeJS.ProcessEnv = process.env): string[] {
  const asked = [...source.matchAll(/\bpeer\('([a-z-]+)'\)/g)].map(([, name]) => name);
  return [...new Set(asked)].filter(isPeerName).flatMap((name) => {
    const looked = peer(name, environment);
    return looked.found ? [] : [looked.reason];
  });
}

function isPeerName(name: string | undefined): name is PeerName {
  return name !== undefined && Object.hasOwn(peers, name);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
