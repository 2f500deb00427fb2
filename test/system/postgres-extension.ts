import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** PostgreSQL as it is installed here, with an extension more: a server finds what belongs to it from where its own program lies. */
export interface WithExtension {
  /** The path of the server's program. */
  readonly program: string;
  remove(): Promise<void>;
}

export async function withExtension(postgres: string, name: string, sql: string): Promise<WithExtension> {
  const root = await mkdtemp(join(tmpdir(), 'storagebot-pg-installed-'));
  await chmod(root, 0o755);
  const programs = dirname(await realpath(postgres));
  const configured = (what: string) => execFileSync(join(programs, 'pg_config'), [`--${what}`], { encoding: 'utf8' }).trim();
  const [share, libraries] = [configured('sharedir'), configured('pkglibdir')];
  await link(programs, root, ['postgres', 'initdb']);
  // A program's link is followed to where it really lies: these two must lie here.
  await Promise.all(['postgres', 'initdb'].map((each) => copyFile(join(programs, each), join(root, programs, each))));
  await link(share, root, ['extension']);
  await link(join(share, 'extension'), root, []);
  await link(libraries, root, []);
  const own = join(root, share, 'extension', name);
  await writeFile(`${own}.control`, "default_version = '1.0'\nrelocatable = false\nschema = public\n");
  await writeFile(`${own}--1.0.sql`, sql);
  return { program: join(root, programs, 'postgres'), remove: () => rm(root, { recursive: true, force: true }) };
}

async function link(directory: string, root: string, but: readonly string[]): Promise<void> {
  await mkdir(join(root, directory), { recursive: true });
  const entries = (await readdir(directory)).filter((entry) => !but.includes(entry));
  await Promise.all(entries.map((entry) => symlink(join(directory, entry), join(root, directory, entry))));
}
