import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../tree.ts';
import { samples } from './samples.ts';

/** Exported by src/commands, and making no command by itself. */
const HELPERS = new Set([
  'answersOf',
  'bounded',
  'boundedAsRoot',
  'copyPath',
  'covers',
  'datasetOf',
  'decodeVis',
  'endedByTimeout',
  'endedWell',
  'exportClients',
  'hasPath',
  'inContainer',
  'inGroups',
  'isFit',
  'isOutOfService',
  'isSameTree',
  'isTakenOver',
  'isTargetName',
  'softIn',
  'isDigest',
  'isWorking',
  'linesOf',
  'rowsIn',
  'scriptJob',
  'itemsOf',
  'memoryOf',
  'mysqlQuery',
  'mysqlRows',
  'numberOf',
  'secondsForEach',
  'lvmName',
  'meaningOf',
  'optionConflicts',
  'ownFile',
  'ownLine',
  'partsOfPortal',
  'goneOf',
  'replacesOnly',
  'plainName',
  'planFile',
  'planName',
  'podUidOf',
  'portalParts',
  'problemWith',
  'requireDataset',
  'requireDeadline',
  'requireNode',
  'requirePortal',
  'requireShort',
  'requireSnapshot',
  'requireWorkName',
  'rootedAtFsidZero',
  'samplesOf',
  'secondsOf',
  'sameOptions',
  'sharesWith',
  'showUpid',
  'sinceAttached',
  'shownBy',
  'stuckMounters',
  'told',
  'valueOf',
  'versionIn',
  'volumeIn',
  'withOptions',
  'withoutFsidZero',
  'workNamed',
  'withoutExportLine',
  'snapshotInName',
  'samplesOf',
]);

const files = readdirSync(join(root, 'src/commands'))
  .filter((name) => name.endsWith('.ts') && !name.includes('.test.'))
  .map((name) => name.replace(/\.ts$/, ''));

describe.each(files)('the samples of src/commands/%s.ts', (file) => {
  test('have every command of that file (a new one needs a line in test/deploy/samples.ts, or is a helper)', async () => {
    const module: Record<string, unknown> = await import(`../../src/commands/${file}.ts`);
    const functions = Object.keys(module).filter((name) => typeof module[name] === 'function');
    const commands = functions.filter((name) => !HELPERS.has(name) && !/^parse[A-Z]/.test(name));
    expect(Object.keys(samples[`${file}.ts`] ?? {}).toSorted()).toEqual(commands.toSorted());
  });
});
