import type { Episode } from '../core/alert.ts';
import { episodeKey } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import { foundationKey } from '../core/foundation.ts';
import { has } from '../topology/foundation-names.ts';
import type { Standing } from './placement.ts';

/** An alert on its way to an incident. */
export interface Placed {
  readonly episode: Episode;
  readonly standing: Standing;
  readonly keys: ReadonlySet<string>;
}

export function placedOf(episode: Episode, standing: Standing): Placed {
  return { episode, standing, keys: new Set(standing.standsOn.map(foundationKey)) };
}

/** It fires, and Alertmanager does not tell of it. */
export function isMuted({ episode }: Placed): boolean {
  return episode.muted !== undefined;
}

export function standsOn({ keys }: Placed, foundation: Foundation): boolean {
  return keys.has(foundationKey(foundation));
}

export function doesName({ standing }: Placed, foundation: Foundation): boolean {
  return has(standing.names, foundation);
}

/** What all of these stand on. */
export function inCommon(all: readonly Placed[]): readonly Foundation[] {
  const [first, ...more] = all;
  return first?.standing.standsOn.filter((each) => more.every((other) => standsOn(other, each))) ?? [];
}

/** By the clocks of those who told of them: the order in which they came does not count. */
export function inOrder(episodes: readonly Episode[]): readonly Episode[] {
  return episodes
    .map((episode) => ({ episode, key: episodeKey(episode) }))
    .toSorted((a, b) => a.episode.startsAt - b.episode.startsAt || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ episode }) => episode);
}
