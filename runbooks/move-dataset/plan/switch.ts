import { activeExports } from '../../../src/commands/exports.ts';
import type { User } from '../../../src/commands/workload-volumes.ts';
import type { Step } from '../../../src/core/plan.ts';
import { check } from '../../../src/core/plan.ts';
import { exportSteps } from '../../../src/repairs/export.ts';
import { exportStateOf } from '../../../src/topology/exported.ts';
import { nobodyUses } from '../../../src/topology/users.ts';
import { usersOn } from '../users.ts';
import type { Situation } from './situation.ts';
import type { Switch } from './users.ts';
import { stopStep, switchStep } from './users.ts';
import type { Moved } from './volumes.ts';
import { claimIsBound, claimsOn, moveVolumes, volumeSteps } from './volumes.ts';

/** The third round: the copy is exported, and everybody works on it. Undefined where the export is not the bot's to make. */
export function switchOver(situation: Situation): readonly Step[] | undefined {
  const { place, cluster, facts } = situation;
  const exporting = exportOf(situation);
  if (exporting === undefined) return undefined;
  const moved = claimsOn(place.path, facts.pool, cluster);
  const users = usersOn(place.path, cluster);
  return [
    ...users.filter(({ runs }) => runs > 0).map((user) => stopStep(situation, user)),
    ...exporting,
    ...moved.flatMap((each) => volumeSteps(situation, each)),
    ...users.map((user) => switchStep(situation, switchOf(situation, asStopped(user), moved))),
  ];
}

/** Somebody may have started it again since it was stopped. */
function asStopped(user: User): User {
  return user.runs === 0 ? user : { ...user, runs: 0, ranBefore: user.runs };
}

function exportOf(situation: Situation): readonly Step[] | undefined {
  const { site, flavour, place, because, facts } = situation;
  const { active, file, dropIns, datasets, shares } = facts.nas;
  if (!active?.known || !file?.known || !datasets?.known || dropIns?.known === false || shares?.known === false) return undefined;
  const path = place.newPath;
  const state = exportStateOf(path, { active: active.value, datasets: datasets.value, network: site.nas.clientNetwork });
  if (state === 'exported') return [];
  const exporting = { site, flavour, path, exists: true, active, file, datasets, unused: nobodyUses(path, site), because };
  return exportSteps({ ...exporting, ...(dropIns && { dropIns }), ...(shares && { shares }) });
}

function switchOf({ site, flavour, place }: Situation, user: User, moved: readonly Moved[]): Switch {
  const own = moved.filter(({ namespace }) => namespace === user.namespace);
  const claims = own.filter(({ claim }) => user.volumes.some((each) => each.persistentVolumeClaim?.claimName === claim));
  const isExported = check(`The NAS exports ${place.newPath}`, activeExports(site.nas.host, flavour), (all) =>
    all.some(({ path }) => path === place.newPath),
  );
  return {
    user,
    volumes: moveVolumes(user.volumes, place, claims),
    before: [isExported, ...claims.map(({ namespace, newName }) => claimIsBound(namespace, newName))],
    terraform:
      claims.length === 0
        ? `the path of its volume is ${place.newPath}.`
        : claims.map((each) => toTell(each, place.newPath)).join(' '),
  };
}

function toTell({ claim, volume, newName }: Moved, path: string): string {
  return `beside volume ${volume.name} and claim ${claim} there are now ${newName} for ${path}; the workload's claim is ${newName}.`;
}
