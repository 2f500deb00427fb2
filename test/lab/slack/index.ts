import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { messageOf } from '../../../src/core/errors.ts';
import { readBody, send, uploadedFile } from './http.ts';
import { BOT_USER } from './ids.ts';
import { jsonText } from './json.ts';
import type { SubmitAnswer } from './modals.ts';
import type { CommandAnswer, Lab, PressAnswer, SlashCommand } from './operator.ts';
import { PageServer } from './page-server.ts';
import { ResponseUrls } from './response-urls.ts';
import { looking, people } from './scripting.ts';
import { SocketHub } from './socket.ts';
import type { LabChannel, LabMessage, LabUser, LabView } from './state.ts';
import { Workspace } from './state.ts';
import { Triggers } from './triggers.ts';
import { Uploads } from './uploads.ts';
import type { ApiCall, Fault } from './web-api/index.ts';
import { WebApi } from './web-api/index.ts';
import type { ApiLab } from './web-api/method.ts';

export type { SubmitAnswer } from './modals.ts';
export type { CommandAnswer, PressAnswer, SlashCommand } from './operator.ts';
export type { LabChannel, LabFile, LabMessage, LabUser, LabView } from './state.ts';
export type { ApiCall, Fault } from './web-api/index.ts';

export interface LabSlackOptions {
  /** A free one if absent. */
  readonly port?: number;
  readonly users: readonly LabUser[];
  readonly channels: readonly LabChannel[];
  readonly usergroups?: ApiLab['usergroups'];
  /** `/storage` if absent. */
  readonly commands?: readonly SlashCommand[];
  readonly botName?: string;
  /** Answers 429 at Slack's rates. Off if absent. */
  readonly rateLimits?: boolean;
  /** Slack's 3 s if absent; a test of a timeout may wait less. */
  readonly ackTimeoutMs?: number;
  readonly faults?: readonly { readonly method: string; readonly fault: Fault; readonly times?: number }[];
}

/** A Slack workspace on 127.0.0.1 with one app in it. Users and channels are named by id, channels also by name. */
export interface LabSlack {
  /** For `clientOptions.slackApiUrl`. */
  readonly apiUrl: string;
  readonly pageUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly botUserId: string;
  /** Socket Mode connections that take envelopes now. */
  readonly sockets: number;
  /** Everything that the app asked of the Web API, in order. */
  readonly calls: readonly ApiCall[];
  stop(): Promise<void>;

  /** Types a whole line, such as `/storage diagnose nfs immich`. */
  command(user: string, channel: string, text: string): Promise<CommandAnswer>;
  /** Presses a button; its confirmation is taken as given. `value` picks among buttons of the same action_id. */
  press(user: string, messageTs: string, channel: string, actionId: string, value?: string): Promise<PressAnswer>;
  pressInView(user: string, viewId: string, actionId: string, value?: string): Promise<PressAnswer>;
  /** Submits the person's top modal; values by block_id or action_id. */
  submit(user: string, values: Readonly<Record<string, string>>): Promise<SubmitAnswer>;
  dismiss(user: string): Promise<void>;
  /** Writes a message as a person; `@storagebot` mentions the app. */
  say(user: string, channel: string, text: string, threadTs?: string): Promise<LabMessage>;
  /** Posts as another app does through an incoming webhook: one attachment. */
  postFromApp(posted: { app: string; channel: string; title: string; titleLink: string; text: string }): Promise<LabMessage>;
  openHome(user: string): Promise<void>;

  /** Messages that everybody sees: of the channel without its threads, or of one thread with its root. */
  messages(channel: string, threadTs?: string): readonly LabMessage[];
  ephemerals(channel: string, user: string): readonly LabMessage[];
  /** The modals a person has open, the top one last. */
  views(user: string): readonly LabView[];
  home(user: string): LabView | undefined;
  /** The first message, old or new or changed, for which this holds. */
  waitFor(predicate: (message: LabMessage) => boolean, timeoutMs: number): Promise<LabMessage>;
  text(message: LabMessage): string;

  /** Makes the next calls of a Web API method go wrong. */
  inject(method: string, fault: Fault, times?: number): void;
  /** Asks one socket, or all, to reconnect, as Slack does every few hours. */
  refresh(which: 'one' | 'all'): void;
  /** Breaks one connection, or all, without a word. */
  cut(which: 'one' | 'all'): void;
}

const STORAGE_COMMAND: SlashCommand = {
  command: '/storage',
  description: 'Diagnose and repair the storage of the cluster',
  usageHint: 'help | diagnose … | status …',
};

/** Starts the workspace and resolves when it listens; rejects when the port is taken. */
export async function startLabSlack(options: LabSlackOptions): Promise<LabSlack> {
  const server = createServer();
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const lab = newLab(options, addressOf(server));
  const tokens = {
    botToken: `xoxb-lab-${randomBytes(8).toString('hex')}`,
    appToken: `xapp-lab-${randomBytes(8).toString('hex')}`,
  };
  const api = new WebApi(lab, tokens, options.rateLimits ?? false);
  for (const { method, fault, times = 1 } of options.faults ?? []) api.inject(method, fault, times);
  const page = new PageServer(lab);
  server.on('request', (request, response) => route({ lab, api, page }, request, response));
  server.on('upgrade', (request, socket, head) => lab.hub.upgrade(request, socket, head));
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    page.stop();
    lab.hub.stop();
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    ...addresses(lab),
    ...tokens,
    ...connectionControls(lab, api),
    ...people(lab),
    ...looking(lab),
    get sockets(): number {
      return lab.hub.size;
    },
    stop,
  };
}

function newLab(options: LabSlackOptions, baseUrl: string): ApiLab {
  const workspace = new Workspace(options.users, options.channels);
  return {
    workspace,
    hub: new SocketHub(options.ackTimeoutMs ?? 3_000),
    triggers: new Triggers(),
    responseUrls: new ResponseUrls(workspace),
    uploads: new Uploads(),
    commands: options.commands ?? [STORAGE_COMMAND],
    usergroups: options.usergroups ?? [],
    botName: options.botName ?? 'storagebot',
    baseUrl,
  };
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return `http://127.0.0.1:${address.port}`;
}

function addresses({ baseUrl }: Lab) {
  return { apiUrl: `${baseUrl}/api/`, pageUrl: `${baseUrl}/`, botUserId: BOT_USER };
}

interface Routes {
  readonly lab: ApiLab;
  readonly api: WebApi;
  readonly page: PageServer;
}

function route(routes: Routes, request: IncomingMessage, response: ServerResponse): void {
  respond(routes, request, response).catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else send(response, 500, { ok: false, error: 'fatal_error', says: messageOf(error) });
  });
}

async function respond({ lab, api, page }: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const [, area = '', name = ''] = pathname.split('/');
  if (area === 'api') return api.handle(name, request, response);
  if (area === 'page' && request.method === 'POST') return page.act(name, request, response);
  if (area === 'page') return name === 'events' ? page.stream(response) : page.serveFile(name, response);
  if (area === '' || area === 'archives') return page.serveFile('index.html', response);
  if (area === 'respond' && request.method === 'POST') {
    const body = jsonText.safeParse(String(await readBody(request)));
    const result = lab.responseUrls.use(name, body.data);
    return send(response, result.status, result.body);
  }
  if (area === 'upload' && request.method === 'POST') {
    const received = lab.uploads.receive(name, await uploadedFile(request));
    return send(response, received ? 200 : 400, received ? 'OK' : { ok: false, error: 'upload_failed' });
  }
  send(response, 404, { ok: false, error: 'not_found' });
}

function connectionControls({ hub }: Lab, api: WebApi) {
  return {
    calls: api.calls,
    inject: (method: string, fault: Fault, times = 1): void => api.inject(method, fault, times),
    refresh: (which: 'one' | 'all'): void => hub.refresh(which),
    cut: (which: 'one' | 'all'): void => hub.cut(which),
  };
}
