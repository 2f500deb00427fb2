import type { Known } from '../../src/core/reading.ts';
import type { SqliteInside, SqlitePlace } from '../../src/topology/sqlite-inside.ts';
import { provesBacking, type SqliteBacking, type SqliteLook } from '../../src/topology/sqlite-look.ts';

/** What was seen in the volume of the service, and all that says that it is this volume. */
export interface Inside {
  readonly service: string;
  /** `db.sqlite3 of vaultwarden on k8s-node4` */
  readonly name: string;
  readonly backing: Extract<SqliteBacking, { found: true }>;
  readonly place: SqlitePlace;
  readonly inside: SqliteInside;
  readonly proof: readonly Known<unknown>[];
}

/** Absent where nothing shows that the directory is the volume: without a mount it is one of the node's own. */
export function insideOf(look: SqliteLook): Inside | undefined {
  const { service, backing, place, inside } = look;
  if (backing?.found !== true || place === undefined || inside === undefined) return undefined;
  const { mount } = inside;
  const its = { service, name: `${look.sqlite.file} of ${service} on ${place.host.name}`, backing, place, inside };
  if (mount === undefined) return { ...its, proof: provesBacking(look) };
  if (!mount.known || !mount.value.mounted) return undefined;
  return { ...its, proof: [mount, ...provesBacking(look)] };
}

/** The claim as people name it. */
export function claimOf({ volume: { namespace, name } }: Inside['backing']): string {
  return `${namespace}/${name}`;
}
