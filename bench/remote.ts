import { fork } from 'node:child_process';
import { messageOf } from '../src/core/errors.ts';

type Calls = Readonly<Record<string, (...input: never[]) => unknown>>;
type Result<Call extends (...input: never[]) => unknown> = Awaited<ReturnType<Call>>;

/** A process of its own that answers calls of this one. */
export interface Remote<C extends Calls> {
  readonly call: <Name extends keyof C & string>(name: Name, ...input: Parameters<C[Name]>) => Promise<Result<C[Name]>>;
  readonly stop: () => Promise<void>;
}

interface Request {
  readonly id: number;
  readonly name: string;
  readonly input: readonly never[];
}

type Reply = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string });

/** Runs in the other process: answers until the one that started it goes away, then cleans up. */
export function serve(calls: Calls, cleanUp: () => Promise<void>): void {
  process.on('message', (request) => void answer(calls, request as Request));
  process.once('disconnect', () => void cleanUp().finally(() => process.exit()));
  // A terminal sends it to all processes at once; the end of the first one is the sign to clean up.
  process.on('SIGINT', () => undefined);
}

/** Starts a file that serves these calls. */
export function startRemote<C extends Calls>(file: URL): Remote<C> {
  const child = fork(file, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on('message', (message) => {
    const reply = message as Reply;
    const { resolve, reject } = waiting.get(reply.id) ?? Promise.withResolvers();
    waiting.delete(reply.id);
    if ('error' in reply) reject(new Error(reply.error));
    else resolve(reply.result);
  });
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file.pathname} ended`));
  });
  const call: Remote<C>['call'] = (name, ...input) => {
    const id = (lastId += 1);
    const answered = Promise.withResolvers<unknown>();
    waiting.set(id, answered);
    child.send({ id, name, input });
    return answered.promise as Promise<never>;
  };
  return { call, stop: () => (child.disconnect(), ended) };
}

async function answer(calls: Calls, { id, name, input }: Request): Promise<void> {
  process.send?.(await replyTo(calls[name], { id, name, input }));
}

async function replyTo(call: Calls[string] | undefined, { id, name, input }: Request): Promise<Reply> {
  try {
    if (call === undefined) throw new Error(`There is no call ${name}`);
    return { id, result: await call(...input) };
  } catch (error) {
    return { id, error: messageOf(error) };
  }
}
