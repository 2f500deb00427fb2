import { Refusal } from '../core/errors.ts';
import type { Engine, RunRequest } from '../core/ports.ts';
import type { Actor } from '../core/run.ts';

type Clean = (text: string) => string;

/** The same engine behind a door that no secret passes, whoever typed it: a request with one is refused, from the rest it is taken out. */
export function withoutSecrets(engine: Engine, clean: Clean): Engine {
  const by = <Word extends { readonly actor: Actor }>(word: Word): Word => ({ ...word, actor: named(word.actor, clean) });
  const said = <Word extends { readonly actor: Actor; readonly reason: string }>(word: Word): Word => ({
    ...by(word),
    reason: clean(word.reason),
  });
  return {
    ...engine,
    async start(request) {
      requireNoSecret(request, clean);
      return engine.start({ ...request, requester: named(request.requester, clean) });
    },
    decide: (request) => engine.decide(request.reason === undefined ? by(request) : said({ ...request, reason: request.reason })),
    follow: (request) => engine.follow(by(request)),
    cancel: (action) => engine.cancel(said(action)),
    takeOver: (action) => engine.takeOver(said(action)),
    withdraw: (run, because) => engine.withdraw(run, clean(because)),
    freeze: (word) => engine.freeze(said(word)),
    unfreeze: (word) => engine.unfreeze(said(word)),
  };
}

/** Before anything is written down: with `[secret]` in its place the words would ask for something else. */
function requireNoSecret({ arguments: words }: RunRequest, clean: Clean): void {
  const typed = words.join(' ');
  if (clean(typed) === typed && words.every((word) => clean(word) === word)) return;
  throw new Refusal(
    'bad-request',
    'What you typed holds something that looks like a secret, so nothing was done and nothing was kept. ' +
      'If it is one, replace it where it was issued. Name services, nodes and paths only.',
  );
}

function named({ id, name }: Actor, clean: Clean): Actor {
  return { id, name: clean(name) };
}
