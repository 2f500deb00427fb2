import { isWithin } from '../disk.ts';
import { type Answer, type Call, fail, lines, ok } from '../shell.ts';

/** `find PATH -xdev -type f -newermt TIME ! -newermt TIME -print` */
export function findWritten(call: Call, path: string, rest: readonly string[]): Answer {
  const { nas } = call.world;
  const [xdev, type, f, newer, from = '', not, newerToo, to = '', print] = rest;
  const [afterMs, untilMs] = [from, to].map((time) =>
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/.test(time) ? Date.parse(time) : Number.NaN,
  );
  if (Number.isNaN(afterMs) || Number.isNaN(untilMs) || afterMs === undefined || untilMs === undefined)
    return fail(1, `find: Can't parse date/time: ${from}`);
  if ([xdev, type, f, newer, not, newerToo, print].join(' ') !== '-xdev -type f -newermt ! -newermt -print')
    return fail(1, 'find: unknown predicate');
  if (nas.disk.at(path) === undefined) return fail(1, `find: ${path}: No such file or directory`);
  const found = nas.written.filter(
    (file) =>
      isWithin(file.path, path) &&
      nas.disk.holder(file.path) === nas.disk.holder(path) &&
      file.atMs > afterMs &&
      file.atMs <= untilMs,
  );
  return ok(lines(found.map((file) => file.path)));
}
