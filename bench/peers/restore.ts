import { POSTGRES_RESTORE } from '../../src/commands/postgres-scripts.ts';
import { peer } from '../../test/peers.ts';
import { open, runScript } from '../../test/system/postgres-dumps.ts';
import { startPostgres } from '../../test/system/postgres-server.ts';
import type { MadeDump } from './dump.ts';

/** Restores the dump by the script of the restore's Job into a real server, and says how long it took. The bot has no part in that. */
export async function restoreOf({ path, bytes, rows }: MadeDump): Promise<string> {
  const postgres = peer('postgres');
  if (!postgres.found) return `It was not restored: ${postgres.reason}.`;
  const server = await startPostgres(postgres.path);
  try {
    await server.psql('CREATE ROLE big;');
    const began = performance.now();
    const { exitCode, stderr } = await runScript(
      server,
      POSTGRES_RESTORE,
      path,
      `${bytes}`,
      'big',
      'big_restored',
      'big',
      'storagebot: ',
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    if (exitCode !== 0) throw new Error(`The dump could not be restored: ${stderr}`);
    // It is shut until a swap gives it its name.
    await open(server, 'big_restored');
    const came = (await server.psql('SELECT count(*) FROM public.pages', 'big_restored')).trim();
    if (came !== `${rows}`) throw new Error(`${came} of ${rows} rows came`);
    return `The script of the restore's Job loaded it into a real PostgreSQL in ${seconds} s: ${came} of ${rows} rows.`;
  } finally {
    await server.stop();
  }
}
