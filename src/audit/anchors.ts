import { join } from 'node:path';
import { type Anchor, appendAnchor, type Post, postAnchor } from './anchor.ts';
import type { Head } from './chain.ts';
import { createKeeper, type Keeper } from './keeper.ts';

export interface AnchorsParts {
  /** A file where whoever can write the state directory cannot rewrite: another machine's, or an append-only one. */
  readonly file?: string;
  /** Gets each head as JSON: `{"at":…,"mac":"…","seq":…}`. */
  readonly post?: Post;
  readonly head: () => Head;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Where it is remembered what was anchored. */
  readonly stateDirectory: string;
  readonly limits?: { readonly deadlineMs: number; readonly retryMs: number };
}

/** Puts the head where whoever rewrites the state directory cannot reach it. */
export interface Anchors {
  /** Anchors the present head everywhere, in the background; where that fails it is tried again. */
  readonly anchor: () => void;
  /** Where the head could not be anchored and why, one sentence each, without any secret. */
  readonly problems: () => readonly string[];
  /** Resolves when no attempt is under way. */
  readonly idle: () => Promise<void>;
  /** Ends the attempts to come. */
  readonly close: () => void;
}

/** In the state directory: what was anchored where. */
export const MEMORY = 'audit.anchored';

const LIMITS = { deadlineMs: 10_000, retryMs: 60_000 };

export function createAnchors(parts: AnchorsParts): Anchors {
  const keepers = keepersOf(parts);
  return {
    anchor: () => {
      for (const keeper of keepers) keeper.anchor();
    },
    problems: () => keepers.flatMap(({ problem }) => problem() ?? []),
    idle: async () => void (await Promise.all(keepers.map(({ idle }) => idle()))),
    close: () => {
      for (const keeper of keepers) keeper.close();
    },
  };
}

function keepersOf({ file, post, head, clock, stateDirectory, limits = LIMITS }: AnchorsParts): Keeper[] {
  const memory = join(stateDirectory, MEMORY);
  const keeper = (name: string, put: (anchor: Anchor) => Promise<void>) =>
    createKeeper({
      ...limits,
      name,
      put: async () => {
        const anchor = { ...head(), at: clock() };
        await put(anchor);
        await appendAnchor(memory, { ...anchor, to: name });
      },
    });
  return [
    ...(file === undefined ? [] : [keeper(fileName(file), (anchor) => appendAnchor(file, anchor))]),
    ...(post === undefined ? [] : [keeper(new URL(post.url).host, (anchor) => postAnchor(post, anchor, limits.deadlineMs))]),
  ];
}

/** An anchor file in words. */
export function fileName(file: string): string {
  return `the file ${file}`;
}
