import type { Damage } from './keeping-check.ts';
import { checkFile } from './keeping-check.ts';
import type { Copy } from './keeping-copies.ts';
import { listCopies } from './keeping-copies.ts';

const LINES = 3;
const LINE_LENGTH = 200;

/** The newest copy that is still sound. */
export function newestGoodCopy(directory: string): Copy | undefined {
  return listCopies(directory).find(({ path }) => checkFile(path).length === 0);
}

/** What is damaged, what the check said, and the command that puts a copy back. */
export function reportDamage(directory: string, damages: readonly Damage[], now: number): string {
  return [
    'The state of the bot is damaged, so it does nothing.',
    ...damages.map((damage) => showDamage(directory, damage)),
    wayBack(directory, damages, now),
  ].join('\n');
}

export function showDamage(directory: string, { file, says }: Damage): string {
  const lines = says.flatMap((text) => text.split('\n')).map((line) => line.trim().slice(0, LINE_LENGTH));
  const more = lines.length > LINES ? ` (and ${lines.length - LINES} lines more)` : '';
  return `${directory}/${file}: ${lines.slice(0, LINES).join('; ')}${more}`;
}

function wayBack(directory: string, damages: readonly Damage[], now: number): string {
  const then = 'storagebot state restore\nThen start the bot again. First look at the disk: what damaged this can damage more.';
  if (!damages.some(({ file }) => file === 'storagebot.db')) return `The journal is sound. To let the rest be made anew: ${then}`;
  const copy = newestGoodCopy(directory);
  if (copy === undefined)
    return `There is no good copy of it in ${directory}/copies. Put a backup of the whole directory back, or move the directory away and start with an empty one: then what was being changed must be looked at by hand.`;
  return `The newest good copy is ${copy.path}, ${showAge(now - copy.at)} old; what happened since is not in it. To put it back: ${then}`;
}

export function showAge(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
