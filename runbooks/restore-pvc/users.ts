import type { Seen } from '../../src/core/reading.ts';
import type { ClusterFacts } from './facts.ts';

export function looksOf({ users, sets, pods, claims, volumes, attachments }: ClusterFacts): readonly Seen<unknown>[] {
  return [claims, volumes, ...users, sets, pods, attachments];
}
