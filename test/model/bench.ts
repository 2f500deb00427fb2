import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { AuditTrail } from '../../src/audit/trail.ts';
import { createAuditTrail } from '../../src/audit/trail.ts';
import { verifyTrail } from '../../src/audit/verify.ts';
import { TEST_KEY } from '../../src/store/fixtures/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createStore } from '../../src/store/store.ts';

/** A state directory that serves many cases one after another: what they have in common is the database and the trail. */
export interface Bench {
  readonly directory: string;
  readonly store: Store;
  /** What the trail says since this line. */
  readonly since: (seq: number) => readonly string[];
  readonly head: () => number;
  /** What is wrong with the trail as a whole. */
  readonly problems: () => readonly string[];
  readonly close: () => void;
}

/** In memory where the machine has such a directory: what a disk adds here is only time. */
const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export function openBench(): Bench {
  const directory = mkdtempSync(join(ROOM, 'storagebot-model-'));
  const trails: AuditTrail[] = [];
  const store = createStore(directory, {
    trail: (database) => {
      // Nobody else opens this file, and no power fails here: what the disk and its locks cost is not what is tested.
      for (const sql of ['PRAGMA locking_mode = EXCLUSIVE', 'PRAGMA synchronous = OFF']) database.rows(z.unknown(), sql);
      const trail = createAuditTrail({ database, key: TEST_KEY, clean: (text) => text, clock: Date.now });
      trails.push(trail);
      return trail;
    },
  });
  const since = (seq: number) => [...linesOf(trails[0], seq)];
  return {
    directory,
    store,
    since,
    head: () => trails[0]?.head().seq ?? 0,
    problems: () => {
      const lines = since(0).map((text) => ({ text, whole: true }));
      return verifyTrail({ lines, key: TEST_KEY }).problems.map(({ says }) => says);
    },
    close() {
      store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function* linesOf(trail: AuditTrail | undefined, after: number): Generator<string> {
  let last = after;
  for (let rows = trail?.linesSince(last) ?? []; rows.length > 0; rows = trail?.linesSince(last) ?? []) {
    for (const { line, seq } of rows) {
      last = seq;
      yield line;
    }
  }
}
