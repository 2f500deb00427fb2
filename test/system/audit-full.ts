import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { createAuditTrail, createMirror } from '../../src/audit/index.ts';
import { queriesOn } from '../../src/store/queries.ts';
import { KEY } from './audit-site.ts';

/** A process whose files may not grow by more than ten bytes for a while: a disk that is full in the middle of a line. */
const file = process.argv[2] ?? '';
process.on('SIGXFSZ', () => undefined);
const database = new DatabaseSync(':memory:');
database.exec('CREATE TABLE audit (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT');
const trail = createAuditTrail({ database: queriesOn(database), key: KEY, clean: String, clock: Date.now });
const mirror = createMirror({ file, trail });
const problems = [1, 2, 3].map((version) => {
  if (version === 2) limit(String(statSync(file).size + 10));
  if (version === 3) limit('unlimited');
  trail.append({ kind: 'bot-started', version: `${version}` });
  mirror.flush();
  return mirror.problem() ?? null;
});
const table = trail.linesSince(0).map(({ line }) => `${line}\n`);
process.stdout.write(JSON.stringify([...problems.slice(1), table.join('')]));

function limit(bytes: string): void {
  execFileSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${bytes}:`]);
}
