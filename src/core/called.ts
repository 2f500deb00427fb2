/** What has words that call it, and perhaps others that do the same. */
export interface Called {
  readonly words: readonly [string, ...string[]];
  readonly alsoWords?: readonly (readonly [string, ...string[]])[];
}

export interface Call<T> {
  readonly called: T;
  /** How many of the words call it; what follows is its arguments. */
  readonly takes: number;
}

/** What these words call. The one with the most words, where several begin alike; words count as they are typed in small letters. */
export function calledBy<T extends Called>(words: readonly string[], all: readonly T[]): Call<T> | undefined {
  const calls = all.flatMap((called) =>
    waysToCall(called)
      .filter((way) => way.every((word, index) => words[index]?.toLowerCase() === word))
      .map((way) => ({ called, takes: way.length })),
  );
  return calls.toSorted((a, b) => b.takes - a.takes)[0];
}

/** All words that call it, its own first. */
export function waysToCall({ words, alsoWords = [] }: Called): readonly [Called['words'], ...Called['words'][]] {
  return [words, ...alsoWords];
}
