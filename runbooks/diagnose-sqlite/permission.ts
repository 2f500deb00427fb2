import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { SqliteAccess, SqliteFiles } from '../../src/commands/sqlite-files.ts';
import type { SqliteSite } from '../../src/core/databases.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Inside } from './inside.ts';

interface User {
  readonly uid: number;
  readonly groups: readonly number[];
  /** False where its first group is the one that its image gives this user. */
  readonly areAllGroups: boolean;
}

/** Who the program runs as; absent where its image decides. */
function userOf({ spec }: Pod, { volume }: SqliteSite): User | undefined {
  const container = spec.containers.find(({ volumeMounts }) => volumeMounts.some(({ name }) => name === volume));
  const own = { ...spec.securityContext, ...container?.securityContext };
  const uid = own.runAsUser;
  if (uid === undefined) return undefined;
  const { fsGroup, supplementalGroups = [] } = spec.securityContext ?? {};
  const first = own.runAsGroup === undefined ? [] : [own.runAsGroup];
  const groups = [...first, ...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups];
  return { uid, groups, areAllGroups: own.runAsGroup !== undefined };
}

/** Also where it may be so, by a group that only its image knows of. */
function mayWrite({ uid, groups, areAllGroups }: User, { mode, uid: owner, gid }: SqliteAccess, bits: number): boolean {
  if (uid === 0) return true;
  const allows = (shift: number) => ((mode >> shift) & bits) === bits;
  if (uid === owner) return allows(6);
  if (groups.includes(gid)) return allows(3);
  return allows(0) || (!areAllGroups && allows(3));
}

const WRITE = 0o2;
const WRITE_AND_ENTER = 0o3;

/** SQLite writes the database, and makes its journal or log beside it. */
export function permission(its: Inside, seen: Known<SqliteFiles>, sqlite: SqliteSite): Finding<Code>[] {
  const { service, place, proof } = its;
  const user = place.pod && userOf(place.pod, sqlite);
  if (user === undefined) return [];
  const { database, directory, wal } = seen.value;
  const barred = [
    { what: 'the database', access: database?.access, bits: WRITE },
    { what: 'its -wal', access: wal?.access, bits: WRITE },
    { what: 'its directory', access: directory?.access, bits: WRITE_AND_ENTER },
  ].filter(({ access, bits }) => access !== undefined && !mayWrite(user, access, bits));
  if (barred.length === 0) return [];
  const whose = barred.map(({ what, access }) => `${what} (${access?.mode.toString(8)} of ${access?.uid}:${access?.gid})`);
  return [
    {
      code: 'no-permission',
      subject: service,
      says: `The program of ${service} runs as ${user.uid} and may not write ${whose.join(', ')}: SQLite then says "attempt to write a readonly database" (8) or "unable to open database file" (14).`,
      remedy: `Give them to ${user.uid} again, on ${place.host.name} in ${place.directory}: a copy or a restore as root leaves them to root.`,
      doNot: 'Do not restore a backup: the content is not what is wrong.',
      seen: [seen, ...proof],
    },
  ];
}
