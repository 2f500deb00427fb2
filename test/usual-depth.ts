import { relative } from 'node:path';
import type { RunnerTestFile, RunnerTestSuite } from 'vitest';
import { beforeEach } from 'vitest';
import { isFull, sampled } from './depth.ts';
import { mostOf } from './long-files.ts';
import { root } from './tree.ts';

/** Which tests of each file are made at the usual depth. */
const kept = new WeakMap<RunnerTestFile, ReadonlySet<string>>();

beforeEach(({ task, skip }) => {
  const { file } = task;
  const path = relative(root, file.filepath);
  const most = isFull ? undefined : mostOf(path);
  if (most === undefined) return;
  const ids = kept.get(file) ?? new Set(sampled(testsIn(file), most));
  kept.set(file, ids);
  if (!ids.has(task.id)) skip(`${ids.size} tests of ${path} were made; STORAGEBOT_TEST_DEPTH=full leaves nothing out`);
});

function testsIn({ tasks }: RunnerTestSuite): readonly string[] {
  return tasks.flatMap((task) => (task.type === 'suite' ? testsIn(task) : task.mode === 'run' ? [task.id] : []));
}
