import { backupFiles } from '../../src/commands/backup-files.ts';
import { claims } from '../../src/commands/claims.ts';
import { persistentVolumes, podsOfNamespace } from '../../src/commands/cluster.ts';
import { postgresClusters } from '../../src/commands/cnpg.ts';
import type { Check, CheckResult, Verification } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import { nothingAnnounced } from '../../src/repairs/preflight.ts';
import { usesDumps } from '../../src/topology/postgres-dumps.ts';
import { isClaimOf, isPodOfCluster } from '../../src/topology/postgres-volumes.ts';
import { isGivenUp, nameOf } from './facts.ts';
import type { Situation } from './situation.ts';
import { freeForAny, isKept, listed, ownVolumes } from './volumes.ts';

/** The very object, still given up, and nobody has deleted it meanwhile. */
export function stillGivenUp({ facts: { postgres } }: Situation, uid: string): Check {
  const { namespace, cluster } = postgres;
  return check(
    `${nameOf(postgres)} has the uid ${uid}, its operator has given it up and makes no backups of it, and nobody has deleted it`,
    postgresClusters(),
    (all) =>
      all.some(
        (each) =>
          each.namespace === namespace &&
          each.name === cluster &&
          each.uid === uid &&
          isGivenUp(each) &&
          !each.mayHaveBackups &&
          !each.isGoing,
      ),
  );
}

export function isAbsent({ facts: { postgres } }: Situation): Check {
  const { namespace, cluster } = postgres;
  return check(`There is no ${nameOf(postgres)}`, postgresClusters(), (all) =>
    all.every((each) => each.namespace !== namespace || each.name !== cluster),
  );
}

/** Neither a server that could answer nor a claim that has its data. */
export function nothingLeft({ facts: { postgres } }: Situation): readonly Check[] {
  return [
    check(`No pod of ${nameOf(postgres)} is there`, podsOfNamespace(postgres.namespace), (all) =>
      all.every((pod) => !isPodOfCluster(postgres, pod)),
    ),
    check(`No claim of ${nameOf(postgres)} is there`, claims(), (all) => all.every((claim) => !isClaimOf(postgres, claim))),
  ];
}

/** Those that were approved, and no other. */
export function volumesStay(situation: Situation): Check {
  const { facts, volumes } = situation;
  const wanted = listed(volumes);
  return check(
    `The volumes of ${nameOf(facts.postgres)} are released and kept (Retain): ${wanted}`,
    persistentVolumes(),
    (all) => {
      const own = ownVolumes(facts, all);
      return listed(own) === wanted && own.every(isKept);
    },
  );
}

export function noneIsFree({ facts }: Situation): Check {
  return check(
    `No volume of their kind is free for any claim`,
    persistentVolumes(),
    (all) => freeForAny(facts, all).length === 0,
  );
}

/** Asked together: that the cluster is gone counts only with every volume of it. */
export function goneWithVolumesKept(situation: Situation, withinMs: number): Verification {
  return allOf(withinMs, [isAbsent(situation), volumesStay(situation)]);
}

/** Holds once all hold in one look. */
export function allOf(withinMs: number, all: readonly [Check, ...Check[]]): Verification {
  return {
    says: all.map(({ says }) => says).join('. '),
    line: all.map(({ line }) => line).join('; '),
    withinMs,
    holds: async (read): Promise<CheckResult> => {
      const [first, ...others] = await Promise.all([all[0].holds(read), ...all.slice(1).map(({ holds }) => holds(read))]);
      const results = [first, ...others];
      return results.find(({ answer }) => answer === 'unknown') ?? results.find(({ answer }) => answer === 'no') ?? first;
    },
  };
}

/** What the new cluster is to be filled from is still there, and nobody works with it or on the site. */
export function quiet({ facts, dump }: Situation): readonly Check[] {
  const { site, names, postgres, alerts } = facts;
  const { file } = dump;
  return [
    check(`${file.path} still has ${file.bytes} bytes, and was not written since`, backupFiles(site.nas.host, names), (all) =>
      all.some(({ name, bytes, modifiedAt }) => name === file.name && bytes === file.bytes && modifiedAt === file.modifiedAt),
    ),
    check('No job has the dumps mounted', podsOfNamespace(postgres.namespace), (all) =>
      all.every((pod) => !usesDumps(postgres, pod)),
    ),
    ...nothingAnnounced(alerts),
  ];
}
