import { z } from 'zod';
import { validateMessage } from './blocks.ts';
import { BOT_USER, newId } from './ids.ts';
import type { LabMessage, NewMessage, Workspace } from './state.ts';

const USES = 5;
const LIFE_MS = 30 * 60_000;

/** What an app may answer with: to a response_url, and as the acknowledgement of a slash command. */
export const responseSchema = z.looseObject({
  text: z.string().default(''),
  blocks: z.array(z.unknown()).optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
  thread_ts: z.string().optional(),
});
export type AppResponse = z.output<typeof responseSchema>;

export interface ResponsePlace {
  readonly channel: string;
  readonly user: string;
  /** The message whose button was pressed. */
  readonly original?: string;
}

export interface ResponseResult {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly message?: LabMessage;
}

/** The addresses by which an app can answer 5 times within 30 minutes without a token. */
export class ResponseUrls {
  readonly #workspace: Workspace;
  readonly #issued = new Map<string, ResponsePlace & { readonly expiresAt: number; uses: number }>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Returns the path of a new address. */
  issue(place: ResponsePlace): string {
    const id = newId('R');
    this.#issued.set(id, { ...place, expiresAt: Date.now() + LIFE_MS, uses: 0 });
    return `/respond/${id}`;
  }

  use(id: string, body: unknown): ResponseResult {
    const place = this.#issued.get(id);
    if (place === undefined) return refused(404, 'no_such_url');
    if (place.uses >= USES) return refused(404, 'used_url');
    if (Date.now() > place.expiresAt) return refused(404, 'expired_url');
    place.uses += 1;
    return answerIn(this.#workspace, place, body);
  }
}

/** Posts, replaces or deletes as the app's answer says. */
export function answerIn(workspace: Workspace, place: ResponsePlace, body: unknown): ResponseResult {
  const parsed = responseSchema.safeParse(body);
  if (!parsed.success) return refused(400, 'invalid_payload');
  const response = parsed.data;
  const original = place.original === undefined ? undefined : workspace.find(place.channel, place.original);
  if (response.delete_original && original !== undefined) {
    workspace.delete(original);
    return { status: 200, body: { ok: true } };
  }
  const checked = validateMessage(response.blocks ?? []);
  if (!checked.ok) return refused(400, checked.error);
  if (response.text === '' && checked.blocks.length === 0) return refused(400, 'no_text');
  const content = { text: response.text, blocks: checked.blocks };
  const message =
    response.replace_original && original !== undefined
      ? workspace.change(original, { ...content, edits: original.edits + 1 })
      : workspace.post({ ...placed(place, response), ...content });
  return { status: 200, body: { ok: true }, message };
}

function placed({ channel, user }: ResponsePlace, response: AppResponse): Omit<NewMessage, 'text'> {
  return {
    channel,
    user: BOT_USER,
    ...(response.response_type === 'ephemeral' ? { visibleTo: user } : {}),
    ...(response.thread_ts === undefined ? {} : { threadTs: response.thread_ts }),
  };
}

function refused(status: number, error: string): ResponseResult {
  return { status, body: { ok: false, error } };
}
