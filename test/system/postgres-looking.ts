import type { Read } from '../../src/core/command.ts';
import type { Output } from '../../src/core/output.ts';
import { understand } from '../../src/core/reading.ts';
import type { PostgresServer } from './postgres-server.ts';

/** What the real psql prints for a question, without the runtime around it. */
export async function asked(server: PostgresServer, { command }: Read<unknown>): Promise<Output> {
  if (command.via !== 'ssh') throw new Error('not over SSH');
  const [program = '', ...args] = command.argv.slice(command.argv.indexOf('exec') + 2);
  return server.run([program, ...args]);
}

/** What the read makes of it. */
export async function look<T>(server: PostgresServer, read: Read<T>): Promise<ReturnType<typeof understand<T>>> {
  return understand(read, await asked(server, read));
}

export async function valueOf<T>(server: PostgresServer, read: Read<T>): Promise<T> {
  const seen = await look(server, read);
  if (!seen.known) throw new Error(seen.why.says);
  return seen.value;
}
