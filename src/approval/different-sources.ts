import type { Source } from './groups.ts';

/** The most of these people that can each stand for another source they are in (a bipartite matching, by augmenting paths). */
export function differentSources(sources: readonly Source[], people: readonly string[]): number {
  const standsFor = new Map<Source, string>();
  for (const person of people) seat(person, new Set());
  return standsFor.size;

  function seat(person: string, tried: Set<Source>): boolean {
    for (const source of sources) {
      if (tried.has(source) || !source.members.includes(person)) continue;
      tried.add(source);
      const holder = standsFor.get(source);
      if (holder === undefined || seat(holder, tried)) {
        standsFor.set(source, person);
        return true;
      }
    }
    return false;
  }
}
