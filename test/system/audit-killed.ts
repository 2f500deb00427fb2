import { join } from 'node:path';
import { createAuditTrail, createMirror } from '../../src/audit/index.ts';
import { openDatabase } from '../../src/store/database.ts';
import { queriesOn } from '../../src/store/queries.ts';
import { KEY } from './audit-site.ts';

/** A bot that commits a thousand lines, of which its file gets the first half, then hangs until it is killed. */
const directory = process.argv[2] ?? '';
const database = queriesOn(openDatabase(directory));
const trail = createAuditTrail({ database, key: KEY, clean: String, clock: Date.now });
const mirror = createMirror({ file: join(directory, 'audit.jsonl'), trail });
for (let half = 0; half < 2; half += 1) {
  database.transaction(() => {
    for (let line = 0; line < 600; line += 1) trail.append({ kind: 'bot-started', version: `${line}` });
  });
  if (half === 0) mirror.flush();
}
process.stdout.write('committed\n');
setInterval(() => undefined, 1000);
