import type { Finding } from '../../src/core/finding.ts';
import type { Code } from './codes.ts';
import type { Facts, LookedInto, ServerFacts } from './facts.ts';

type Found = Finding<Code>;

export function roomObstacles(facts: Facts, server: ServerFacts, bytes = 0): readonly Found[] {
  const [one] = facts.dumps;
  if (facts.asked.file === undefined || one === undefined) return [];
  return [...inMembers(server, 2.5 * Math.max(bytes, one.file.bytes * 4)), ...onNas(facts, one)];
}

/** Twice and a half: the copy, its indexes while they are made, and the binary log of it. */
function inMembers({ spaces, databases }: ServerFacts, neededBytes: number): readonly Found[] {
  if (!databases.known) return [];
  return [...spaces].flatMap(([pod, space]): readonly Found[] =>
    space.known && space.value.freeBytes < neededBytes
      ? [
          {
            code: 'no-room',
            subject: pod,
            says: `The volume of ${pod} has ${mib(space.value.freeBytes)} left, and the restore may need ${mib(neededBytes)} there: each member of the group gets all of it, and writes it to its binary log.`,
            remedy: 'Let the claims of the cluster grow first: /storage expand pvc <namespace>/<claim> <size>.',
            doNot: 'Do not drop the database that is used to make room: it may hold rows that the dump has not.',
            seen: [space, databases],
          },
        ]
      : [],
  );
}

function onNas({ room, look }: Facts, { file }: LookedInto): readonly Found[] {
  if (!room.known || room.value.bytes >= 2 * file.bytes) return [];
  return [
    {
      code: 'no-room',
      subject: look.mysql.backups.path,
      says: `${look.mysql.backups.path} has ${mib(room.value.bytes)} left, which is not enough for a copy of what is there now.`,
      remedy: 'Make room on the server first: /storage diagnose capacity.',
      seen: [room],
    },
  ];
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}
