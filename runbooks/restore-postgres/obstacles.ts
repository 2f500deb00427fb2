import { rowsIn } from '../../src/commands/backup-dumps.ts';
import type { DataSpace } from '../../src/commands/postgres.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok, together } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import { workAnnounced } from '../../src/repairs/preflight.ts';
import { doubts, dumpsInUse, usesDumps } from '../../src/topology/postgres-dumps.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { At } from './at.ts';
import type { Code } from './codes.ts';
import { doors } from './doors.ts';

type Part = Diagnosis<Code>;

/** What is in the way of a restore that has not come to its end. */
export function obstacles(at: At): Part {
  return together<Code>([doubtful(at), role(at), room(at), jobs(at), work(at), doors(at), unstoppable(at)]);
}

/** Once it is restored beside, its rows are compared: then what the dump looked like no longer matters. */
function doubtful({ facts, file, files, dump, own, primary, stage }: At): Part {
  const { asked } = facts;
  const all = doubts({ file, dump: dump.value, own, serverVersion: primary.state.value.version, files: files.value });
  if (all.length === 0) return told(ok(`${file.name} is whole, and as large as dumps usually are`, files, dump));
  const says = `${file.name}: ${all.join('; ')}`;
  if (stage.is === 'beside' || ('anyway' in asked && asked.anyway === 'anyway'))
    return told(ok(`${says}; asked for nevertheless`, files, dump));
  return found({
    code: 'dump-doubtful',
    subject: file.name,
    says,
    remedy: 'Choose another dump, or ask with the word anyway behind it if this is what is wanted.',
    seen: [files, dump, primary.state],
  });
}

function role({ facts: { server }, owner, target, own, dump, databases }: At): Part {
  if (server?.roles.known !== true) return NOTHING;
  const { value: there } = server.roles;
  const missing = [...new Set([...(owner === undefined ? [] : [owner]), ...own.roles])].filter((name) => !there.includes(name));
  if (owner !== undefined && missing.length === 0) return NOTHING;
  return found({
    code: 'role-missing',
    subject: target.name,
    says:
      owner === undefined
        ? `Nothing says which role ${target.name} belongs to`
        : `The server has no role ${missing.join(', ')}: ${target.name} belongs to it, or the dump gives it something in ${target.name}`,
    remedy: 'Let Vault and Terraform make the role again, then ask again. One that nobody needs any more: CREATE ROLE … NOLOGIN.',
    doNot:
      'Do not take the roles out of the dump: they would get the passwords of then, and every application that has a newer one is locked out.',
    seen: [server.roles, databases, dump],
  });
}

type Sized = Pick<At, 'stage' | 'file' | 'own' | 'target'>;

/** One that is gone, or has lost rows, does not tell what it takes with all of them: then a few times the packed dump, which is what most take. */
export function wantedBytes({ stage, file, own, target }: Sized): number {
  if (stage.is === 'beside') return 0;
  const live = stage.live?.bytes ?? 0;
  return Math.ceil(2.5 * (hasAllRows(own, target) ? live : Math.max(live, 4 * file.bytes)));
}

/** As many as the dump has of it; what could not be counted counts as lost. */
function hasAllRows(own: At['own'], { now }: At['target']): boolean {
  const dumped = rowsIn(own);
  return now?.known === true && dumped !== 'unknown' && now.value.reduce((sum, { rows }) => sum + rows, 0) >= dumped;
}

export function hasRoom(at: Sized, { freeBytes }: DataSpace): boolean {
  return freeBytes >= wantedBytes(at);
}

function room(at: At): Part {
  const { server } = at.facts;
  if (server?.space.known !== true) return NOTHING;
  const { freeBytes } = server.space.value;
  const says = `${sizeOf(freeBytes)} are free for the data of the server, and ${sizeOf(wantedBytes(at))} are wanted: ${hasAllRows(at.own, at.target) ? 'two and a half times what the database takes' : 'two and a half times what it takes, or ten times the packed dump, since rows are missing now'}`;
  const seen = [server.space, at.databases, at.files, at.dump] as const;
  if (hasRoom(at, server.space.value)) return told(ok(says, ...seen));
  return found({
    code: 'no-room',
    subject: at.primary.pod.name,
    says,
    remedy: 'Let the claim of that pod grow first: /storage expand pvc <namespace>/<claim> <size>.',
    doNot: 'Do not drop a database to make room for its own restore.',
    seen,
  });
}

function jobs({ facts: { look, postgres } }: At): Part {
  if (!look.pods.known) return NOTHING;
  const { pods } = look;
  const running = pods.value.filter((pod) => usesDumps(postgres, pod));
  if (running.length === 0) return told(ok(`No job works with the dumps of ${postgres.cluster}`, pods));
  return together(running.map((pod) => found<Code>(dumpsInUse(pod, pods))));
}

function work({ facts: { alerts } }: At): Part {
  return together<Code>(workAnnounced(alerts).map(found));
}

function unstoppable({ target: { dependants, sessions, name } }: At): Part {
  const { notByHand, unknownClients, missing, users } = dependants;
  const alone = notByHand.filter(({ isProxy }) => !isProxy);
  const seen = [...knownOf(dependants.seen), ...knownOf([sessions])];
  if (!isSome(seen) || seen.length <= dependants.seen.length) return NOTHING;
  const others = [
    ...(unknownClients.length > 0
      ? [ok(`${unknownClients.join(', ')} is connected to ${name} and belongs to no pod: its sessions are ended once`, ...seen)]
      : []),
    ...(missing.length > 0 ? [ok(`Configured as users of ${name}, and not there: ${missing.join(', ')}`, ...seen)] : []),
    ...(users.length === 0 ? [ok(`Nobody is known to use ${name}`, ...seen)] : []),
  ];
  return together<Code>([
    told(...others),
    ...alone.map(({ subject, why }) =>
      found<Code>({
        code: 'cannot-stop',
        subject,
        says: `${subject} uses ${name}, and ${why}`,
        remedy: 'Stop it by hand or by its operator, then ask again.',
        doNot: 'Do not scale what an operator owns.',
        seen,
      }),
    ),
  ]);
}
