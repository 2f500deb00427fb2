import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readBody, send } from './http.ts';
import { BOT_USER, SLACKBOT } from './ids.ts';
import { jsonText } from './json.ts';
import { dismissModal, submitModal } from './modals.ts';
import type { Lab } from './operator.ts';
import { LabError, openHome, pressInMessage, pressInView, runCommand, say } from './operator.ts';
import type { Change } from './state.ts';

const FILES: Readonly<Record<string, string>> = {
  'index.html': 'text/html',
  'style.css': 'text/css',
  'blocks.css': 'text/css',
  'app.js': 'text/javascript',
  'blocks.js': 'text/javascript',
  'composer.js': 'text/javascript',
  'dom.js': 'text/javascript',
  'markdown.js': 'text/javascript',
  'messages.js': 'text/javascript',
  'modal.js': 'text/javascript',
  'icons.js': 'text/javascript',
  'mrkdwn.js': 'text/javascript',
  'sidebar.js': 'text/javascript',
  'emoji.json': 'application/json',
};

const spoken = z.object({ user: z.string(), channel: z.string(), text: z.string().min(1), threadTs: z.string().optional() });
const press = z.object({ user: z.string(), actionId: z.string(), blockId: z.string().optional(), value: z.string().optional() });

/** What the page may ask for, each with the shape of its request. */
const ACTIONS: Readonly<Record<string, (lab: Lab, body: unknown) => Promise<unknown>>> = {
  command: (lab, body) => runCommand(lab, defined(spoken.parse(body))),
  say: (lab, body) => say(lab, defined(spoken.parse(body))),
  press: (lab, body) => {
    const { channel, ts, ...rest } = press.extend({ channel: z.string(), ts: z.string() }).parse(body);
    return pressInMessage(lab, defined(rest), { channel, ts });
  },
  'press-view': (lab, body) => {
    const { viewId, ...rest } = press.extend({ viewId: z.string() }).parse(body);
    return pressInView(lab, defined(rest), viewId);
  },
  submit: (lab, body) => {
    const { user, values } = z.object({ user: z.string(), values: z.record(z.string(), z.string()) }).parse(body);
    return submitModal(lab, user, values);
  },
  dismiss: (lab, body) => dismissModal(lab, z.object({ user: z.string() }).parse(body).user),
  home: (lab, body) => openHome(lab, z.object({ user: z.string() }).parse(body).user),
};

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Leaves out properties without a value, which our own types tell apart from absent ones. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as Defined<T>;
}

/** Serves the page, its live updates and what its operator does. */
export class PageServer {
  readonly #lab: Lab;
  readonly #streams = new Set<ServerResponse>();
  readonly #unsubscribe: () => void;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#unsubscribe = lab.workspace.subscribe((change) => {
      for (const stream of this.#streams) write(stream, change);
    });
  }

  stop(): void {
    this.#unsubscribe();
    for (const stream of this.#streams) stream.end();
  }

  serveFile(name: string, response: ServerResponse): void {
    const type = FILES[name];
    if (type === undefined) return send(response, 404, { error: 'not_found' });
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
    response.end(readFileSync(new URL(`page/${name}`, import.meta.url)));
  }

  /** Server-sent events: the whole state first, then every change. */
  stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    write(response, { kind: 'state', ...this.#state() });
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  async act(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const action = ACTIONS[name];
    // A form of another site cannot send this type, so no other page can press buttons here.
    if (action === undefined || request.headers['content-type'] !== 'application/json')
      return send(response, 404, { error: 'not_found' });
    try {
      const body = jsonText.parse(String(await readBody(request)));
      send(response, 200, (await action(this.#lab, body)) ?? {});
    } catch (error) {
      if (!(error instanceof LabError || error instanceof z.ZodError)) throw error;
      send(response, 400, { error: error.message });
    }
  }

  #state(): Record<string, unknown> {
    const { workspace, commands, botName } = this.#lab;
    return {
      bot: { id: BOT_USER, name: botName },
      slackbot: SLACKBOT,
      commands,
      users: workspace.users,
      channels: workspace.channels,
      messages: workspace.messages,
      views: workspace.users.map(({ id }) => ({ user: id, views: workspace.views(id) })),
      homes: workspace.users.map(({ id }) => ({ user: id, view: workspace.home(id) })),
    };
  }
}

function write(stream: ServerResponse, event: Change | Record<string, unknown>): void {
  stream.write(`data: ${JSON.stringify(event)}\n\n`);
}
