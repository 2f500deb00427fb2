import { parseArgs } from 'node:util';
import leven from 'leven';
import { calledBy, waysToCall } from '../core/called.ts';
import { messageOf, Refusal } from '../core/errors.ts';
import type { Runbook } from '../core/runbook.ts';
import { usageOf } from './help.ts';
import { type Wanted, wantedOf } from './wanted.ts';

export interface Flags {
  readonly config: string;
  readonly apply: boolean;
  readonly json: boolean;
}

export type Request =
  | { readonly do: 'help' | 'runbooks' }
  | { readonly do: 'check'; readonly flags: Flags }
  | { readonly do: 'freeze' | 'unfreeze'; readonly words: readonly string[]; readonly flags: Flags }
  | { readonly do: 'state'; readonly words: readonly string[]; readonly flags: Flags }
  | { readonly do: 'audit'; readonly words: readonly string[]; readonly anchors: readonly string[]; readonly flags: Flags }
  | { readonly do: 'known-run'; readonly wanted: Wanted; readonly flags: Flags }
  | { readonly do: 'run'; readonly runbook: Runbook; readonly arguments: readonly string[]; readonly flags: Flags };

export const DEFAULT_CONFIG = '/etc/storagebot/storagebot.yaml';

/** What a person typed after `storagebot`. Throws a Refusal that says what would be right. */
export function requestOf(argv: readonly string[], runbooks: readonly Runbook[], env: NodeJS.ProcessEnv): Request {
  const { values, positionals } = parsed(argv);
  const flags = { config: values.config ?? env['STORAGEBOT_CONFIG'] ?? DEFAULT_CONFIG, apply: values.apply, json: values.json };
  const [first, ...rest] = positionals;
  if (values.help || first === undefined || first === 'help') return { do: 'help' };
  if (first === 'runbooks') return { do: 'runbooks' };
  if (first === 'config') {
    if (rest.join(' ') !== 'check')
      throw new Refusal('bad-request', 'There is one command for the configuration: storagebot config check');
    return { do: 'check', flags };
  }
  if (first === 'freeze' || first === 'unfreeze') return { do: first, words: rest, flags };
  if (first === 'audit') return { do: 'audit', words: rest, anchors: values.anchor, flags };
  if (first === 'state') return { do: 'state', words: rest, flags };
  const wanted = wantedOf(first, rest);
  if (wanted !== undefined) return { do: 'known-run', wanted, flags };
  return {
    do: 'run',
    ...matching(first === 'run' && calledBy(positionals, runbooks) === undefined ? rest : positionals, runbooks),
    flags,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        apply: { type: 'boolean', default: false },
        anchor: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new Refusal('bad-request', `${messageOf(error)}\nSee storagebot --help.`);
  }
}

/** The runbook with the most words at the beginning of these, and what follows them. */
function matching(words: readonly string[], runbooks: readonly Runbook[]): { runbook: Runbook; arguments: readonly string[] } {
  const call = calledBy(words, runbooks);
  if (call !== undefined) return { runbook: call.called, arguments: words.slice(call.takes) };
  throw new Refusal(
    'bad-request',
    `No runbook is called "${words.join(' ')}".${nearest(words, runbooks)} See storagebot runbooks.`,
  );
}

function nearest(words: readonly string[], runbooks: readonly Runbook[]): string {
  const [best] = runbooks
    .flatMap((runbook) => waysToCall(runbook).map((way) => ({ ...runbook, words: way })))
    .map((way) => ({ way, away: leven(way.words.join(' '), words.slice(0, way.words.length).join(' ')) }))
    .toSorted((one, other) => one.away - other.away);
  return best === undefined || best.away > 4 ? '' : ` Did you mean: storagebot ${usageOf(best.way)}?`;
}
